"""How good is an assignment of texts to themes, and does it live through a second run?

An assignment is a list of theme numbers, −1 for unassigned. Each unassigned text counts as a
theme of its own wherever agreement is measured: leaving texts out costs. Texts labelled OOS
belong to no theme and are left out of agreement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

OOS = "oos"
# A theme shows whether it mixes languages, or survives, only from a few texts on.
MIXED_LEAST = 8
SURVIVAL_LEAST = 5


@dataclass(frozen=True)
class Quality:
    """``ami`` (Vinh, Epps & Bailey 2010) and ``ari`` (Hubert & Arabie 1985) against the labels;
    ``unassigned``: share of all texts; ``purity``: share of the assigned texts that carry their
    theme's commonest label; ``pairs``: share of translations found in one theme; ``mixed``: share
    of themes in which each language reaches half its share of all texts. None: not to be said."""

    ami: float
    ari: float
    unassigned: float
    themes: int
    purity: float | None
    pairs: float | None
    mixed: float | None


@dataclass(frozen=True)
class Survival:
    """``ari`` of two runs over the texts both know; of the first run's themes the share that is
    ``identical`` in the second, and that is ``still`` there: some theme of the second run holds
    more than half of its texts, and these are more than half of that theme."""

    ari: float
    identical: float | None
    still: float | None


def quality(
    themes: Sequence[int],
    labels: Sequence[str],
    languages: Sequence[str],
    pairs: Sequence[str | None],
) -> Quality:
    """All lists are aligned by text."""
    known = [i for i, label in enumerate(labels) if label != OOS]
    truth = [labels[i] for i in known]
    found = singletons([themes[i] for i in known])
    return Quality(
        ami=float(adjusted_mutual_info_score(truth, found)),
        ari=float(adjusted_rand_score(truth, found)),
        unassigned=sum(t < 0 for t in themes) / max(len(themes), 1),
        themes=len({t for t in themes if t >= 0}),
        purity=purity(truth, [themes[i] for i in known]),
        pairs=pairs_together(themes, languages, pairs),
        mixed=mixed(themes, languages),
    )


def singletons(themes: Sequence[int]) -> list[int]:
    """Each unassigned text gets a number of its own."""
    free = max(themes, default=-1) + 1
    return [t if t >= 0 else free + i for i, t in enumerate(themes)]


def purity(labels: Sequence[str], themes: Sequence[int]) -> float | None:
    groups: dict[int, Counter[str]] = defaultdict(Counter)
    for label, theme in zip(labels, themes, strict=True):
        if theme >= 0:
            groups[theme][label] += 1
    total = sum(group.total() for group in groups.values())
    return sum(max(group.values()) for group in groups.values()) / total if total else None


def pairs_together(
    themes: Sequence[int], languages: Sequence[str], pairs: Sequence[str | None]
) -> float | None:
    by_pair: dict[str, dict[str, int]] = defaultdict(dict)
    for theme, language, pair in zip(themes, languages, pairs, strict=True):
        if pair:
            by_pair[pair][language] = theme
    both = [tuple(found.values()) for found in by_pair.values() if len(found) == 2]
    return sum(a >= 0 and a == b for a, b in both) / len(both) if both else None


def mixed(themes: Sequence[int], languages: Sequence[str]) -> float | None:
    share = {g: c / len(languages) for g, c in Counter(languages).items()}
    if len(share) < 2:
        return None
    groups: dict[int, Counter[str]] = defaultdict(Counter)
    for language, theme in zip(languages, themes, strict=True):
        if theme >= 0:
            groups[theme][language] += 1
    large = [group for group in groups.values() if group.total() >= MIXED_LEAST]
    if not large:
        return None
    hold_all = sum(
        all(group[g] / group.total() >= whole / 2 for g, whole in share.items()) for group in large
    )
    return hold_all / len(large)


def survival(first: Mapping[str, int], second: Mapping[str, int]) -> Survival:
    """Two runs as theme by id; ids that only one of them has are not looked at, nor are themes
    of the first run with fewer than SURVIVAL_LEAST common texts."""
    common = [i for i in first if i in second]
    before: dict[int, set[str]] = defaultdict(set)
    after: dict[int, set[str]] = defaultdict(set)
    for i in common:
        if first[i] >= 0:
            before[first[i]].add(i)
        if second[i] >= 0:
            after[second[i]].add(i)
    judged = [held for held in before.values() if len(held) >= SURVIVAL_LEAST]
    identical = still = 0
    for held in judged:
        best, kept = max(
            Counter(second[i] for i in held if second[i] >= 0).items(),
            key=lambda item: item[1],
            default=(-1, 0),
        )
        identical += held == after.get(best)
        still += 2 * kept > len(held) and 2 * kept > len(after.get(best, ()))
    return Survival(
        ari=float(
            adjusted_rand_score(
                singletons([first[i] for i in common]), singletons([second[i] for i in common])
            )
        ),
        identical=identical / len(judged) if judged else None,
        still=still / len(judged) if judged else None,
    )
