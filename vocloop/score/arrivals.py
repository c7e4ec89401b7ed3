"""Since when those who say a theme have been heard from at all.

Before a company was heard of anything, its silence about a theme is no proof that the theme did
not exist: where many customers came of late, their themes look young, and are not."""

from __future__ import annotations

import numpy as np

from vocloop.score.voices import COMPANY, Floats, Voices


def heard_from(voices: Voices) -> Floats:
    """(themes, months), oldest first: of those who say the theme, each as often as in the months
    in which it does, the share who could have said it by that month.

    A company counts from the month on in which it spoke of anything else; as it may have been
    there before, that month less the mean gap since then (the least of a uniform sample, estimated
    without bias; Johnson 1994, "Estimating the size of a population"). One that spoke of nothing
    else before, and whoever is no company, counts from the beginning. Undated voices say nothing
    here; a theme without any other has 1 throughout."""
    themes, months = len(voices.themes), voices.months
    dated = voices.month >= 0
    spoken = np.unique(
        np.stack([voices.who[dated], voices.theme[dated], voices.month[dated]]), axis=1
    )
    # Sorted by who, theme, month: the first of a pair is its oldest month.
    _, at, count = np.unique(
        spoken[0] * (themes + 1) + spoken[1] + 1, return_index=True, return_counts=True
    )
    who, theme, first = spoken[:, at]
    order = np.lexsort((first, who))
    begins = np.diff(who[order], prepend=-1) > 0
    ends = np.append(begins, True)[1:]
    second = np.where(ends, months, np.append(first[order], months)[1:])
    earliest = np.full(len(voices.people), months)
    earliest[who[order][begins]] = first[order][begins]
    # Of anything else: its earliest month, without the pair itself.
    other = earliest[who]
    other[order[begins]] = second[begins]
    others = np.bincount(who, count, len(voices.people))[who] - count
    known = (voices.kinds[who] == COMPANY) & (other <= first) & (others > 0)
    start = np.where(known, other - (months - other) / np.maximum(others, 1), 0.0).clip(min=0.0)
    # The month in which it comes counts in part.
    month = np.maximum(np.ceil(start).astype(np.int64) - 1, 0)
    part = np.minimum(month + 1 - start, 1.0)
    about = theme >= 0
    month, part, theme, count = month[about], part[about], theme[about], count[about]
    came = np.bincount(theme * (months + 1) + month, count * part, themes * (months + 1))
    came += np.bincount(theme * (months + 1) + month + 1, count * (1 - part), len(came))
    said = np.bincount(theme, count, themes)[:, None]
    share = np.cumsum(came.reshape(themes, months + 1)[:, :months], axis=1) / np.maximum(said, 1)
    return np.where(said > 0, np.minimum(share, 1.0), 1.0)
