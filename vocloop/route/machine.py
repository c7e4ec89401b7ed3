"""Which department a text goes to, all that speaks for it together: descriptions, labels, and
other texts of its kind. Files, themes and single voices are all routed by this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vocloop.route.classify import TRUSTS, Classifier, Floats, Ints, Lessons, Trust, fit
from vocloop.route.neighbours import Pool, agreed
from vocloop.route.untaught import Untaught, untaught
from vocloop.route.wording import wording

# Texts without a label that others are compared with.
MOST_POOL = 4_000


@dataclass(frozen=True)
class Texts:
    """Texts of the kind to be routed: vectors (n, d) and n texts."""

    vectors: Floats
    texts: Sequence[str]


@dataclass(frozen=True)
class Machine:
    """pool: labelled texts first, then some of the sample. sampled: (n,) the row of each text of
    the sample in the pool, -1 for those that are not in it. untaught: None once there are
    labels."""

    classifier: Classifier
    pool: Pool
    sampled: Ints
    untaught: Untaught | None

    def odds(self, asked: Texts, own: Ints) -> Floats:
        """(n, k): how likely each department is for each text; rows add up to 1.

        own: (n,) each text's row in the pool, -1 for a text that is not in it."""
        told = self.classifier.probabilities(asked.vectors, asked.texts)
        if self.untaught is not None:
            return self.untaught.moved(told)
        return agreed(told, self.classifier.places(asked.vectors), self.pool, own)


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
    classifier = fit(
        described,
        vectors.mean(axis=0),
        wording(words, [*lessons.texts, *texts]),
        lessons,
        trusts,
    )
    most = min(len(texts), MOST_POOL)
    kept = np.linspace(0, len(texts) - 1, most).astype(np.int64)
    sampled = np.full(len(texts), -1)
    sampled[kept] = labelled + np.arange(most)
    places = classifier.places(np.concatenate([lessons.vectors, sample.vectors[kept]]))
    told = classifier.probabilities(sample.vectors[kept], [texts[i] for i in kept])
    known = np.eye(len(described), dtype=np.float32)[lessons.labels]
    pool = Pool(places, np.concatenate([known, told]))
    return Machine(classifier, pool, sampled, None if labelled else untaught(told, places))
