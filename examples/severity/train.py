"""Train the head that reads severity: ``python examples/severity/train.py [--vectors FILE.npz]``.

Writes vocloop/score/severity_head.npz. Everything it learns from is in this repository: the texts
beside this script, and the voices of the invented sample company. ``--vectors`` keeps the vectors
between runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vocloop.config import settings
from vocloop.encode import load_encoder
from vocloop.score.lexicon import SIGNALS
from vocloop.score.severity import Voice, severities
from vocloop.score.severity_head import LENSES, WEIGHTS, Floats, core, pack
from vocloop.score.severity_training import Lensed, Marked, train

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


# Of a text of the first files, most of which carry no lens, beside one that was written for them.
SCARCE = 0.5


@dataclass(frozen=True)
class Text:
    """group: rows that say the same share it."""

    text: str
    language: str
    level: int
    weight: float
    own: bool
    group: int


@dataclass(frozen=True)
class LensText:
    """own: written for the lenses. group: a text and its translation share it."""

    text: str
    language: str
    lenses: tuple[str, ...]
    weight: float
    own: bool
    group: int


def texts() -> list[Text]:
    own = [(language, row) for language in LANGUAGES for row in _rows(HERE / f"{language}.jsonl")]
    out = [
        Text(r["text"], language, r["level"], OWN, own=True, group=i)
        for i, (language, r) in enumerate(own)
    ]
    for i, (language, row) in enumerate(own):
        before, after = FRAMES[language][i % len(FRAMES[language])]
        framed = before + row["text"].replace("\n\n", " ") + after
        out.append(Text(framed, language, row["level"], FRAMED, own=False, group=i))
    voices = HERE.parent / "minamo" / "voices"
    for language in LANGUAGES:
        for row in _rows(voices / f"{language}.jsonl"):
            group = len(out)
            out.append(Text(row["text"], language, row["severity"], VOICE, own=False, group=group))
    return out


def lens_texts(kind: str = "") -> list[LensText]:
    """Those that the lenses are learned from; kind "held_out": those that are never."""
    files = [(f"{kind}.", 1.0)] if kind else [("lenses.", 1.0), ("", SCARCE)]
    out: list[LensText] = []
    for name, weight in files:
        first = len(out)
        for language in LANGUAGES:
            for i, r in enumerate(_rows(HERE / f"{name}{language}.jsonl")):
                lenses, own = tuple(r["lenses"]), bool(name)
                out.append(LensText(r["text"], language, lenses, weight, own, first + i))
    return out


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def ordinary(rows: Sequence[Text]) -> NDArray[np.bool_]:
    """Which of them are voices as they come."""
    return np.array([row.weight == VOICE for row in rows])


def marked(rows: list[Text], vectors: Floats) -> Marked:
    lexicon = [
        sum(judged.signals.values())
        for judged in severities([Voice(row.text, row.language) for row in rows])
    ]
    return Marked(
        vectors,
        np.array([row.level for row in rows], np.float64),
        np.array([row.weight for row in rows], np.float64),
        np.array([row.own for row in rows]),
        np.array([row.group for row in rows], np.int64),
        np.array(lexicon, np.float64),
    )


def lensed(rows: list[LensText], vectors: Floats) -> Lensed:
    return Lensed(
        vectors,
        np.array([[name in row.lenses for name in LENSES] for row in rows], np.float64),
        np.array([row.weight for row in rows], np.float64),
        np.array([row.own for row in rows]),
        np.array([row.group for row in rows], np.int64),
    )


def encoded(rows: Sequence[Text | LensText], kept: Path | None) -> Floats:
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
    rows, lens_rows = texts(), lens_texts()
    kept = parser.parse_args().vectors
    vectors = encoded(rows, kept)
    lenses = lensed(lens_rows, encoded(lens_rows, kept))
    head = train(marked(rows, vectors), lenses, vectors[ordinary(rows)])
    HEAD.write_bytes(pack(head))
    print(
        f"{HEAD.name}: {HEAD.stat().st_size // 1000} kB, {len(head.level.known)} and "
        f"{len(head.lens.known)} known texts, "
        f"{len(SIGNALS)} signals beside it, slope {head.slope:.3f}, "
        f"intercept {head.intercept:.3f}, thresholds {head.thresholds.round(2).tolist()}"
    )


if __name__ == "__main__":
    main()
