"""POST /api/feedback and what becomes of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.api.records import add_customer, add_theme, say, stored_rows
from vocloop_models import Feedback, FeedbackState, Statement
from vocloop_models.database import reading, transaction

PROBLEM = "application/problem+json"
TEXT = "シフトを代わってもらうたびに店長の承認が要ります。"


class TestHandIn:
    def test_it_stores_a_voice_with_its_statements_and_customer(
        self, client: TestClient, voice: dict[str, Any]
    ) -> None:
        answer = client.post("/api/feedback", json=voice)
        assert answer.status_code == 201
        assert answer.json()["outcome"] == "stored"
        where = f"/api/feedback/{answer.json()['id']}"
        assert answer.headers["location"] == where
        kept = client.get(where).json()
        assert kept["text"] == TEXT
        assert kept["state"] == "received"
        assert kept["language"] == "ja"
        assert kept["said_at"] == "2026-09-11T01:30:00Z"
        assert kept["severity_mark"] == 3
        assert (kept["customer"]["external_id"], kept["customer"]["name"]) == (
            "C-1",
            "株式会社みなも",
        )
        assert [(s["position"], s["text"], s["theme"]) for s in kept["statements"]] == [
            (0, TEXT, None)
        ]

    def test_the_same_voice_again_is_answered_with_200_and_the_first_id(
        self, client: TestClient, engine: Engine, voice: dict[str, Any]
    ) -> None:
        first = client.post("/api/feedback", json=voice).json()
        again = client.post("/api/feedback", json=voice)
        assert again.status_code == 200
        assert again.json() == {"id": first["id"], "outcome": "repeated"}
        assert stored_rows(engine) == 1

    def test_words_and_source_are_enough(self, client: TestClient) -> None:
        answer = client.post("/api/feedback", json={"text": TEXT, "source": "desk"})
        assert answer.status_code == 201
        kept = client.get(answer.headers["location"]).json()
        assert (kept["customer"], kept["said_at"], kept["channel"]) == (None, None, "other")

    def test_html_is_kept_as_its_text(self, client: TestClient) -> None:
        row = {"text": f"<p>{TEXT}</p><script>alert(1)</script>", "source": "desk"}
        where = client.post("/api/feedback", json=row).headers["location"]
        assert client.get(where).json()["text"] == TEXT

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"text": ""}, "text"),
            ({"text": "　\n "}, "text"),
            ({"text": None}, "text"),
            ({"text": 5}, "text"),
            ({"text": "a\0b"}, "text"),
            ({"text": "<p> </p>"}, "text"),
            ({"text": "x" * 1_000_000}, "text"),
            ({"source": None}, "source"),
            ({"source": "a\0b"}, "source"),
            ({"source": "s" * 101}, "source"),
            ({"external_id": "a\0b"}, "external_id"),
            ({"title": ["no"]}, "title"),
            ({"channel": "pigeon"}, "channel"),
            ({"customer": {"name": "a\0b"}}, "customer.name"),
            ({"customer": {"name": "a", "mail": "x"}}, "customer.mail"),
            ({"customer": []}, "customer"),
            ({"said_at": "2026-02-30T00:00:00Z"}, "said_at"),
            ({"said_at": "2026-02-03T00:00:00"}, "said_at"),
            ({"said_at": "9999-12-31T23:59:59-14:00"}, "said_at"),
            ({"said_at": "0001-01-01T00:00:00+14:00"}, "said_at"),
            ({"said_at": "1970-01-01T00:00:00Z"}, "said_at"),
            ({"said_at": "yesterday"}, "said_at"),
            ({"said_at": 10**400}, "said_at"),
            ({"language": "\0"}, "language"),
            ({"rating": "many", "rating_scale": "nps"}, "rating"),
            ({"rating": 10**400, "rating_scale": "nps"}, "rating"),
            ({"rating": 11, "rating_scale": "nps"}, "body"),
            ({"said_at": "9" * 100_000}, "said_at"),
            ({"severity_mark": 5}, "severity_mark"),
            ({"severity_mark": 2.5}, "severity_mark"),
            ({"priority": "asap"}, "priority"),
            ({"mood": "bad"}, "mood"),
            ({"m" * 100_000: 1}, "m" * 500 + "…"),
            ({"state": "themed"}, "state"),
            ({"id": str(uuid.UUID(int=1))}, "id"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_it_refuses_a_hostile_row_and_says_where_and_why(
        self,
        client: TestClient,
        engine: Engine,
        voice: dict[str, Any],
        change: dict[str, Any],
        where: str,
    ) -> None:
        answer = client.post("/api/feedback", json=voice | change)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == PROBLEM
        assert len(answer.content) < 2_000
        [problem] = answer.json()["problems"]
        assert problem["where"] == where
        assert problem["reason"]
        assert stored_rows(engine) == 0

    def test_it_names_every_wrong_field_at_once(
        self, client: TestClient, voice: dict[str, Any]
    ) -> None:
        answer = client.post("/api/feedback", json=voice | {"text": "", "severity_mark": 0})
        assert [p["where"] for p in answer.json()["problems"]] == ["text", "severity_mark"]

    @pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "[[]]"])
    def test_it_refuses_what_is_not_an_object(self, client: TestClient, body: str) -> None:
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback", content=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["reason"]

    def test_it_refuses_a_body_that_is_not_declared_as_json(self, client: TestClient) -> None:
        answer = client.post(
            "/api/feedback", content="text=a&source=b", headers={"Content-Type": "text/plain"}
        )
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        "half",
        [b'{"text": "\\ud800", "source": "a"}', b'{"text": "a", "source": "a", "\\ud800": 1}'],
    )
    def test_half_a_character_is_refused_and_does_not_break_the_answer(
        self, client: TestClient, half: bytes
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback", content=half, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["problems"]

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
    def test_it_refuses_numbers_that_are_none(self, client: TestClient, number: str) -> None:
        body = f'{{"text": "a", "source": "b", "rating": {number}, "rating_scale": "nps"}}'
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback", content=body, headers=headers)
        assert answer.status_code == 422
        assert [p["where"] for p in answer.json()["problems"]] == ["rating"]

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"\xff\xfe{}",
            '{"text": "困る", "source": "a"}'.encode("cp932"),
            b'{"text": "a", "source": "b",}',
            b"[" * 100_000,
            b'{"rating": ' + b"9" * 5_000 + b"}",
        ],
        ids=["cut", "not UTF-8", "cp932", "comma", "deep", "endless number"],
    )
    def test_a_body_that_can_not_be_read_is_400(self, client: TestClient, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback", content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == PROBLEM
        assert "JSON in UTF-8" in answer.json()["detail"]


class TestBatch:
    def test_it_reports_what_became_of_each_row(
        self, client: TestClient, engine: Engine, voice: dict[str, Any]
    ) -> None:
        client.post("/api/feedback", json=voice)
        rows = [voice, voice | {"external_id": "T-2"}, voice | {"text": "", "mood": 1}, 7]
        answer = client.post("/api/feedback:batch", json={"rows": rows})
        assert answer.status_code == 200
        report = answer.json()
        assert [report[name] for name in ("stored", "repeated", "refused")] == [1, 1, 2]
        assert [row["index"] for row in report["rows"]] == [0, 1, 2, 3]
        outcomes = [row["outcome"] for row in report["rows"]]
        assert outcomes == ["repeated", "stored", "refused", "refused"]
        assert [p["where"] for p in report["rows"][2]["problems"]] == ["text", "mood"]
        assert report["rows"][3]["problems"][0]["reason"]
        assert report["rows"][2]["id"] is None
        assert client.get(f"/api/feedback/{report['rows'][1]['id']}").status_code == 200
        assert stored_rows(engine) == 2

    def test_the_same_row_twice_in_a_batch_is_stored_once(
        self, client: TestClient, voice: dict[str, Any]
    ) -> None:
        report = client.post("/api/feedback:batch", json={"rows": [voice, voice]}).json()
        assert [row["outcome"] for row in report["rows"]] == ["stored", "repeated"]
        assert report["rows"][0]["id"] == report["rows"][1]["id"]

    def test_422_when_every_row_is_refused(
        self, client: TestClient, engine: Engine, voice: dict[str, Any]
    ) -> None:
        rows = [voice | {"text": "a\0b"}, voice | {"source": None}]
        answer = client.post("/api/feedback:batch", json={"rows": rows})
        assert answer.status_code == 422
        assert [p["where"] for p in answer.json()["problems"]] == ["rows.0.text", "rows.1.source"]
        assert stored_rows(engine) == 0

    def test_it_takes_a_thousand_rows(
        self, client: TestClient, engine: Engine, voice: dict[str, Any]
    ) -> None:
        rows = [voice | {"external_id": f"T-{index}"} for index in range(1_000)]
        assert client.post("/api/feedback:batch", json={"rows": rows}).json()["stored"] == 1_000
        assert stored_rows(engine) == 1_000

    @pytest.mark.parametrize(
        "body",
        [{"rows": []}, {"rows": [{}] * 1_001}, {"rows": {}}, {}, [], {"rows": [{}], "more": 1}],
        ids=["none", "1,001", "object", "missing", "list", "unknown field"],
    )
    def test_it_refuses_any_other_number_or_shape(self, client: TestClient, body: Any) -> None:
        answer = client.post("/api/feedback:batch", json=body)
        assert answer.status_code == 422
        assert answer.json()["problems"]

    def test_a_thousand_bad_rows_are_not_echoed_one_by_one(self, client: TestClient) -> None:
        answer = client.post("/api/feedback:batch", json={"rows": [{"x" * 900: 1}] * 1_000})
        assert answer.status_code == 422
        assert len(answer.json()["problems"]) == 100


class TestRead:
    def test_statements_name_their_themes(self, client: TestClient, engine: Engine) -> None:
        with transaction(engine) as session:
            theme = add_theme(session, "Shift swaps", title_ja="シフトの交代")
            said = say(session, theme=theme, confidence=0.75, central=True)
            session.add(
                Statement(feedback_id=said.feedback_id, position=1, text="Thanks", language="en")
            )
        kept = client.get(f"/api/feedback/{said.feedback_id}").json()
        assert kept["state"] == "themed"
        assert [statement["theme"] for statement in kept["statements"]] == [
            {
                "id": str(theme.id),
                "number": theme.number,
                "title_ja": "シフトの交代",
                "title_en": "Shift swaps",
                "confidence": 0.75,
                "central": True,
            },
            None,
        ]

    def test_an_unknown_id_is_404(self, client: TestClient) -> None:
        missing = uuid.uuid4()
        answer = client.get(f"/api/feedback/{missing}")
        assert answer.status_code == 404
        assert str(missing) in answer.json()["detail"]

    def test_an_id_that_is_none_is_422(self, client: TestClient) -> None:
        answer = client.get("/api/feedback/1")
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["where"] == "feedback_id"


class TestList:
    def test_the_last_received_comes_first_page_by_page(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            for count in range(5):
                say(session, str(count))
        seen, cursor = [], None
        while True:
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/feedback", params=query).json()
            seen += [row["text"] for row in page["rows"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["4", "3", "2", "1", "0"]

    def test_it_filters_by_state_source_and_customer(
        self, client: TestClient, engine: Engine
    ) -> None:
        with transaction(engine) as session:
            acme = add_customer(session, "Acme")
            say(session, "theirs", customer=acme, said_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
            say(session, "waiting", state=FeedbackState.ENCODED)
            say(session, "elsewhere", source="app store")

        def texts(**query: str) -> list[str]:
            return [row["text"] for row in client.get("/api/feedback", params=query).json()["rows"]]

        assert texts(customer_id=str(acme.id)) == ["theirs"]
        assert texts(state="encoded") == ["waiting"]
        assert texts(source="app store") == ["elsewhere"]
        assert texts(source="app store", state="encoded") == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("state", "lost"),
            ("customer_id", "acme"),
            ("cursor", "x"),
            ("cursor", ""),
            ("limit", "0"),
            ("limit", "201"),
            ("limit", "9" * 5_000),
        ],
    )
    def test_it_refuses_a_bad_query_and_names_the_parameter(
        self, client: TestClient, name: str, value: str
    ) -> None:
        answer = client.get("/api/feedback", params={name: value})
        assert answer.status_code == 422
        assert [p["where"] for p in answer.json()["problems"]] == [name]

    def test_times_are_in_utc(self, client: TestClient, engine: Engine) -> None:
        with transaction(engine) as session:
            said = say(session, said_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        rows = client.get("/api/feedback").json()["rows"]
        assert [(row["id"], row["said_at"]) for row in rows] == [
            (str(said.feedback_id), "2026-01-01T00:00:00Z")
        ]
        with reading(engine) as session:
            assert session.exec(select(col(Feedback.state))).one() is FeedbackState.THEMED
