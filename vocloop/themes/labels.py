"""Keywords and titles: what a theme is about, in the language of its members."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vocloop.themes import english, japanese
from vocloop.themes.prose import MASK, readable, sentences, width
from vocloop.themes.space import unit
from vocloop.themes.tone import praised, tells_fine, tells_problem
from vocloop.themes.words import words

Floats = NDArray[np.float32]
Theme = TypeVar("Theme", bound=Hashable)

KEYWORDS = 8
# A quote shown as representative must not repeat one that is shown already (cosine, centred).
SAME_QUOTE = 0.9
QUOTES = 6
# Columns below which a title says too little.
LEAST_TITLE = 20
# How much the nearness of its statement to the middle counts beside its words.
NEARNESS = 1.5
# How much more a line counts that tells of a problem or a wish.
TOLD = 1.5
# How much less one that says all is well, over a theme that doesn't praise.
CONCEDED = 0.4
# A line is as near the middle as its statement is only so far as it is what that says: an aside of
# a long one has not earned it. How much the share of the statement that a line makes counts.
EARNED = 0.3
# Statements looked at for a title: the most central ones of the language.
TITLE_CANDIDATES = 40
# Sentences of each; what comes after is about something else.
MOST_SENTENCES = 12
SEPARATOR = {"ja": "・", "en": ", "}
# A word is of a theme when this many times as large a share of it holds the word as of all.
LEAST_LIFT = 1.5
# A compound stands for its parts when this share of the statements that hold a part hold it whole.
AS_COMPOUND = 0.5
# What only one customer can mean: numbers (but not 2通), names in quotation marks, addresses, a
# day.
_SPECIFIC = re.compile(
    r"[0-9０-９]{2}|[0-9０-９](?![通回度つ重])|[「『\"“”]|@|https?:"
    r"|\b(?:my|his|her) (?:wife|husband|son|daughter|mom|mother|father|dad|boss|friend)"
    r"|\b(?:yesterday|today|tonight|last (?:week|night|month|year))\b"
    r"|昨日|今日|今朝|先日|先週|先月|去年",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Label:
    """Title and keywords per language ('ja', 'en'), and the representative rows, most central
    first. A language without members has no entry."""

    titles: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, list[str]] = field(default_factory=dict)
    quotes: Sequence[int] = ()


def label(
    texts: Sequence[str],
    languages: Sequence[str],
    themes: Sequence[Theme | None],
    points: Floats,
    *,
    only: Collection[Theme] | None = None,
    withheld: Collection[int] = (),
    progress: Callable[[int, int], None] | None = None,
) -> dict[Theme, Label]:
    """Labels for every theme in ``themes`` (None = unassigned), aligned with texts, languages
    and the rows of ``points`` (shape (n, r), unit length, from themes.space). ``only``: those that
    are to be labelled, the others are what they are told apart from. ``withheld``: rows of
    whose words nothing is made, though they count as quotes."""
    members: dict[Theme, list[int]] = defaultdict(list)
    for row, theme in enumerate(themes):
        if theme is not None:
            members[theme].append(row)
    shown = ["ja" if g == "ja" else "en" for g in languages]
    keys = _class_words(texts, shown, _without(members, withheld))
    labels: dict[Theme, Label] = {}
    wanted = {t: rows for t, rows in members.items() if only is None or t in only}
    for done, (theme, rows) in enumerate(wanted.items(), start=1):
        middle = unit(points[rows].mean(axis=0, keepdims=True))[0]
        central = [rows[int(i)] for i in np.argsort(-(points[rows] @ middle), kind="stable")]
        titles, keywords = {}, {}
        for language in ("ja", "en"):
            own = [i for i in central if shown[i] == language and i not in withheld]
            if not own:
                continue
            ranked = keys[theme, language]
            keywords[language] = _diverse(ranked)
            candidates = own[:TITLE_CANDIDATES]
            title = _title(
                [texts[i] for i in candidates],
                [float(points[i] @ middle) for i in candidates],
                language,
                ranked,
            )
            if title:
                titles[language] = title
        labels[theme] = Label(titles, keywords, _quotes(central, points, shown))
        if progress:
            progress(done, len(wanted))
    return labels


def _without(
    members: Mapping[Theme, list[int]], rows: Collection[int]
) -> Mapping[Theme, list[int]]:
    return {theme: [i for i in own if i not in rows] for theme, own in members.items()}


def _class_words(
    texts: Sequence[str], languages: Sequence[str], members: Mapping[Theme, Sequence[int]]
) -> dict[tuple[Theme, str], list[tuple[str, str, float]]]:
    """Per theme and language: (key, surface, weight), heaviest first, by class-based TF-IDF
    (Grootendorst 2022, eq. 2) over the share of statements that hold a word."""
    counts: dict[tuple[Theme, str], Counter[str]] = {}
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    total: dict[str, Counter[str]] = {"ja": Counter(), "en": Counter()}
    size: Counter[tuple[Theme, str]] = Counter()
    for theme, rows in members.items():
        for row in rows:
            language = languages[row]
            own = counts.setdefault((theme, language), Counter())
            found = words(texts[row], language)
            for key, surface in found:
                surfaces[key][surface] += 1
            distinct = {key for key, _ in found}
            own.update(distinct)
            total[language].update(distinct)
            size[theme, language] += 1
    result = {}
    for (theme, language), own in counts.items():
        classes = sum(1 for _, g in counts if g == language)
        mean = sum(total[language].values()) / max(classes, 1)
        everything = sum(n for (_, g), n in size.items() if g == language)
        n = size[theme, language]
        least = 1 if n < 4 else 2 if n < 40 else 3
        scored = {
            key: c / n * float(np.log1p(mean / total[language][key]))
            for key, c in _whole(own).items()
            if c >= least
            and (classes < 3 or c / n >= LEAST_LIFT * total[language][key] / everything)
        }
        ranked = sorted(scored, key=lambda key: (-scored[key], key))
        result[theme, language] = [
            (key, surfaces[key].most_common(1)[0][0], scored[key]) for key in ranked
        ]
    return result


def _whole(counts: Mapping[str, int]) -> dict[str, int]:
    """Words without those that are hardly ever said but as part of a compound."""
    parts: set[str] = set()
    for key, count in counts.items():
        pieces = key.split(" ")
        if len(pieces) > 1 and count > 1:
            parts |= {p for p in pieces if count >= AS_COMPOUND * counts.get(p, count)}
    return {key: count for key, count in counts.items() if key not in parts}


def _diverse(ranked: Sequence[tuple[str, str, float]]) -> list[str]:
    """The surfaces of the first KEYWORDS that share no part with one already taken."""
    taken: list[str] = []
    parts: set[str] = set()
    for key, surface, _ in ranked:
        pieces = set(key.split(" "))
        if pieces & parts or any(surface in t or t in surface for t in taken):
            continue
        taken.append(surface)
        parts |= pieces
        if len(taken) == KEYWORDS:
            break
    return taken


def _quotes(central: Sequence[int], points: Floats, languages: Sequence[str]) -> list[int]:
    """Central and diverse rows; when both languages are there, each has its voice."""
    both = len({languages[i] for i in central}) > 1
    taken: list[int] = []
    for row in central:
        if any(float(points[row] @ points[t]) > SAME_QUOTE for t in taken):
            continue
        same = sum(languages[t] == languages[row] for t in taken)
        if both and same >= QUOTES // 2:
            continue
        taken.append(row)
        if len(taken) == QUOTES:
            break
    return taken


def _title(
    texts: Sequence[str],
    nearness: Sequence[float],
    language: str,
    ranked: Sequence[tuple[str, str, float]],
) -> str | None:
    """What best names the problem among the clauses of the central statements: near the middle of
    the theme, full of its words, short, told as a problem, and not about one customer's case.
    Where none fits a list, the first keywords; None without any.

    ``texts`` come most central first with their ``nearness`` to the middle (cosine); ``ranked``:
    the theme's words, heaviest first."""
    weight = {key: value for key, _, value in ranked}
    spoken = japanese if language == "ja" else english
    praises = praised(texts)
    best, best_score = None, 0.0
    for text, near in zip(texts, nearness, strict=True):
        told = max(width(readable(text).strip()), 1)
        for sentence in sentences(text)[:MOST_SENTENCES]:
            earned = min(1.0, width(sentence) / told) ** EARNED
            for line in spoken.titles(sentence):
                score = max(near, 0.01) ** NEARNESS * _telling(line, language, weight)
                score *= earned * _toned(line, praises=praises)
                score *= 0.6 if spoken.pointing(line) else 1.0
                if score > best_score:
                    best, best_score = line, score
    return best or SEPARATOR[language].join(_diverse(ranked)[:3]) or None


def _telling(line: str, language: str, weight: Mapping[str, float]) -> float:
    """How much of the theme's words a title holds, for what else it says; 0: none."""
    if MASK.search(line):
        return 0.0
    found = {key for key, _ in words(line, language)}
    held = sum(weight.get(key, 0.0) for key in found)
    score: float = held / (len(found) + 2) ** 0.5 * min(1.0, width(line) / LEAST_TITLE) ** 2
    score *= 0.6 if _SPECIFIC.search(line) else 1.0
    return score


def _toned(line: str, *, praises: bool) -> float:
    """How well a title has the tone of its theme."""
    if praises:
        return TOLD if tells_fine(line) else 1.0
    return (TOLD if tells_problem(line) else 1.0) * (CONCEDED if tells_fine(line) else 1.0)
