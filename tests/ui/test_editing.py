"""Editing themes in place: each step posts, tells what it did, and can be undone."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests import applications
from tests.api.records import add_theme
from tests.ui.conftest import client_of
from tests.ui.seed import seed
from vocloop.themes import facts
from vocloop_models import (
    ProposalKind,
    Theme,
    ThemeFact,
    ThemeMembership,
    ThemeProposal,
    ThemeState,
    ValueLayer,
)
from vocloop_models.database import open_database, transaction, upgrade
from vocloop_ui import edits
from vocloop_ui.i18n import Reader

Company = tuple[Engine, dict[str, uuid.UUID]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('edited') / 'vocloop.db'}")
    upgrade(engine)
    yield engine, seed(engine)
    engine.dispose()


@pytest.fixture
def client(company: Company) -> TestClient:
    return client_of(applications.pages(company[0]))


def theme(company: Company, key: str) -> Theme:
    with Session(company[0]) as session:
        found = session.get(Theme, company[1][key])
    assert found is not None
    return found


def members(company: Company, key: str) -> list[uuid.UUID]:
    with Session(company[0]) as session:
        of = ThemeMembership.theme_id == company[1][key]
        return list(session.exec(select(ThemeMembership.statement_id).where(of)))


def follow(client: TestClient, address: str, data: dict[str, object] | None = None) -> str:
    """Post, then read the page that the answer leads to."""
    answer = client.post(address, data=data or {})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def undo(client: TestClient, page: str) -> str:
    back = re.search(r'class="toast".*?action="(/edits/[^"]+/undo)"', page, re.DOTALL)
    assert back is not None, "the toast offers no way back"
    return follow(client, back[1])


def test_a_rename_in_one_language_is_told_and_undone(client: TestClient, company: Company) -> None:
    before = theme(company, "approver_absent")
    at = f"/themes/{before.id}"
    given = {"was_ja": before.title_ja, "title_ja": before.title_ja, "was_en": before.title_en}
    page = follow(client, f"{at}/rename", {**given, "title_en": "Approvals wait for holidays"})
    assert "The theme has its new title." in page
    after = theme(company, "approver_absent")
    assert after.title_en == "Approvals wait for holidays"
    assert after.title_ja == before.title_ja
    assert not after.fixed_ja, "a title that was not touched stays the runs' to change"
    assert "The edit is undone." in undo(client, page)
    assert theme(company, "approver_absent").title_en == before.title_en


def test_a_title_that_somebody_else_gave_meanwhile_is_not_overwritten(
    client: TestClient, company: Company
) -> None:
    known = theme(company, "receipt_ocr")
    given = {"was_en": known.title_en or "", "title_en": "First"}
    page = follow(client, f"/themes/{known.id}/rename", given)
    clash = client.post(f"/themes/{known.id}/rename", data={**given, "title_en": "Second"})
    assert clash.status_code == 409
    assert "First" in clash.text
    assert "Second" in clash.text
    assert theme(company, "receipt_ocr").title_en == "First"
    undo(client, page)


def test_a_title_that_somebody_else_gives_at_the_same_time_is_not_overwritten(
    engine: Engine,
) -> None:
    client = client_of(applications.pages(engine))
    with transaction(engine) as session:
        known = add_theme(session, "Old").id
    mine = {"was_en": "Old", "title_en": "Mine"}
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            facts.rename(session, known, {"en": "Theirs"})
            answer = pool.submit(client.post, f"/themes/{known}/rename", data=mine)
            wait([answer], 0.3)
        assert answer.result(10).status_code == 409
    with Session(engine) as session:
        assert session.get_one(Theme, known).title_en == "Theirs"


def test_a_title_in_the_other_language_that_somebody_gave_meanwhile_outlives_the_choice(
    client: TestClient, company: Company
) -> None:
    known = theme(company, "receipt_ocr")
    at = f"/themes/{known.id}/rename"
    seen = {"was_ja": known.title_ja or "", "was_en": known.title_en or ""}
    theirs = {"title_ja": "彼らの題", "title_en": "Theirs"}
    page = follow(client, at, {**seen, **theirs})
    mine = {"title_ja": seen["was_ja"], "title_en": "Mine"}
    clash = client.post(at, data={**seen, **mine}).text
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', clash)
    again = follow(client, at, {**{k: html.unescape(v) for k, v in hidden}, "title_en": "Mine"})
    after = theme(company, "receipt_ocr")
    assert (after.title_ja, after.title_en) == ("彼らの題", "Mine")
    undo(client, again)
    undo(client, page)


def test_a_rename_in_both_languages_is_undone_whole(client: TestClient, company: Company) -> None:
    before = theme(company, "receipt_ocr")
    given = {"was_ja": before.title_ja or "", "was_en": before.title_en or ""}
    at = f"/themes/{before.id}"
    page = follow(client, f"{at}/rename", {**given, "title_ja": "新しい", "title_en": "New"})
    back = undo(client, page)
    assert "The edit is undone." in back
    assert f"<h1>{html.escape(before.title_en or '')}" in back, "it leads back to the theme"
    after = theme(company, "receipt_ocr")
    assert (after.title_ja, after.title_en) == (before.title_ja, before.title_en)


def test_what_did_not_go_back_is_told_sentence_by_sentence() -> None:
    reader = Reader("en", ZoneInfo("Asia/Tokyo"))
    kept = ["2 statements stay there", "T-0001 stays as it is"]
    told = "The edit is undone. 2 statements stay there. T-0001 stays as it is."
    assert edits.remarks(reader, kept) == told


@pytest.mark.parametrize(
    ("moved", "en", "ja"),
    [
        (1, "1 statement has been placed elsewhere since and stays there.", "発言1件は"),
        (2, "2 statements have been placed elsewhere since and stay there.", "発言2件は"),
    ],
)
def test_what_did_not_go_back_is_counted_in_the_readers_language(
    client: TestClient, company: Company, moved: int, en: str, ja: str
) -> None:
    keys = ("receipt_ocr", "audit_export", "approver_absent")
    own, other, third = (theme(company, key).id for key in keys)
    for language, told in (("en", en), ("ja", ja)):
        some = members(company, "receipt_ocr")[:moved]
        with transaction(company[0]) as session:
            merged = facts.merge(session, own, other).id
            away = [fact.id for fact in facts.move(session, some, third)]
        answer = client.post(f"/edits/{merged}/undo", headers={"accept-language": language})
        page = client.get(answer.headers["location"], headers={"accept-language": language}).text
        assert told in page
        client.post(f"/edits/{','.join(map(str, away))}/undo")


def test_pin_and_archive_are_undone_by_the_same_button(
    client: TestClient, company: Company
) -> None:
    known = theme(company, "audit_export")
    page = follow(client, f"/themes/{known.id}/pin")
    assert "Unpin" in page
    undo(client, page)
    assert not theme(company, "audit_export").pinned
    page = follow(client, f"/themes/{known.id}/archive")
    assert "This theme is archived" in page
    undo(client, page)
    assert theme(company, "audit_export").state is ThemeState.ACTIVE


def test_an_edit_is_kept_under_the_name_of_who_made_it(
    client: TestClient, company: Company
) -> None:
    client.cookies.set("vocloop_name", "Emma%20Clarke")
    page = follow(client, f"/themes/{theme(company, 'audit_export').id}/pin")
    assert "Emma Clarke" in client.get("/edits").text
    undo(client, page)
    with Session(company[0]) as session:
        found = list(session.exec(select(ThemeFact).where(ThemeFact.by == "Emma Clarke")))
    assert [fact.undone_by for fact in found] == ["Emma Clarke"]


def test_the_layer_of_value_is_said_filtered_by_and_undone(
    client: TestClient, company: Company
) -> None:
    known = theme(company, "audit_export")
    page = follow(client, f"/themes/{known.id}/layer", {"value": "connected"})
    assert "Connected value" in page
    assert theme(company, "audit_export").layer is ValueLayer.CONNECTED
    found = client.get("/themes?layer=connected&customers=1").text
    assert f"/themes/{known.id}" in found
    assert f"/themes/{known.id}" not in client.get("/themes?layer=functional&customers=1").text
    assert client.get("/themes?layer=deep").status_code == 422
    assert client.post(f"/themes/{known.id}/layer", data={"value": "deep"}).status_code == 422
    undo(client, page)
    assert theme(company, "audit_export").layer is None


def test_not_a_theme_says_so_and_can_be_undone(client: TestClient, company: Company) -> None:
    known = theme(company, "audit_export")
    page = follow(client, f"/themes/{known.id}/not-a-theme")
    assert "A person said that this is not a theme" in page
    assert not members(company, "audit_export")
    undo(client, page)
    assert members(company, "audit_export")


def test_a_merge_shows_both_before_and_is_undone(client: TestClient, company: Company) -> None:
    goes, stays = theme(company, "month_end_csv"), theme(company, "audit_export")
    count = len(members(company, "month_end_csv")) + len(members(company, "audit_export"))
    both = client.get(f"/themes/{goes.id}/merge/{stays.id}").text
    assert html.escape(goes.title_en or "") in both
    assert html.escape(stays.title_en or "") in both
    page = follow(client, f"/themes/{goes.id}/merge", {"into": str(stays.id)})
    assert len(members(company, "audit_export")) == count
    undo(client, page)
    assert theme(company, "month_end_csv").state is ThemeState.ACTIVE


def test_the_theme_to_merge_with_is_found_by_words(client: TestClient, company: Company) -> None:
    known = theme(company, "month_end_csv")
    page = client.get(f"/themes/{known.id}/merge", params={"text": "承認"}).text
    assert str(company[1]["approver_absent"]) in page
    assert (
        "No other theme has these words."
        in client.get(f"/themes/{known.id}/merge", params={"text": "zzzz"}).text
    )


def test_a_split_previews_both_halves_then_makes_a_theme(
    client: TestClient, company: Company
) -> None:
    known = theme(company, "approver_absent")
    own = members(company, "approver_absent")
    chosen = [str(s) for s in own[:4]]
    at = f"/themes/{known.id}"
    preview = client.post(f"{at}/split/preview", data={"statement": chosen})
    assert "4 statements" in preview.text
    assert f"{len(own) - 4} statements" in preview.text
    assert len(members(company, "approver_absent")) == len(own), "a preview changes nothing"
    page = follow(client, f"{at}/split", {"statement": chosen, "title_en": "Deputies"})
    assert "Deputies" in page
    assert len(members(company, "approver_absent")) == len(own) - 4
    undo(client, page)
    assert len(members(company, "approver_absent")) == len(own)


@pytest.mark.parametrize("chosen", [[], ["all"]])
def test_a_split_needs_two_halves(client: TestClient, company: Company, chosen: list[str]) -> None:
    known = theme(company, "approver_absent")
    if chosen:
        chosen = [str(s) for s in members(company, "approver_absent")]
    answer = client.post(f"/themes/{known.id}/split/preview", data={"statement": chosen})
    assert answer.status_code == 422


def test_statements_move_and_come_back_together(client: TestClient, company: Company) -> None:
    known, other = theme(company, "approver_absent"), theme(company, "receipt_ocr")
    chosen = [str(s) for s in members(company, "approver_absent")[:3]]
    before = len(members(company, "receipt_ocr"))
    page = follow(
        client, f"/themes/{known.id}/move", {"statement": chosen, "into": f"T-{other.number:04d}"}
    )
    assert "3 statements have moved." in page
    assert len(members(company, "receipt_ocr")) == before + 3
    undo(client, page)
    assert len(members(company, "receipt_ocr")) == before
    unknown = client.post(f"/themes/{known.id}/move", data={"statement": chosen, "into": "T-9999"})
    assert unknown.status_code == 422
    assert "T-0012" in unknown.text


def test_statements_are_narrowed_down_by_words(client: TestClient, company: Company) -> None:
    known = theme(company, "approver_absent")
    every = client.get(f"/themes/{known.id}/split").text
    some = client.get(f"/themes/{known.id}/split", params={"language": "en"}).text
    assert 0 < some.count('name="statement"') < every.count('name="statement"')
    none = client.get(f"/themes/{known.id}/split", params={"text": "qqqq"}).text
    assert "No statement fits" in none


def test_edits_are_listed_with_what_holds(client: TestClient, company: Company) -> None:
    known = theme(company, "receipt_ocr")
    follow(client, f"/themes/{known.id}/pin")
    page = client.get("/edits", params={"theme": str(known.id)}).text
    assert f"T-{known.number:04d} is pinned" in page
    assert "holds" in page
    with Session(company[0]) as session:
        fact = session.exec(select(ThemeFact).order_by(col(ThemeFact.id).desc())).first()
    assert fact is not None
    follow(client, f"/edits/{fact.id}/undo")
    again = client.post(f"/edits/{fact.id}/undo")
    assert again.status_code == 409


def test_conflicts_between_edits_show_both(client: TestClient, company: Company) -> None:
    one, other = theme(company, "approver_absent"), theme(company, "receipt_ocr")
    follow(client, f"/themes/{one.id}/different", {"other": str(other.id)})
    follow(client, f"/themes/{other.id}/merge", {"into": str(one.id)})
    page = client.get("/edits").text
    assert "1 conflict" in page
    assert "are different" in page.split("</section>")[0]
    for _ in range(2):
        back = re.search(r'action="(/edits/[^"]+/undo)"', client.get("/edits").text)
        assert back is not None
        follow(client, back[1])
    assert "conflict" not in client.get("/edits").text


def test_proposals_are_decided_together(client: TestClient, company: Company) -> None:
    engine, ids = company
    with transaction(engine) as session:
        made = ThemeProposal(
            kind=ProposalKind.SPLIT,
            theme_id=ids["approver_absent"],
            statements=[str(s) for s in members(company, "approver_absent")[:3]],
            strength=0.7,
        )
        no = ThemeProposal(
            kind=ProposalKind.MERGE,
            theme_id=ids["receipt_ocr"],
            other_id=ids["audit_export"],
            strength=0.9,
        )
        session.add_all([made, no])
        session.flush()
        split, merge = str(made.id), str(no.id)
    page = client.get("/proposals").text
    assert page.index(merge) < page.index(split), "the surest first"
    follow(client, "/proposals", {"proposal": [merge], "decision": "dismiss"})
    told = follow(client, "/proposals", {"proposal": [split], "decision": "accept"})
    assert "1 proposal is decided." in told
    assert "No proposal waits" in told
    undo(client, told)
    assert client.post("/proposals", data={"decision": "accept"}).status_code == 422


def test_what_does_not_exist_is_not_found(client: TestClient, company: Company) -> None:
    known = company[1]["receipt_ocr"]
    for address in (
        "/themes/x/merge",
        "/themes/x/split",
        f"/themes/{known}/merge/x",
        "/edits?theme=x",
    ):
        assert client.get(address).status_code == 404
    for address in ("/themes/x/pin", "/edits/x/undo", "/themes/x/rename"):
        assert client.post(address).status_code == 404
