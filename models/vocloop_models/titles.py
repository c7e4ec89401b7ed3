"""What a theme or an area is called in a reader's language, also while it has no title."""

from __future__ import annotations

from typing import Any

# Keywords that stand for a title that is missing, and what stands between them.
MOST_KEYWORDS = 3
BETWEEN = {"ja": "・", "en": ", "}


def called(named: Any, language: str) -> tuple[str, str]:
    """Its title, else its first keywords, and the language of these words; of each the reader's
    ``language`` comes first. "" when it has neither.

    ``named`` has title_ja and title_en, and may have keywords_ja and keywords_en."""
    languages = sorted(BETWEEN, key=lambda each: each != language)
    for each in languages:
        if title := getattr(named, f"title_{each}"):
            return title, each
    for each in languages:
        if keywords := getattr(named, f"keywords_{each}", ()):
            return BETWEEN[each].join(keywords[:MOST_KEYWORDS]), each
    return "", language
