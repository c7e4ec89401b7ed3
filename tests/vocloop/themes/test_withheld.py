"""Of what customers say whom only named people see, nothing is made that everyone reads."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_customer, add_theme, keep, say
from tests.fakes import WordEncoder
from tests.vocloop.worker.voices import add_voices
from vocloop.accounts import restricted, users
from vocloop.themes.facts import split
from vocloop.themes.labels import label
from vocloop.themes.refresh import refresh
from vocloop.worker import pipeline
from vocloop_models import Customer, FeedbackState, Role, Theme, Wording
from vocloop_models.database import reading, transaction

ENCODER = WordEncoder()
SECRET = "The turbine blueprint leaks from our vault"  # noqa: S105 - what a customer says
OPEN = "Exports of a report stop half-way"


@pytest.fixture
def keeper(session: Session) -> str:
    return users.add(session, "keeper", "Keeper", [Role.AGENT]).login


def titles(theme: Theme) -> list[str | None]:
    return [theme.title_ja, theme.title_en, theme.suggested_title_ja, theme.suggested_title_en]


def test_titles_and_keywords_are_made_of_the_others_words() -> None:
    texts = [*[f"{SECRET} {n}" for n in "abcdef"], *[OPEN] * 3]
    points = WordEncoder().encode(texts)
    found = label(texts, ["en"] * 9, ["one"] * 9, points, withheld=range(6))["one"]
    assert "turbine" not in f"{found.titles} {found.keywords}".casefold()
    assert "export" in found.titles["en"].casefold()
    alone = label(texts[:6], ["en"] * 6, ["one"] * 6, points[:6], withheld=range(6))["one"]
    assert (alone.titles, alone.keywords) == ({}, {})
    assert alone.quotes, "named people see them"


def test_a_run_makes_none_of_them(engine: Engine) -> None:
    with transaction(engine) as session:
        add_voices(session, 20)
        user = users.add(session, "keeper", "Keeper", [Role.AGENT])
        secret = keep(session, Customer(name="Vault"))
        for number in range(20):
            say(
                session,
                f"turbine blueprint vault leak {number}",
                customer=secret,
                state=FeedbackState.RECEIVED,
            )
        restricted.restrict(session, secret.id, [user.login])
    while pipeline.encode_some(engine, ENCODER):
        pass
    refresh(engine, ENCODER.name)
    with reading(engine) as session:
        made = session.exec(select(Theme)).all()
    assert any(titles(each) == [None] * 4 for each in made), "a theme of theirs alone is untitled"
    told = " ".join(f"{titles(each)} {each.keywords_en} {each.keywords_ja}" for each in made)
    assert "turbine" not in told
    assert "vault" not in told


def test_what_was_made_is_cleared_once_only_named_people_see_them(
    session: Session, keeper: str
) -> None:
    secret, other = add_customer(session, "Vault"), add_customer(session, "Minamo")
    theme, shared = add_theme(session, SECRET), add_theme(session, OPEN)
    hidden = say(session, SECRET, theme=theme, customer=secret)
    say(session, f"{OPEN}.", theme=shared, customer=secret)
    say(session, OPEN, theme=theme, customer=other)
    say(session, OPEN, theme=shared, customer=other)
    theme.keywords_en = ["turbine", "report"]
    theme.suggested_title_en = "Turbine blueprint leaks"
    theme.summary_en, theme.wording = "Blueprints leak.", "1"
    keep(session, Wording(digest="1", model="m", read=[str(hidden.id)]))
    restricted.restrict(session, secret.id, [keeper])
    session.refresh(theme)
    assert (theme.title_en, theme.suggested_title_en, theme.summary_en) == (None, None, None)
    assert theme.keywords_en == ["report"]
    assert shared.title_en == OPEN, "others say so too"


def test_a_title_that_a_person_gave_stays(session: Session, keeper: str) -> None:
    secret = add_customer(session, "Vault")
    theme = add_theme(session, SECRET)
    theme.fixed_en = True
    say(session, SECRET, theme=theme, customer=secret)
    restricted.restrict(session, secret.id, [keeper])
    assert theme.title_en == SECRET


def test_a_theme_that_is_split_off_is_not_called_by_them(session: Session, keeper: str) -> None:
    secret = add_customer(session, "Vault")
    theme = add_theme(session, "All")
    said = [say(session, SECRET, theme=theme, customer=secret).id for _ in range(2)]
    say(session, OPEN, theme=theme)
    restricted.restrict(session, secret.id, [keeper])
    born = session.get_one(Theme, split(session, theme.id, said).other_id)
    assert titles(born) == [None] * 4
