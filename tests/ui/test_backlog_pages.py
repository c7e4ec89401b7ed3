"""The backlog: read in both languages, filtered, its cards moved."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.ui.planned import Plan
from vocloop.roadmap import backlog
from vocloop_models import BacklogItem, ItemState, Stage
from vocloop_models.database import reading, transaction
from vocloop_ui.pages.backlog import ROWS


def test_an_empty_backlog_says_where_items_come_from(client: TestClient) -> None:
    page = client.get("/backlog")
    assert page.status_code == 200
    assert "The backlog is empty" in page.text
    assert "バックログはまだ空です" in client.get("/backlog?lang=ja").text


@pytest.mark.parametrize("view", ["table", "board", "timeline"])
def test_each_view_shows_the_items_in_the_readers_language(
    client: TestClient, made: Plan, view: str
) -> None:
    en = client.get(f"/backlog?view={view}").text
    assert "Swap shifts" in en
    assert "<script>alert" not in en
    ja = client.get(f"/backlog?view={view}&lang=ja").text
    assert "シフトを交換できるようにする" in ja
    assert "バックログ" in ja


def test_a_long_backlog_is_leafed_through_and_counted_whole(
    client: TestClient, engine: Engine
) -> None:
    titles = [f"Item {number:03}" for number in range(ROWS + 3)]
    with transaction(engine) as session:
        session.add_all(BacklogItem(number=n, title=title) for n, title in enumerate(titles, 1))

    def shown(address: str) -> list[str]:
        page = client.get(address).text
        return [title for title in titles if f">{title}<" in page]

    first, second = shown("/backlog"), shown(f"/backlog?start={ROWS}")
    assert (len(first), len(second)) == (ROWS, 3)
    assert sorted(first + second) == titles
    page = client.get("/backlog").text
    assert f"{len(titles)} items" in page
    assert f"/backlog?start={ROWS}" in page
    # The board and the file have all.
    assert shown("/backlog?view=board") == titles
    assert client.get("/backlog?table=backlog").text.count("Item ") == len(titles)


@pytest.mark.parametrize("sort", ["priority", "rice", "wsjf"])
def test_what_has_shipped_stands_behind_what_is_still_to_be_done(
    client: TestClient, engine: Engine, made: Plan, sort: str
) -> None:
    def first() -> str:
        page = client.get(f"/backlog?sort={sort}").text
        return min(("Swap shifts", "Stay signed in"), key=page.index)

    before = first()
    with transaction(engine) as session:
        for item in session.exec(
            select(BacklogItem).where(col(BacklogItem.title).contains(before))
        ):
            item.state = ItemState.SHIPPED
    assert first() != before


def test_filters_are_kept_in_the_address_and_refused_by_name(
    client: TestClient, made: Plan
) -> None:
    page = client.get("/backlog?department=care&text=ＳＷＡＰ").text
    assert "Swap shifts" in page
    assert "Stay signed in" not in page
    assert "No item fits these filters" in client.get("/backlog?text=zzz").text
    for wrong in ("state=lost", "view=cloud", "sort=beauty", "department=moon", "horizon=never"):
        answer = client.get(f"/backlog?{wrong}")
        assert answer.status_code == 422, wrong
        assert wrong.partition("=")[2] in answer.text
    assert client.get(f"/backlog?text={'x' * 300}").status_code == 422
    assert client.get("/backlog?text=%00").status_code == 422


def test_a_card_moves_one_stage_ahead_and_back_again(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    answer = client.post(f"/backlog/{made.item}/stage", data={"stage": "issue"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/backlog/{made.item}")
    page = client.get(answer.headers["location"]).text
    assert "Swap shifts is now at “Issue setting”" in page
    undo = f"/backlog/{made.item}/stage?stage=trust"
    assert undo in page
    client.post(undo)
    with reading(engine) as session:
        assert backlog.one(session, made.item).item.stage is Stage.TRUST
    assert client.post(f"/backlog/{made.item}/stage", data={"stage": "review"}).status_code == 409
    assert client.post(f"/backlog/{made.item}/stage", data={"stage": "moon"}).status_code == 422


def test_a_step_on_the_board_returns_to_the_board(client: TestClient, made: Plan) -> None:
    came = {"referer": "http://testserver/backlog?view=board&by=horizon"}
    answer = client.post(f"/backlog/{made.item}/horizon", data={"horizon": "later"}, headers=came)
    assert answer.headers["location"] == "/backlog?view=board&by=horizon"
    evil = {"referer": "http://testserver//evil.example/backlog"}
    answer = client.post(f"/backlog/{made.item}/horizon", data={"horizon": "now"}, headers=evil)
    assert answer.headers["location"] == f"/backlog/{made.item}"
