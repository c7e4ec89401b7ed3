"""GET /api/themes, one theme, its quotes, the totals."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import SCORED_ON, add_customer, add_theme, keep, say
from vocloop_models import LongevityKind, ThemeEvent, ThemeEventKind
from vocloop_models.database import transaction


def said(day: int) -> dt.datetime:
    return dt.datetime(2026, 9, day, 20, tzinfo=dt.UTC)


class TestList:
    def test_rows_come_by_rank_with_each_score_and_its_interval(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            add_theme(session, "low", impact=0.2)
            theme = add_theme(
                session,
                "high",
                title_ja="高い",
                keywords_en=["swap"],
                impact=0.6,
                longevity=0.5,
                longevity_kind=LongevityKind.LASTING,
                languages={"ja": 2, "en": 6},
            )
        page = client.get("/api/themes").json()
        assert (page["total"], page["too_few"], page["next_cursor"]) == (2, 0, None)
        assert [(row["rank"], row["title_en"]) for row in page["rows"]] == [(1, "high"), (2, "low")]
        row = page["rows"][0]
        assert (row["id"], row["number"], row["title_ja"]) == (str(theme.id), theme.number, "高い")
        assert (row["keywords_en"], row["state"]) == (["swap"], "active")
        scores = row["scores"]
        assert scores["day"] == SCORED_ON.isoformat()
        assert scores["impact"] == {"value": 0.6, "low": 0.3, "high": 0.8}
        assert scores["longevity"] == {"value": 0.5, "low": 0.25, "high": 0.75, "kind": "lasting"}
        assert (scores["customers"], scores["languages"]) == (5, {"ja": 2, "en": 6})
        assert len(scores["weeks"]) == 26

    def test_every_filter_reaches_the_ranking(self, client: TestClient, engine: Engine) -> None:
        with transaction(engine) as session:
            add_theme(session, "plain")
            add_theme(
                session,
                "wanted",
                title_ja="シフト",
                customers=2,
                languages={"ja": 2},
                longevity_kind=LongevityKind.EMERGING,
            )

        def titles(**query: str | int) -> list[str]:
            return [r["title_en"] for r in client.get("/api/themes", params=query).json()["rows"]]

        assert titles() == ["plain"]
        assert titles(min_customers=0, sort="customers") == ["plain", "wanted"]
        assert titles(min_customers=2, language="ja") == ["wanted"]
        assert titles(min_customers=2, kind="emerging") == ["wanted"]
        assert titles(min_customers=2, text="ｼﾌﾄ") == ["wanted"]
        assert titles(archived="true") == []

    def test_the_cursor_leads_through_all_pages(self, client: TestClient, engine: Engine) -> None:
        with transaction(engine) as session:
            for count in range(5):
                add_theme(session, str(count))
        seen, cursor = [], None
        while True:
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/themes", params=query).json()
            seen += [(row["rank"], row["title_en"]) for row in page["rows"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [(1, "0"), (2, "1"), (3, "2"), (4, "3"), (5, "4")]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sort", "title"),
            ("kind", "eternal"),
            ("language", '"'),
            ("limit", "0"),
            ("limit", "201"),
            ("min_customers", "-1"),
            ("min_customers", "9" * 30),
            ("cursor", "bm9uZQ"),
            ("text", "x" * 201),
            ("archived", "perhaps"),
        ],
    )
    def test_it_refuses_a_bad_query_and_names_the_parameter(
        self, client: TestClient, name: str, value: str
    ) -> None:
        answer = client.get("/api/themes", params={name: value})
        assert answer.status_code == 422
        assert [p["where"] for p in answer.json()["problems"]] == [name]


class TestOne:
    def test_it_opens_up_to_the_evidence(self, client: TestClient, engine: Engine) -> None:
        with transaction(engine) as session:
            theme = add_theme(session, evidence={"generality": {"customer_ids": ["C-1"]}})
            acme = add_customer(session, "Acme")
            say(session, theme=theme, customer=acme, said_at=said(5))
            keep(session, ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.BORN, at=said(6)))
        page = client.get(f"/api/themes/{theme.id}").json()
        assert (page["rank"], page["ranked"]) == (1, 1)
        assert page["evidence"] == {"generality": {"customer_ids": ["C-1"]}}
        assert page["timeline"] == [{"month": "2026-09-01", "customers": 1, "statements": 1}]
        assert page["events"] == [
            {"kind": "born", "at": "2026-09-06T20:00:00Z", "run_id": None, "detail": {}}
        ]
        assert page["scores"]["impact"]["value"] == 0.4

    def test_a_theme_before_its_first_scores_has_none(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            theme = add_theme(session, scored=False)
        page = client.get(f"/api/themes/{theme.id}").json()
        assert (page["scores"], page["rank"], page["evidence"]) == (None, None, {})

    def test_months_begin_where_the_server_is_or_where_the_caller_says(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            theme = add_theme(session, scored=False)
            say(session, theme=theme, said_at=said(30))

        def months(**query: str) -> list[str]:
            page = client.get(f"/api/themes/{theme.id}", params=query).json()
            return [month["month"] for month in page["timeline"]]

        # 20:00 in UTC is the morning after in Tokyo.
        assert months() == ["2026-10-01"]
        assert months(timezone="UTC") == ["2026-09-01"]

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "America"])
    def test_it_refuses_a_zone_that_does_not_exist(
        self, client: TestClient, engine: Engine, zone: str
    ) -> None:
        with transaction(engine) as session:
            theme = add_theme(session)
        answer = client.get(f"/api/themes/{theme.id}", params={"timezone": zone})
        assert answer.status_code == 422
        assert "Asia/Tokyo" in answer.json()["problems"][0]["reason"]

    @pytest.mark.parametrize("path", ["", "/quotes"])
    def test_an_unknown_id_is_404(self, client: TestClient, path: str) -> None:
        missing = uuid.uuid4()
        answer = client.get(f"/api/themes/{missing}{path}")
        assert answer.status_code == 404
        assert str(missing) in answer.json()["detail"]


class TestQuotes:
    def test_the_most_typical_words_come_first_page_by_page(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            theme = add_theme(session)
            say(session, "困る", theme=theme, language="ja", confidence=0.5)
            say(
                session,
                "Swaps wait",
                theme=theme,
                customer=add_customer(session, "Acme"),
                central=True,
            )
        path = f"/api/themes/{theme.id}/quotes"
        first = client.get(path, params={"limit": 1}).json()
        assert [(row["text"], row["customer_name"]) for row in first["rows"]] == [
            ("Swaps wait", "Acme")
        ]
        second = client.get(path, params={"limit": 1, "cursor": first["next_cursor"]}).json()
        assert [row["text"] for row in second["rows"]] == ["困る"]
        assert (second["total"], second["next_cursor"]) == (2, None)
        only = client.get(path, params={"language": "ja"}).json()
        assert ([row["text"] for row in only["rows"]], only["total"]) == (["困る"], 1)

    @pytest.mark.parametrize("query", [{"cursor": "x"}, {"language": "Ja"}, {"limit": 0}])
    def test_it_refuses_a_bad_query(
        self, client: TestClient, engine: Engine, query: dict[str, str | int]
    ) -> None:
        with transaction(engine) as session:
            theme = add_theme(session)
            say(session, theme=theme)
        answer = client.get(f"/api/themes/{theme.id}/quotes", params=query)
        assert answer.status_code == 422
        assert [p["where"] for p in answer.json()["problems"]] == list(query)


def test_totals_say_what_the_ranking_was_made_of(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session)
        say(session, theme=theme, customer=add_customer(session, "Acme"), said_at=said(1))
        say(session, said_at=said(2))
    assert client.get("/api/totals").json() == {
        "customers": 1,
        "statements": 2,
        "themes": 1,
        "unassigned": 1,
        "pending": 0,
        "first_said": "2026-09-01T20:00:00Z",
        "last_said": "2026-09-02T20:00:00Z",
    }
