"""The systems that are compared, each run in a process of its own.

``python benchmarks/systems.py NAME INPUT.npz OUTPUT.json`` runs one of SYSTEMS as it comes out of
the box on given vectors. All figures of a system are from one process: the peak of its memory is
read after the first run, so that later runs for stability do not count."""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Ints = NDArray[np.int32]

# Rows of an untimed first run: the peers compile themselves on their first call.
WARM_UP = 300
SEED = 0


class Stopwatch:
    """Time spent inside the methods it was put around: ``seconds`` passed, and ``computed`` by the
    processor, over all threads, which a busy machine stretches less."""

    def __init__(self) -> None:
        self.seconds = self.computed = 0.0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            started, computed = time.perf_counter(), time.process_time()
            try:
                return call(*given, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.computed += time.process_time() - computed

        return timed


class Input:
    """``vectors`` (n, d), L2-normalised, in half precision as the database holds them, which is
    what vocloop gets; ``full``: the same for systems that take no halves. Aligned ``ids``,
    ``texts``, ``languages``; ``kinds``: how many labels there are, which only k-means is told."""

    def __init__(
        self,
        vectors: Halves,
        ids: Sequence[str],
        texts: Sequence[str],
        languages: Sequence[str],
        kinds: int,
    ) -> None:
        self.vectors, self.kinds = vectors, kinds
        self.ids, self.texts, self.languages = list(ids), list(texts), list(languages)

    @cached_property
    def full(self) -> Floats:
        return self.vectors.astype(np.float32)

    def at(self, rows: NDArray[np.intp]) -> Input:
        return Input(
            self.vectors[rows],
            [self.ids[i] for i in rows],
            [self.texts[i] for i in rows],
            [self.languages[i] for i in rows],
            self.kinds,
        )


def vocloop(given: Input, watch: Stopwatch) -> Ints:
    from vocloop.themes.discover import discover

    return np.asarray(watch.around(discover)(given.vectors, given.languages).labels, np.int32)


def bertopic(given: Input, watch: Stopwatch) -> Ints:
    return _bertopic(given, watch)[1]


def bertopic_reduced(given: Input, watch: Stopwatch) -> Ints:
    """Outliers go to the topic of the most similar vectors: the strategy that needs no words,
    which the default vectoriser does not find in Japanese."""
    model, topics = _bertopic(given, watch)
    if not (topics >= 0).any() or (topics >= 0).all():
        return topics
    moved = watch.around(model.reduce_outliers)(
        given.texts, topics.tolist(), strategy="embeddings", embeddings=given.full
    )
    return np.asarray(moved, np.int32)


def _bertopic(given: Input, watch: Stopwatch) -> tuple[Any, Ints]:
    from bertopic import BERTopic

    model = BERTopic()
    # Only the search for clusters is timed, not the words of topics.
    for part in (model.umap_model, model.hdbscan_model):
        part.fit = watch.around(part.fit)
    model.umap_model.transform = watch.around(model.umap_model.transform)
    topics, _ = model.fit_transform(given.texts, embeddings=given.full)
    return model, np.asarray(topics, np.int32)


def evoc(given: Input, watch: Stopwatch) -> Ints:
    from evoc import EVoC

    return np.asarray(watch.around(EVoC().fit_predict)(given.full), np.int32)


def kmeans(given: Input, watch: Stopwatch) -> Ints:
    from sklearn.cluster import KMeans

    model = KMeans(min(given.kinds, len(given.vectors)), random_state=SEED)
    return np.asarray(watch.around(model.fit_predict)(given.full), np.int32)


System = Callable[[Input, Stopwatch], Ints]
# By the name in the tables: the function and the package it needs.
SYSTEMS: dict[str, tuple[System, str]] = {
    "vocloop": (vocloop, "vocloop"),
    "k-means, true k": (kmeans, "sklearn"),
    "BERTopic": (bertopic, "bertopic"),
    "BERTopic, outliers reduced": (bertopic_reduced, "bertopic"),
    "EVoC": (evoc, "evoc"),
}
OWN = ("vocloop", "k-means, true k")


def missing(names: Sequence[str]) -> list[str]:
    """Packages that ``names`` need and that are not installed."""
    return sorted({p for n in names if find_spec(p := SYSTEMS[n][1]) is None})


def run(system: System, given: Input, *, stability: bool) -> dict[str, Any]:
    """Themes of all rows as ``all``, time, peak memory in MB, of which ``before_mb`` were
    taken before the timed run by libraries and input. With ``stability`` also: the themes of all
    rows shuffled, and of the first 90 % as shuffled, as theme by row number."""
    random = np.random.default_rng(SEED)
    count = len(given.vectors)
    if count > WARM_UP:
        system(given.at(random.permutation(count)[:WARM_UP]), Stopwatch())
    before, watch = peak_mb(), Stopwatch()
    found: dict[str, Any] = {"all": system(given, watch).tolist()}
    found |= {"seconds": watch.seconds, "computed": watch.computed}
    found |= {"peak_mb": peak_mb(), "before_mb": before}
    if stability:
        order = random.permutation(count)
        for name, rows in (("shuffled", order), ("part", order[: count * 9 // 10])):
            themes = system(given.at(rows), Stopwatch()).tolist()
            found[name] = dict(zip(rows.tolist(), themes, strict=True))
    return found


def peak_mb() -> float:
    """In MB. On Linux getrusage begins with the peak of the parent process, which holds the same
    vectors, so the kernel's own mark of this process is read there."""
    status = Path("/proc/self/status")
    if status.exists():
        marks = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(marks["VmHWM"].split()[0]) / 2**10
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    name, source, out, *rest = sys.argv[1:]
    # The peers' warnings are not ours to mend.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    with np.load(source) as kept:
        given = Input(
            kept["vectors"],
            kept["ids"].tolist(),
            kept["texts"].tolist(),
            kept["languages"].tolist(),
            int(kept["kinds"]),
        )
    found = run(SYSTEMS[name][0], given, stability="--stability" in rest)
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
