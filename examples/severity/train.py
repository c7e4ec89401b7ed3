"""Train the head that reads severity: ``python examples/severity/train.py [--vectors FILE.npz]``.

Writes vocloop/score/severity_head.npz. Everything it learns from is in this repository: the texts
beside this script, and the voices of the invented sample company. ``--vectors`` keeps the vectors
between runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vocloop.config import settings
from vocloop.encode import load_encoder
from vocloop.score.lexicon import SIGNALS
from vocloop.score.severity import Voice, severities
from vocloop.score.severity_head import LENSES, WEIGHTS, Floats, core, pack
from vocloop.score.severity_training import Marked, train

HERE = Path(__file__).parent
HEAD = HERE.parents[1] / "vocloop" / "score" / WEIGHTS
LANGUAGES = ("en", "ja")
# What counts how much: a text of this folder, the same in a polite frame, a sample voice. The 1,480
# voices are all about one product: with more weight they would outvote everything else.
OWN, FRAMED, VOICE = 0.7, 0.3, 0.2
# Greetings and thanks say nothing of severity; the head learns it from every text inside one.
FRAMES = {
    "en": (
        (("Dear Customer Support Team,\n\nI hope this message finds you well. I am writing to you "
         "about the following. "), (" Thank you for your time and assistance. I look forward to "
         "hearing from you.\n\nBest regards,")),
        ("Hello,\n\n", ("\n\nPlease let me know if you need any further information.\n\n"
         "Kind regards,")),
        ("Dear support, I am reaching out regarding a matter at our company. ",
         " We appreciate your support and await your reply."),
    ),
    "ja": (
        ("お世話になっております。下記の件につきましてご連絡いたします。\n\n",
         "\n\nご確認のほど、よろしくお願いいたします。"),
        ("こんにちは。\n", "\nほかに必要な情報がございましたらお知らせください。"),
        ("ご担当者様\n\nいつもお世話になっております。",
         "\n\nお手数をおかけしますが、よろしくお願い申し上げます。"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """lenses None: nobody marked them. group: rows that say the same share it."""

    text: str
    language: str
    level: int
    lenses: tuple[str, ...] | None
    weight: float
    own: bool
    group: int


def texts() -> list[Text]:
    own = [(language, row) for language in LANGUAGES for row in _rows(HERE / f"{language}.jsonl")]
    out = [
        Text(r["text"], language, r["level"], tuple(r["lenses"]), OWN, own=True, group=i)
        for i, (language, r) in enumerate(own)
    ]
    for i, (language, row) in enumerate(own):
        before, after = FRAMES[language][i % len(FRAMES[language])]
        framed = before + row["text"].replace("\n\n", " ") + after
        out.append(
            Text(framed, language, row["level"], tuple(row["lenses"]), FRAMED, own=False, group=i)
        )
    voices = HERE.parent / "minamo" / "voices"
    for language in LANGUAGES:
        for row in _rows(voices / f"{language}.jsonl"):
            group = len(out)
            out.append(
                Text(row["text"], language, row["severity"], None, VOICE, own=False, group=group)
            )
    return out


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def marked(rows: list[Text], vectors: Floats) -> Marked:
    unknown = [np.nan] * len(LENSES)
    lexicon = [
        sum(judged.signals.values())
        for judged in severities([Voice(row.text, row.language) for row in rows])
    ]
    return Marked(
        vectors,
        np.array([row.level for row in rows], np.float64),
        np.array(
            [unknown if r.lenses is None else [n in r.lenses for n in LENSES] for r in rows],
            np.float64,
        ),
        np.array([row.weight for row in rows], np.float64),
        np.array([row.own for row in rows]),
        np.array([row.group for row in rows], np.int64),
        np.array(lexicon, np.float64),
    )


def encoded(rows: list[Text], kept: Path | None) -> Floats:
    """What the head reads of the texts; those that ``kept`` holds are not encoded again."""
    known: dict[str, Floats] = {}
    if kept is not None and kept.is_file():
        with np.load(kept, allow_pickle=False) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    missing = [row.text for row in rows if row.text not in known]
    if missing:
        encoder = load_encoder(None, settings().cache_dir)
        known |= dict(zip(missing, core(encoder.encode(missing)), strict=True))
        if kept is not None:
            np.savez(kept, texts=list(known), vectors=np.array(list(known.values())))
    return np.array([known[row.text] for row in rows], np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, help="keep vectors here between runs")
    rows = texts()
    vectors = encoded(rows, parser.parse_args().vectors)
    head = train(marked(rows, vectors))
    HEAD.write_bytes(pack(head))
    print(
        f"{HEAD.name}: {HEAD.stat().st_size // 1000} kB, {len(head.known)} known texts, "
        f"{len(SIGNALS)} signals beside it, slope {head.slope:.3f}, "
        f"intercept {head.intercept:.3f}, thresholds {head.thresholds.round(2).tolist()}"
    )


if __name__ == "__main__":
    main()
