"""A theme that has no title is called by its keywords, else by what customers said."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer, add_theme, say
from vocloop.notify import letters
from vocloop_models import Theme
from vocloop_models.database import transaction

LONG = "The export of the monthly report stops at the third page and nobody says why it does"


def untitled(engine: Engine, said: str, **keywords: list[str]) -> Theme:
    with transaction(engine) as session:
        theme = add_theme(session, None, **keywords)
        for number in range(3):
            customer = add_customer(session, f"{said[:20]} {number}")
            say(session, said, theme=theme, customer=customer)
        return theme


def pages(client: TestClient, theme: Theme, language: str) -> list[str]:
    """Where its name is a heading, a line of a list, and what the palette offers."""
    asked = {"accept-language": language}
    return [
        client.get(path, headers=asked).text
        for path in (f"/themes/{theme.id}", "/themes?customers=1", "/search?text=export")
    ]


def test_its_first_keywords_stand_for_a_title(engine: Engine, client: TestClient) -> None:
    theme = untitled(
        engine,
        LONG,
        keywords_en=["export", "report", "page", "stop"],
        keywords_ja=["書き出し", "月次"],
    )
    for page in pages(client, theme, "en")[:2]:
        assert "export, report, page<" in page
        assert "Theme without a title" not in page
    for page in pages(client, theme, "ja")[:2]:
        assert "書き出し・月次<" in page
    assert "<title>export, report, page" in pages(client, theme, "en")[0]
    assert letters.title(theme, "en") == "export, report, page"
    assert letters.title(theme, "ja") == "書き出し・月次"


def test_words_of_the_other_language_are_marked_as_such(engine: Engine, client: TestClient) -> None:
    theme = untitled(engine, LONG, keywords_en=["export"])
    assert '<span lang="en">export</span>' in pages(client, theme, "ja")[1]


def test_without_keywords_its_most_central_words_are_quoted(
    engine: Engine, client: TestClient
) -> None:
    theme = untitled(engine, LONG)
    quoted = f"“{LONG[:60].rstrip()}…”"
    assert len(quoted) < len(LONG)
    for page in pages(client, theme, "en"):
        assert quoted in page
    assert f'<span lang="en">「{LONG[:60].rstrip()}…」</span>' in pages(client, theme, "ja")[1]


def test_with_nothing_at_all_it_says_so(engine: Engine, client: TestClient) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, None)
    assert "Theme without a title" in client.get(f"/themes/{theme.id}").text
