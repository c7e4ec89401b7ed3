"""Which department a text belongs to: what departments say of themselves, moved by labelled texts.

A text's vector x, centred and of length 1, and the weights t of its words (wording.py) give
department k the log-odds w_k · x + u_k · t + b_k. Without labels w_k = s · p_k, where p_k is the
direction of k's description, and u_k = h · q_k, where q_k are the description's own words. Labelled
texts move both by logistic regression whose prior is centred there instead of at zero:

    min over w, u, b of  Σ_i v_i · −log P(y_i | x_i, t_i)
                         + ½ · stiffness · Σ_k (|w_k − s · p_k|² + |u_k − h · q_k|² / WORDS + b_k²)

(maximum a posteriori, Bishop, Pattern Recognition and Machine Learning, 4.3 and 4.5; offsets with
a stiffness of their own), with v_i the inverse root of how often y_i was seen, so that small
departments count too. How far descriptions are trusted (s, h, stiffness: one of TRUSTS), and how
sure it is, is set by the texts' own cross-validation. So is whether the fields of a text count
(fields.py), which are learned like words.
docs/method/routing.md has the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.utils.extmath import randomized_svd

from vocloop.route.fields import Fields, Marking, marking, whole
from vocloop.route.reliability import Reliability, as_told, reliability
from vocloop.route.wording import Wording

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Trust:
    """sharpness: log-odds of a text that lies where a description points; heed: log-odds of one
    standard deviation of likeness of words; stiffness: what a label must pay to move them."""

    sharpness: float
    heed: float
    stiffness: float


# Descriptions alone. More heed gains where texts name departments, and is too sure of itself where
# all queues use the same words (docs/method/routing.md).
UNTAUGHT = Trust(12.0, 0.25, 0.0)
# What cross-validation chooses from, from the most trusting to descriptions that say nothing.
TRUSTS = (
    Trust(16.0, 0.4, 0.3),
    Trust(12.0, 0.3, 0.15),
    Trust(8.0, 0.3, 0.08),
    Trust(4.0, 0.15, 0.08),
    Trust(0.0, 0.0, 0.08),
)
OFFSET_STIFFNESS = 1.0
# What a label learns from words beside what it learns from the vector.
WORDS = 0.4
# The same of fields, or nothing: finer choices let fields in that tell nothing
# (docs/method/routing.md).
FIELDS = 0.3
# What a field that uses a department's own words says beside what words of a text do.
CALLED = 0.5
# Log-odds from which on a field is named as a reason.
SPEAKS = 0.1
BALANCE = 0.5
FOLDS = 4
# Fewer labels than this choose no trust, and say nothing about how sure to be. What is decided of a
# theme is one label, however many its statements are.
MIN_CHOICE = 40
FEW_LABELS = TRUSTS[1]
# Labels that the choice is made on: more of them hardly change it, and a correction is learned
# while somebody waits.
MOST_CHOICE = 400
MAX_STEPS = 60
# Axes shorter than this, beside the longest, are rounding; of many texts no more than so many
# axes are followed.
LEAST_SIZE = 1e-6
MOST_AXES = 384


@dataclass(frozen=True)
class Classifier:
    """middle: (d,) taken off every vector; weights: (d, k); words: (t, k) of ``wording``'s t;
    offset: (k,); marks: (f, k) of ``marking``'s f, which are none where fields do not count;
    reliability: how often each department is right when it is the likeliest."""

    middle: Floats
    weights: Floats
    wording: Wording
    words: Floats
    offset: Floats
    marking: Marking
    marks: Floats
    reliability: Reliability

    def probabilities(
        self, vectors: Floats, texts: Sequence[str], fields: Sequence[Fields] = ()
    ) -> Floats:
        """(n, k) of ``vectors`` (n, d), their n ``texts`` and their ``fields``, n or none: each
        row adds up to 1."""
        odds = self.places(vectors) @ self.weights + self.offset
        odds += self.wording.weights(texts) @ self.words
        if fields and len(self.marks):
            odds += self.marking.weights(fields) @ self.marks
        return np.asarray(softmax(odds, axis=1), np.float32)

    def reasons(self, fields: Sequence[Fields], department: int) -> list[str]:
        """Names of fields that speak for ``department``, on average of texts with ``fields``, and
        more than for others."""
        if not len(self.marks):
            return []
        lead = self.marks[:, department] - self.marks.mean(axis=1)
        said = np.asarray(self.marking.weights(fields).mean(axis=0)).ravel() * lead
        told: dict[str, float] = {}
        for (name, _), column in self.marking.columns.items():
            told[name] = told.get(name, 0.0) + float(said[column])
        return sorted((n for n in told if told[n] >= SPEAKS), key=lambda name: -told[name])

    def places(self, vectors: Floats) -> Floats:
        """(n, d): ``vectors`` (n, d) centred and of length 1."""
        return unit(vectors - self.middle)


@dataclass(frozen=True)
class Lessons:
    """Texts whose department is known: vectors (n, d), n texts, labels (n,) of 0 … k−1, and the
    fields of all or of none.

    decisions: (n,) the number of the decision that told each, where one told several: all
    statements of a theme. None: each text was told by itself."""

    vectors: Floats
    texts: Sequence[str]
    labels: Ints
    decisions: Ints | None = None
    fields: Sequence[Fields] = ()

    def told(self) -> int:
        """How many decisions there are."""
        return len(self.labels if self.decisions is None else np.unique(self.decisions))


def unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def directions(described: Sequence[Floats]) -> Floats:
    """(k, d): where each department's description points, away from what all of them share.

    described: for each department the vectors (m_k, d) of its name and sentences."""
    centre = np.mean([vectors.mean(axis=0) for vectors in described], axis=0)
    return unit(np.stack([unit(vectors - centre).mean(axis=0) for vectors in described]))


def fit(
    described: Sequence[Floats],
    middle: Floats,
    wording: Wording,
    lessons: Lessons | None = None,
    trusts: Sequence[Trust] = TRUSTS,
    *,
    marked: Marking | None = None,
) -> Classifier:
    """A classifier over ``described``, (m_k, d) for each of k departments.

    middle: (d,), the mean of texts of the kind to be routed. trusts: what to choose from. marked:
    what fields weigh; None: as among the lessons alone."""
    pointed = directions(described).T
    none, reliable = np.zeros((0, len(described)), np.float32), as_told(len(described))
    if lessons is None or len(lessons.labels) == 0:
        weights, words = UNTAUGHT.sharpness * pointed, UNTAUGHT.heed * wording.told
        level = np.zeros(len(described), np.float32)
        return Classifier(middle, weights, wording, words, level, marking([], []), none, reliable)
    places, said = unit(lessons.vectors - middle), wording.weights(lessons.texts)
    fields = whole(lessons.fields, len(lessons.labels))
    marked = marked or marking(fields, [])
    marks = marked.weights(fields)
    values = [value for _, value in marked.columns]
    called = CALLED * (wording.weights(values) @ wording.told) if values else none
    # What moves lies in the span of the n texts: the search is for n coefficients at most.
    alike = places @ places.T + WORDS * (said @ said.T).toarray()
    taught = _Taught(
        _axes(alike),
        np.asarray(places @ pointed, np.float64),
        np.asarray(said @ wording.told, np.float64),
        lessons.labels,
        lessons.decisions,
    )
    trust, sureness, heeded = (FEW_LABELS if FEW_LABELS in trusts else trusts[0]), 1.0, False
    if lessons.told() >= MIN_CHOICE:
        trust, found = _choice(taught, trusts)
        if marks.nnz:
            read = replace(
                taught,
                reduced=_axes(alike + FIELDS * (marks @ marks.T).toarray()),
                worded=taught.worded + marks @ called,
            )
            better = _foretold(read, trust)
            gain = found.surprise - better.surprise
            # By more than its standard error (Breiman et al. 1984, 3.4.3), or chance lets in what
            # tells nothing.
            if gain.mean() > gain.std() / min(len(gain), lessons.told()) ** 0.5:
                taught, found, heeded = read, better, True
        sureness, reliable = found.sureness, found.reliability()
    moved, offset = taught.learn(trust)
    by_text = taught.reduced / (taught.reduced**2).sum(axis=0) @ moved
    weights = trust.sharpness * pointed + places.T @ by_text
    words = trust.heed * wording.told + WORDS * (said.T @ by_text)
    heeds = trust.heed * called + FIELDS * (marks.T @ by_text) if heeded else none
    return Classifier(
        middle,
        np.asarray(sureness * weights, np.float32),
        wording,
        np.asarray(sureness * words, np.float32),
        np.asarray(sureness * offset, np.float32),
        marked,
        np.asarray(sureness * heeds, np.float32),
        reliable,
    )


@dataclass(frozen=True)
class _Taught:
    """reduced: (n, r) the texts in axes of their own; pointed, worded: (n, k) how far descriptions
    and words speak for each department; labels: (n,); decisions: as in Lessons."""

    reduced: Doubles
    pointed: Doubles
    worded: Doubles
    labels: Ints
    decisions: Ints | None = None

    def some(self, rows: NDArray[np.bool_] | Ints) -> _Taught:
        decisions = None if self.decisions is None else self.decisions[rows]
        return _Taught(
            self.reduced[rows], self.pointed[rows], self.worded[rows], self.labels[rows], decisions
        )

    def told(self, trust: Trust) -> Doubles:
        return trust.sharpness * self.pointed + trust.heed * self.worded

    def worth(self) -> Doubles:
        """(n,) with mean 1, or less where one decision told several: texts of a department, and
        of a decision, that is seen often count less."""
        worth = np.bincount(self.labels)[self.labels].astype(np.float64) ** -BALANCE
        worth *= len(worth) / worth.sum()
        return np.asarray(worth * _decision_weights(self.decisions, len(worth)), np.float64)

    def learn(self, trust: Trust) -> tuple[Doubles, Doubles]:
        """How far the weights move, (r, k), and the offsets (k,)."""
        start, worth = self.told(trust), self.worth()
        (_, rank), departments = self.reduced.shape, start.shape[1]
        # Who decides on what came to them says nothing of how often it comes: while a department
        # has no label, the others' would draw everything to them.
        all_seen = len(np.unique(self.labels)) == departments
        shift = 1.0 if self.decisions is None or all_seen else 0.0
        target = np.eye(departments)[self.labels]

        def loss(flat: Doubles) -> tuple[float, Doubles]:
            moved, offset = flat[:-departments].reshape(rank, departments), flat[-departments:]
            told = log_softmax(start + self.reduced @ moved + offset, axis=1)
            wrong = worth[:, None] * (np.exp(told) - target)
            value = -float((worth[:, None] * target * told).sum())
            value += 0.5 * trust.stiffness * float((moved**2).sum())
            value += 0.5 * OFFSET_STIFFNESS * float((offset**2).sum())
            slopes = self.reduced.T @ wrong + trust.stiffness * moved
            return value, np.concatenate(
                [slopes.ravel(), shift * wrong.sum(axis=0) + OFFSET_STIFFNESS * offset]
            )

        found = minimize(
            loss,
            np.zeros((rank + 1) * departments),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MAX_STEPS},
        ).x
        return found[:-departments].reshape(rank, departments), found[-departments:]


def _decision_weights(decisions: Ints | None, count: int) -> Doubles:
    """(n,) how much each of ``count`` texts counts, less where one decision told several: together
    they count as the root of their number."""
    if decisions is None:
        return np.ones(count)
    return np.asarray(np.bincount(decisions)[decisions].astype(np.float64) ** -BALANCE, np.float64)


def _axes(alike: Floats) -> Doubles:
    """(n, r): n texts, which are ``alike`` (n, n), along the longest axes of their own."""
    if len(alike) > MOST_CHOICE:
        axes, sizes, _ = randomized_svd(alike, MOST_AXES, n_iter=1, random_state=0)
    else:
        sizes, axes = np.linalg.eigh(alike.astype(np.float64))
    kept = sizes > LEAST_SIZE * sizes.max()
    return np.asarray(axes[:, kept] * np.sqrt(sizes[kept]), np.float64)


@dataclass(frozen=True)
class _Foretold:
    """What others said of n texts that were not learned from. odds: (n, k) their log-odds; labels,
    decisions: as in Lessons; surprise: (n,) how surprising each text is, small departments counting
    as in ``learn``; sureness: the factor on log-odds that makes them least so (temperature scaling,
    Guo et al. 2017)."""

    odds: Doubles
    labels: Ints
    decisions: Ints | None
    surprise: Doubles
    sureness: float

    def reliability(self) -> Reliability:
        odds = np.asarray(softmax(self.sureness * self.odds, axis=1), np.float32)
        return reliability(odds, self.labels, _decision_weights(self.decisions, len(odds)))


def _choice(taught: _Taught, trusts: Sequence[Trust]) -> tuple[Trust, _Foretold]:
    """The trust under which texts that were not learned from are likeliest, and these."""
    found = [(trust, _foretold(taught, trust)) for trust in trusts]
    return min(found, key=lambda each: float(each[1].surprise.mean()))


def _foretold(taught: _Taught, trust: Trust) -> _Foretold:
    """Each text by what is learned from others, in FOLDS turns."""
    count = len(taught.labels)
    order = np.random.default_rng(0).permutation(count)
    if count > MOST_CHOICE:
        taught, count = taught.some(order[:MOST_CHOICE]), MOST_CHOICE
        order = np.arange(count)
    # What one decision told is alike: it is foretold by none of its own.
    fold = (order if taught.decisions is None else taught.decisions) % FOLDS
    odds = taught.told(trust)
    for turn in range(FOLDS):
        held = fold == turn
        moved, offset = taught.some(~held).learn(trust)
        odds[held] += taught.reduced[held] @ moved + offset
    surprise, _ = _sureness(odds, taught.labels, taught.worth())
    sureness = _sureness(odds, taught.labels, np.ones(count))[1]
    return _Foretold(odds, taught.labels, taught.decisions, surprise, sureness)


def _sureness(odds: Doubles, labels: Ints, worth: Doubles) -> tuple[Doubles, float]:
    """How surprising each text is by the factor on ``odds`` that makes them least so together, and
    that factor."""
    rows = np.arange(len(labels))

    def surprise(logarithm: float) -> Doubles:
        told = log_softmax(np.exp(logarithm) * odds, axis=1)[rows, labels]
        return np.asarray(-worth * told, np.float64)

    best = minimize_scalar(
        lambda logarithm: float(surprise(logarithm).mean()), bounds=(-3.0, 1.5), method="bounded"
    )
    return surprise(best.x), float(np.exp(best.x))
