"""Hypotheses: rewritten, and confronted with what customers say."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.ui.planned import Plan
from vocloop.roadmap import hypotheses
from vocloop_models import Channel, Customer, Feedback, HypothesisState, Side, Statement
from vocloop_models.database import reading


def test_an_interview_note_is_kept_as_a_voice_that_speaks_for_or_against(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/hypotheses/{made.hypothesis}"
    assert f'action="{here}/notes"' in client.get(here).text
    words = "We swap shifts on paper. Mail taro@minamo.example about it."
    note = {"words": words, "customer": "Harbour Hotels", "side": "against", "by": "Mori"}
    answer = client.post(f"{here}/notes", data=note)
    assert answer.headers["location"] == f"{here}#evidence"
    with reading(engine) as session:
        kept = session.exec(select(Feedback).where(Feedback.channel == Channel.INTERVIEW)).one()
        assert "taro@" not in kept.text
        customer = session.get_one(Customer, kept.customer_id)
        assert (customer.name, kept.source) == ("Harbour Hotels", "interviews")
        said = session.exec(select(Statement.id).where(Statement.feedback_id == kept.id)).all()
        evidence = hypotheses.one(session, made.hypothesis).evidence
        assert {each.statement_id for each in evidence} == set(said)
        assert {each.side for each in evidence} == {Side.AGAINST}
    page = client.get(here).text
    assert "We swap shifts on paper." in page
    assert "Harbour Hotels" in page
    # The same note twice is one voice.
    client.post(f"{here}/notes", data=note | {"side": "for"})
    with reading(engine) as session:
        evidence = hypotheses.one(session, made.hypothesis).evidence
        assert {each.side for each in evidence} == {Side.FOR}
        assert len(evidence) == len(said)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"words": " "}, "Write what the customer said"),
        ({"side": ""}, "Say whether it speaks for or against."),
        ({"by": ""}, "Write your name"),
        ({"customer": "x" * 301}, "Shorten it"),
    ],
)
def test_a_note_that_can_not_be_taken_comes_back_with_the_reason(
    client: TestClient, engine: Engine, made: Plan, change: dict[str, str], told: str
) -> None:
    note = {"words": "We swap on paper.", "customer": "Harbour", "side": "for", "by": "Mori"}
    answer = client.post(f"/hypotheses/{made.hypothesis}/notes", data=note | change)
    assert answer.status_code == 422
    assert told in answer.text
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).evidence == []
        assert session.exec(select(Feedback).where(Feedback.source == "interviews")).all() == []


def test_a_hypothesis_is_rewritten_and_confronted(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    assert "Store managers" in client.get("/hypotheses").text
    assert "仮説" in client.get("/hypotheses?lang=ja").text
    client.get("/hypotheses?lang=en")
    here = f"/hypotheses/{made.hypothesis}"
    page = client.get(here).text
    assert "Swap fails for us 0" in page
    statement = page.split('name="statement" value="')[1].split('"')[0]
    answer = client.post(f"{here}/evidence", data={"statement": statement, "side": "against"})
    assert answer.status_code == 303
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).count(Side.AGAINST) == 1
    undo = f"{here}/evidence?statement={statement}"
    assert undo in client.get(here).text
    client.post(undo)
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).evidence == []
    words = {"segment": "Night managers", "job": "", "cause": "No overview", "by": "Mori"}
    answer = client.post(f"{here}/versions", data=words)
    assert answer.status_code == 422
    assert "Say what they want to get done." in answer.text
    client.post(f"{here}/versions", data=words | {"job": "Swap at night"})
    page = client.get(here).text
    assert "Night managers" in page
    assert "1 earlier version" in page
    client.post(f"{here}/state", data={"state": "refuted"})
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).hypothesis.state is HypothesisState.REFUTED
    assert client.post(f"{here}/state", data={"state": "maybe"}).status_code == 422
    new = f"/themes/{made.other}/hypotheses"
    assert client.get(new).status_code == 200
    answer = client.post(new, data={"segment": "x", "job": "y", "cause": "z", "by": "Mori"})
    assert answer.status_code == 303
