"""Keywords and titles: what a theme is about, in the language of its members."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vocloop.themes.space import unit
from vocloop.themes.words import words

Floats = NDArray[np.float32]
Theme = TypeVar("Theme", bound=Hashable)

KEYWORDS = 8
# A quote shown as representative must not repeat one that is shown already (cosine, centred).
SAME_QUOTE = 0.9
QUOTES = 6
# A title is read in a list: shorter says too little, longer does not fit a row.
TITLE_JA = (10, 40)
TITLE_EN = (20, 80)
# Statements looked at for a title: the most central ones of the language.
TITLE_CANDIDATES = 40
_SENTENCE = re.compile(r"(?<=[。!?！？])\s*|(?<=[.!?])\s+(?=[A-Z\"'(])|\n+")
_OPENING = re.compile(
    r"^(?:(?:また|そして|ただ|しかし|でも|あと|なお|それと|それから|それで|ついでに|で、|ちなみに|正直|逆に|なので|しかも)[、,\s]*"
    r"|(?:and|but|so|also|well|honestly|then|plus|still)\b[,:\s]*)(?=\S)",
    re.IGNORECASE,
)
# What only one customer can mean: numbers, names in quotation marks, addresses, what was masked.
_SPECIFIC = re.compile(r"[0-9０-９]|X{2,}|[「『\"“]|@|https?:")
_QUESTION = ("?", "？", "か")


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
    progress: Callable[[int, int], None] | None = None,
) -> dict[Theme, Label]:
    """Labels for every theme in ``themes`` (None = unassigned), aligned with texts, languages
    and the rows of ``points`` (shape (n, r), unit length, from themes.space)."""
    members: dict[Theme, list[int]] = defaultdict(list)
    for row, theme in enumerate(themes):
        if theme is not None:
            members[theme].append(row)
    shown = ["ja" if g == "ja" else "en" for g in languages]
    keys = _class_words(texts, shown, members)
    labels: dict[Theme, Label] = {}
    for done, (theme, rows) in enumerate(members.items(), start=1):
        middle = unit(points[rows].mean(axis=0, keepdims=True))[0]
        central = [rows[int(i)] for i in np.argsort(-(points[rows] @ middle), kind="stable")]
        titles, keywords = {}, {}
        for language in ("ja", "en"):
            own = [i for i in central if shown[i] == language]
            if not own:
                continue
            ranked = keys[theme, language]
            keywords[language] = _diverse([surface for _, surface, _ in ranked])
            weight = {key: value for key, _, value in ranked}
            candidates = own[:TITLE_CANDIDATES]
            titles[language] = _title(
                [texts[i] for i in candidates],
                [float(points[i] @ middle) for i in candidates],
                language,
                weight,
            )
        labels[theme] = Label(titles, keywords, _quotes(central, points, shown))
        if progress:
            progress(done, len(members))
    return labels


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
        n = size[theme, language]
        least = 2 if n >= 4 else 1
        scored = [
            (
                key,
                surfaces[key].most_common(1)[0][0],
                c / n * float(np.log1p(mean / total[language][key])),
            )
            for key, c in own.items()
            if c >= least
        ]
        result[theme, language] = sorted(scored, key=lambda item: (-item[2], item[0]))
    return result


def _diverse(surfaces: Sequence[str]) -> list[str]:
    """The first KEYWORDS that are not part of, and do not hold, one already taken."""
    taken: list[str] = []
    for surface in surfaces:
        parts = set(surface.split()) if " " in surface else {surface}
        if any(surface in t or t in surface or parts & set(t.split()) for t in taken):
            continue
        taken.append(surface)
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
    weight: Mapping[str, float],
) -> str:
    """The sentence, among the central statements, that best names the problem: near the middle
    of the theme, full of its words, of a title's length, and not about one customer's case.

    ``texts`` come most central first with their ``nearness`` to the middle (cosine);
    ``weight``: the theme's words by key."""
    short, long = TITLE_JA if language == "ja" else TITLE_EN
    best, best_score = "", -1.0
    for text, near in zip(texts, nearness, strict=True):
        sentences = [s for s in _SENTENCE.split(text) if s.strip()]
        for sentence in sentences:
            line = _OPENING.sub("", " ".join(sentence.split())).strip(' 　。.、,・-*>"“”「」')
            if not line:
                continue
            found = {key for key, _ in words(line, language)}
            held = sum(weight.get(key, 0.0) for key in found) / (len(found) + 2) ** 0.5
            length = len(line)
            score = held * min(1.0, length / short, long / length) ** 2 * max(near, 0.01)
            # A sentence of a longer statement may be about its surroundings.
            score *= 1.0 if len(sentences) == 1 else 0.8
            score *= 0.7 if _SPECIFIC.search(line) else 1.0
            score *= 0.8 if line.endswith(_QUESTION) else 1.0
            if score > best_score:
                best, best_score = line, score
    if len(best) > 2 * long:
        cut = best[: 2 * long]
        best = (cut if language == "ja" else cut.rsplit(" ", 1)[0]) + "…"
    return best[:1].upper() + best[1:] if language == "en" else best
