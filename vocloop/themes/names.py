"""Names of products and companies in the texts themselves, which are no themes.

A name that says nothing about what else a text speaks of (ours, a customer's, a product line's) is
told from one that does ("Excel" among programmers' questions) by asking whether the other words of
a text give the name away."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import islice

import numpy as np

from vocloop.themes.words import proper

# Words with a capital letter, one or two of them in a row, or in Latin letters amid Japanese.
_NAME = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9]+(?: [A-Z][A-Za-z0-9]+)?(?![A-Za-z0-9])")
_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_WORD = re.compile(r"[A-Za-z][a-z']+|[ぁ-ん]{2,}|[ァ-ヴー]{2,}|[一-龥]{1,4}")
# A name is in at least so many texts, and in at most this share of all.
LEAST_TEXTS = 30
LEAST_SHARE = 0.005
MOST_SHARE = 0.6
# Of the texts that hold the word in lower case too, at most this share.
AS_A_WORD = 0.05
# The other words tell the name from no name better than this area under the curve: it is a topic.
TELLING = 0.62
# Texts of each kind that are asked.
ASKED = 400
SEED = 7


def of_texts(texts: Sequence[str]) -> list[str | None]:
    """The name that each text holds, None for none; of several the rarest in the corpus.

    Deterministic; does not depend on the order of texts beyond what is drawn from them when a
    name is in more than ASKED."""
    return held(texts, found(texts))


def found(texts: Sequence[str]) -> list[str]:
    """The names in ``texts`` that are no topics, the rarest first."""
    holders = _holders(texts)
    words = _Words(texts, {part.lower() for name in holders for part in name.split()})
    rare_first = sorted(holders, key=lambda name: (len(holders[name]), name))
    return [name for name in rare_first if not words.tell(holders[name])]


def held(texts: Sequence[str], names: Sequence[str]) -> list[str | None]:
    """The first of ``names`` that each text holds, None for none."""
    if not names:
        return [None] * len(texts)
    return [next(filter(_in(text).__contains__, names), None) for text in texts]


def _in(text: str) -> set[str]:
    return {*_NAME.findall(text), *_KATAKANA.findall(text)}


def _holders(texts: Sequence[str]) -> dict[str, list[int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    lower: Counter[str] = Counter()
    for row, text in enumerate(texts):
        for name in _in(text):
            holders[name].append(row)
        lower.update(set(re.findall(r"\b[a-z]+\b", text)))
    least = max(LEAST_TEXTS, LEAST_SHARE * len(texts))
    return {
        name: rows
        for name, rows in holders.items()
        if least <= len(rows) <= MOST_SHARE * len(texts)
        and lower[name.lower()] <= AS_A_WORD * len(rows)
        and (name.isascii() or proper(name))
    }


class _Words:
    """The words of each text, for naive Bayes (two folds) of one name against other texts."""

    def __init__(self, texts: Sequence[str], names: Collection[str]) -> None:
        """``names``: words that may be names, which must not give each other away."""
        self._texts = texts
        self._names = names
        self._all = np.random.default_rng(SEED).permutation(len(texts))

    def tell(self, rows: Sequence[int]) -> bool:
        """Whether the other words of a text give away that it is one of ``rows``."""
        random = np.random.default_rng(SEED)
        own = random.permutation(np.array(rows))[:ASKED]
        held = set(rows)
        others = list(islice((i for i in self._all if i not in held), max(len(own), 100)))
        bags = [[self._bag(int(i)) for i in kind] for kind in (own, others)]
        scores: tuple[list[float], list[float]] = ([], [])
        for fold in (0, 1):
            seen = [Counter(w for bag in bags[k][1 - fold :: 2] for w in bag) for k in (0, 1)]
            size = [len(bags[k][1 - fold :: 2]) for k in (0, 1)]
            for k in (0, 1):
                for bag in bags[k][fold::2]:
                    scores[k].append(sum(_weight(w, seen, size) for w in bag))
        return _area(*scores) > TELLING

    def _bag(self, row: int) -> set[str]:
        return {w.lower() for w in _WORD.findall(self._texts[row])}.difference(self._names)


def _weight(word: str, seen: Sequence[Counter[str]], size: Sequence[int]) -> float:
    with_name, without = ((s[word] + 0.5) / (n + 1) for s, n in zip(seen, size, strict=True))
    return float(np.log(with_name / without))


def _area(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve, ties counted half."""
    if not positive or not negative:
        return 0.5
    ordered = np.sort(np.array(negative))
    below = np.searchsorted(ordered, positive, "left")
    upto = np.searchsorted(ordered, positive, "right")
    return float((below + upto).mean() / 2 / len(ordered))
