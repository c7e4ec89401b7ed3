"""Errors of the domain are said in the reader's language, at once or after they were kept."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.ui.planned import Plan
from vocloop.errors import ConflictError, InvalidInputError, RemoteError, says
from vocloop.roadmap import rounds
from vocloop.roadmap.trackers import store
from vocloop_models import ItemState, Stage, TrackerKind
from vocloop_models.database import transaction
from vocloop_ui import domain_words
from vocloop_ui.domain_words import told
from vocloop_ui.i18n import DOMAIN, LANGUAGES, Reader, domain_messages

JA, EN = (Reader(language, ZoneInfo("Asia/Tokyo")) for language in ("ja", "en"))
DOMAIN_CODE = Path(__file__).parents[2] / "vocloop"


def test_a_message_is_english_and_keeps_how_it_was_made() -> None:
    made = says("%(item)s is at %(stage)s: 100 %%", item="B-0001", stage=Stage.TRUST)
    assert made == "B-0001 is at trust: 100 %"
    assert str(ConflictError(made)) == "B-0001 is at trust: 100 %"
    assert says("from %(ways)s", ways=(Stage.TRUST, Stage.POLICY)) == "from trust, policy"


def test_values_are_said_in_the_readers_language_too() -> None:
    error = ConflictError(
        says(
            "%(item)s is %(state)s: it can't become %(to)s; from here leads %(ways)s",
            item="B-0001",
            state=ItemState.SHIPPED,
            to=ItemState.PROPOSED,
            ways=says("nothing but a decision"),
        )
    )
    said = told(JA, error)
    assert "B-0001は「提供" in said
    assert "決定のみ" in said
    assert not re.search("[a-z]{3}", said)
    assert told(EN, error) == str(error)


def test_an_error_within_an_error_is_said_too() -> None:
    inner = RemoteError(says("%(host)s did not answer (%(kind)s)", host="api.test", kind="OSError"))
    outer = RemoteError(says("%(error)s; it is tried again", error=inner))
    assert told(JA, outer) == "api.testが応答しませんでした(OSError)。 自動でもう一度試します。"
    kept = told(JA, str(outer))
    assert kept == told(JA, outer), "as text that was kept"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_known_again_when_it_was_kept(language: str) -> None:
    """Filled in with values that are told apart, each message finds its own translation."""
    reader = Reader(language, ZoneInfo("UTC"))
    for pattern, translation in domain_messages(language):
        if len(re.sub(r"%\(\w+\)s", "", pattern)) < domain_words.LEAST_LETTERS:
            continue
        holes = dict.fromkeys(re.findall(r"%\((\w+)\)s", pattern), "")
        values = {name: f"X{place}" for place, name in enumerate(holes)}
        assert told(reader, pattern % values) == translation % values, pattern


def test_what_was_never_made_so_is_left_to_the_page() -> None:
    assert told(JA, "database is locked") == ""
    assert told(EN, "database is locked") == "database is locked"
    assert told(JA, InvalidInputError("something plain")) == ""


def test_each_message_of_the_domain_is_in_the_catalogues() -> None:
    """A pattern that is put together at run time would find no translation."""
    odd = [
        path.name
        for path in DOMAIN_CODE.rglob("*.py")
        if re.search(r"(?<![\w.])says\(\s*(?![\"'\s])", path.read_text("utf-8"))
        and path.name != "errors.py"
    ]
    assert odd == []
    assert JA.pgettext(DOMAIN, "say who does it") == "名前を書いてください。"


def test_a_page_of_an_error_is_in_the_readers_language(
    engine: Engine, made: Plan, client: TestClient
) -> None:
    with transaction(engine) as session:
        rounds.close(session, made.round)
    path = f"/rounds/{made.round}/scenarios"
    said = client.post(path, data={"name": "x"}, headers={"accept-language": "ja"})
    assert said.status_code == 409
    assert "はすでに締められています" in said.text
    assert "is closed; open another one" not in said.text
    assert "is closed; open another one" in client.post(path, data={"name": "x"}).text


def test_a_tracker_without_a_key_says_so_in_the_readers_language(
    engine: Engine, client: TestClient
) -> None:
    with transaction(engine) as session:
        made = store.add(session, "web-team", TrackerKind.GITHUB, "acme/web")
    client.post(f"/trackers/{made.id}/poll")
    page = client.get("/trackers", headers={"accept-language": "ja"}).text
    assert "環境変数VOCLOOP_TRACKER_WEB_TEAM_TOKENを設定するか" in page
    assert "to the path of a file" not in page
    assert "to the path of a file" in client.get("/trackers").text
