"""Which department a text goes to, all that speaks for it together: descriptions, labels, and
other texts of its kind. Files, themes and single voices are all routed by this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vocloop.route.classify import (
    MIN_CHOICE,
    TRUSTS,
    Classifier,
    Doubles,
    Floats,
    Ints,
    Lessons,
    Trust,
    fit,
)
from vocloop.route.fields import Fields, marking, whole
from vocloop.route.neighbours import Pool, agreed
from vocloop.route.untaught import Untaught, centred, sureness, surer, untaught
from vocloop.route.wording import wording

# Texts without a label that others are compared with.
MOST_POOL = 4_000


@dataclass(frozen=True)
class Texts:
    """Texts of the kind to be routed: vectors (n, d), n texts, and the fields of all or of none."""

    vectors: Floats
    texts: Sequence[str]
    fields: Sequence[Fields] = ()


@dataclass(frozen=True)
class Machine:
    """pool: labelled texts first, then some of the sample. sampled: (n,) the row of each text of
    the sample in the pool, -1 for those that are not in it. untaught: None once there are labels.
    sureness: a factor on log-odds; other than 1 while there are too few labels to tell it."""

    classifier: Classifier
    pool: Pool
    sampled: Ints
    untaught: Untaught | None
    sureness: float = 1.0

    def odds(self, asked: Texts, own: Ints) -> Floats:
        """(n, k): how likely each department is for each text; rows add up to 1.

        own: (n,) each text's row in the pool, -1 for a text that is not in it."""
        told = self.classifier.probabilities(asked.vectors, asked.texts, asked.fields)
        if self.untaught is not None:
            return self.untaught.moved(told)
        moved = agreed(told, self.classifier.places(asked.vectors), self.pool, own)
        return moved if self.sureness == 1 else surer(moved, self.sureness)

    def confidence(self, odds: Floats) -> Doubles:
        """(n,): how likely it is that the likeliest department of each row of ``odds`` (n, k), or
        of a mean of rows, is right."""
        return self.classifier.reliability.of(odds)


def learn(
    described: Sequence[Floats],
    words: Sequence[str],
    sample: Texts,
    lessons: Lessons,
    trusts: Sequence[Trust] = TRUSTS,
) -> Machine:
    """described: the vectors (m_k, d) of what each of k departments says of itself; words: the
    same as text. sample: texts of the kind to be routed, none of the lessons; there is
    one text at least."""
    vectors, texts = np.concatenate([lessons.vectors, sample.vectors]), sample.texts
    labelled = len(lessons.labels)
    fields = whole(sample.fields, len(texts))
    classifier = fit(
        described,
        vectors.mean(axis=0),
        wording(words, [*lessons.texts, *texts]),
        lessons,
        trusts,
        marked=marking(lessons.fields, fields),
    )
    most = min(len(texts), MOST_POOL)
    kept = np.linspace(0, len(texts) - 1, most).astype(np.int64)
    sampled = np.full(len(texts), -1)
    sampled[kept] = labelled + np.arange(most)
    held = np.concatenate([lessons.vectors, sample.vectors[kept]])
    places = classifier.places(held)
    told = classifier.probabilities(
        held,
        [*lessons.texts, *(texts[i] for i in kept)],
        [*whole(lessons.fields, labelled), *(fields[i] for i in kept)],
    )[labelled:]
    known = np.eye(len(described), dtype=np.float32)[lessons.labels]
    pool = Pool(places, np.concatenate([known, told]))
    if not labelled:
        return Machine(classifier, pool, sampled, untaught(told, places))
    sure = 1.0
    if lessons.told() < MIN_CHOICE and most:
        own = labelled + np.arange(most)
        sure = sureness(centred(agreed(told, places[own], pool, own)), places[own])
    return Machine(classifier, pool, sampled, None, sure)
