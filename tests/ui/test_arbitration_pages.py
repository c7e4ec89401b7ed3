"""Rounds, their room and scenarios, votes, and decisions that ask first and never change."""

from __future__ import annotations

import re
import uuid

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from tests import applications
from tests.ui.conftest import at_this_machine
from tests.ui.planned import HIDEOUS, Plan
from vocloop.accounts.visitor import Visitor
from vocloop.roadmap import backlog, decisions, rounds, scenarios
from vocloop.roadmap.audit import Author
from vocloop.worker import jobs
from vocloop_api.doors import Openness
from vocloop_models import ItemState, JobKind, Role, RoundState, Verdict, VoteChoice
from vocloop_models.database import reading, transaction


def decided(session: Session, item: uuid.UUID, verdict: Verdict) -> None:
    decisions.decide(session, item, verdict, "So be it", Author("CCO"), agree_as_customer=True)


def test_without_items_or_rounds_the_pages_say_what_comes_first(client: TestClient) -> None:
    assert "Promote a theme first" in client.get("/rounds").text
    assert "Nothing is decided yet" in client.get("/decisions").text
    assert "仲裁はバックログの項目" in client.get("/rounds?lang=ja").text


def test_the_room_says_what_is_in_and_why(client: TestClient, made: Plan) -> None:
    page = client.get(f"/rounds/{made.round}?why=1").text
    for words in (
        "First round",
        "In: 1 item",
        "Out: 1 item",
        "Solved exactly",
        "Stays in until its value falls",
        "Comes in if",
        "Engineering has too few weeks",
        "Swap shifts burdens Engineering",
        "The frontier of possible roadmaps",
        "Departments that gain and lose",
    ):
        assert words in page, words
    ja = client.get(f"/rounds/{made.round}?why=1&lang=ja").text
    assert "第1回" in ja
    assert "僅差" in ja or "まで採用" in ja
    first = client.get(f"/rounds/{made.round}").text
    assert 'hx-trigger="load"' in first  # the reasons come after the roadmap


def test_the_frontier_opens_along_the_weight_that_changes_most(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        backlog.change(session, made.second, departments={"dev": backlog.Work(5, 0)})
    page = client.get(f"/rounds/{made.round}?why=1&w.dev=3").text
    assert '<option value="department:care" selected>' in page
    assert 'name="front" value="department:care"' in page
    page = client.get(f"/rounds/{made.round}?why=1&front=department:dev").text
    assert "Whatever this weight, the same roadmap is the best." in page


def test_what_an_item_needs_may_be_at_work_or_out_of_the_round(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        rounds.consider(session, made.round, {made.third: rounds.Taken()})
        backlog.change(session, made.third, departments={"care": backlog.Work(1, 0.5)})
        decided(session, made.item, Verdict.DECLINE)
    pages = [f"/rounds/{made.round}", f"/rounds/{made.round}?why=1", "/briefing"]
    room, explained, briefing = map(client.get, pages)
    assert [page.status_code for page in (room, explained, briefing)] == [200] * 3
    for page in (room, explained):
        needed = re.findall(r'not in the round: <a [^>]*href="/backlog/(.*?)"', page.text)
        assert needed == [str(made.item)]
    with transaction(engine) as session:
        backlog.move(session, made.item, ItemState.PROPOSED)
        decided(session, made.item, Verdict.APPROVE)
        backlog.move(session, made.item, ItemState.IN_PROGRESS)
    for page in map(client.get, pages):
        assert page.status_code == 200
        assert "needs what is not in the round" not in page.text


def test_levers_in_the_address_solve_again(client: TestClient, made: Plan) -> None:
    page = client.get(f"/rounds/{made.round}?c.dev.1=5&rule.{made.second}=must").text
    assert "In: 2 items" in page
    assert "Other levers than the round's own." in page.replace("&#39;", "'")
    assert client.get(f"/rounds/{made.round}?w.dev=lots").status_code == 422
    assert client.get(f"/rounds/{made.round}?w.dev=99").status_code == 422
    assert client.get(f"/rounds/{made.round}?rule.{made.item}={HIDEOUS}").status_code == 200
    assert client.get("/rounds/nonsense").status_code == 404


def test_must_dos_that_collide_are_named(client: TestClient, made: Plan) -> None:
    both = f"rule.{made.item}=must&rule.{made.second}=must"
    page = client.get(f"/rounds/{made.round}?{both}&c.dev.0=6&c.dev.1=0").text
    assert "The must-do items do not fit together" in page
    assert "Items of the round" in page


def test_levers_are_kept_as_a_scenario_and_compared(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/rounds/{made.round}/scenarios"
    assert "No scenario yet" in client.get(here).text
    given = {"name": "More weeks", "c.dev.1": "5", "w.care": "2.0"}
    answer = client.post(here, data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert "being solved" in client.get(here).text
    with reading(engine) as session:
        kept = scenarios.listed(session, made.round)
    assert kept[0].asked == {
        "capacity": {"dev": [6, 5]},
        "department_weights": {"care": 2.0},
    }
    # Without a job nobody would solve it.
    asked = jobs.claim(engine, (JobKind.SOLVE_SCENARIO,))
    assert asked is not None
    assert asked.payload == {"scenario_id": str(kept[0].id)}
    scenarios.work(engine, kept[0].id)
    page = client.get(here).text
    assert "solved exactly" in page
    assert "Q2 2027" in page
    assert "c.dev.1=5" in page  # its levers open in the room


def test_solving_is_cancelled_and_the_levers_come_back(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/rounds/{made.round}/scenarios"
    client.post(here, data={"name": "More weeks", "c.dev.1": "5", "w.care": "2.0"})
    with reading(engine) as session:
        (kept,) = scenarios.listed(session, made.round)
    page = client.get(here).text
    assert f'<progress id="p-{kept.id}">' in page
    address = f"/scenarios/{kept.id}/cancel"
    assert f'action="{address}"' in page
    back = client.post(address).headers["location"]
    assert "c.dev.1=5" in back
    assert "w.care=2" in back
    assert client.get(back).status_code == 200
    assert "No scenario yet" in client.get(here).text
    assert jobs.claim(engine) is None
    assert client.post(address).status_code == 404


def test_a_round_is_opened_with_its_rules(client: TestClient, engine: Engine, made: Plan) -> None:
    page = client.post("/rounds", data={"name": "", "capacity.dev": "-3"})
    assert page.status_code == 422
    for name in ("name", "quarters", "items", "by", "capacity.dev"):
        assert f'id="{name}-error"' in page.text, name
    given = {
        "name": "Second",
        "quarters": ["2027Q3"],
        "capacity.dev": "9",
        "budget": "1000",
        "items": [str(made.item), str(made.third)],
        f"rule.{made.item}": "must",
        "by": "Takahashi",
    }
    answer = client.post("/rounds", data=given)
    assert answer.status_code == 303
    with reading(engine) as session:
        newest = rounds.listed(session)[0]
        _, limits = rounds.programme(session, newest.id)
    assert newest.capacity == {"care": [0.0], "dev": [9.0]}
    assert limits.must == {str(made.item)}


def test_heads_of_department_vote_and_speak(client: TestClient, engine: Engine, made: Plan) -> None:
    here = f"/rounds/{made.round}/items/{made.item}/words"
    refused = client.post(here, data={"choice": "oppose", "by": "Mori"})
    assert refused.status_code == 422
    assert "Say for which department you vote." in refused.text
    given = {"department": "dev", "choice": "oppose", "text": HIDEOUS, "by": "Mori"}
    answer = client.post(here, data=given)
    assert answer.status_code == 303
    page = client.get(f"/backlog/{made.item}/decision?round={made.round}").text
    assert "Against" in page
    assert "&lt;script&gt;alert(1)" in page
    with reading(engine) as session:
        assert [vote.choice for vote in rounds.votes(session, made.round)] == [VoteChoice.OPPOSE]


def test_who_signs_a_decision_is_told_before_it_is_recorded(engine: Engine, made: Plan) -> None:
    """Whoever has signed in has no name to type."""
    visitor = Visitor("Takahashi", frozenset({Role.EXECUTIVE}))
    client = at_this_machine(applications.whole(engine, openness=Openness(visitor)), "en")
    asked = client.post(
        f"/backlog/{made.item}/decision",
        data={"verdict": "approve", "agree": "yes", "rationale": "Six managers swap by phone"},
    )
    assert "Record this decision?" in asked.text
    assert "<dt>Your name</dt><dd>Takahashi</dd>" in asked.text


def test_a_decision_asks_first_and_then_stands(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/backlog/{made.item}/decision"
    page = client.get(here).text
    assert "私がカスタマーなら賛成か" in page
    assert "First round" in page  # the open round that considers it
    refused = client.post(here, data={"verdict": "approve"})
    assert refused.status_code == 422
    for name in ("rationale", "agree", "by"):
        assert f'id="{name}-error"' in refused.text, name
    given = {
        "round": str(made.round),
        "verdict": "approve",
        "agree": "yes",
        "agree_reason": "I would wait for it",
        "rationale": "Six managers swap by phone",
        "quarter": "2027Q1",
        "by": "Takahashi",
    }
    asked = client.post(here, data=given)
    assert asked.status_code == 200
    assert "Record this decision?" in asked.text
    with reading(engine) as session:
        assert decisions.log(session) == []
    back = client.post(here, data=given | {"step": "change"})
    assert "Six managers swap by phone</textarea>" in back.text
    done = client.post(here, data=given | {"step": "decided"})
    assert done.status_code == 303
    page = client.get(done.headers["location"]).text
    assert "Unchanged since it was recorded." in page
    assert "Six managers swap by phone" in page
    with reading(engine) as session:
        made_of = decisions.log(session)[0]
    assert (made_of.verdict, made_of.round_id) == (Verdict.APPROVE, made.round)
    item = client.get(f"/backlog/{made.item}").text
    assert "Approved" in item
    assert "Begin the work" in item


def test_the_log_is_searched_and_filtered(client: TestClient, engine: Engine, made: Plan) -> None:
    given = {
        "verdict": "decline",
        "agree": "no",
        "rationale": "ＯＮＬＹ one company",
        "by": "Takahashi",
        "step": "decided",
    }
    client.post(f"/backlog/{made.second}/decision", data=given)
    assert "Stay signed in" in client.get("/decisions?text=only one").text
    assert "No decision fits these filters" in client.get("/decisions?text=zzz").text
    assert "No decision fits" in client.get("/decisions?verdict=approve").text
    assert "Stay signed in" in client.get(f"/decisions?round={made.round}").text
    assert client.get("/decisions?verdict=maybe").status_code == 422
    assert client.get("/decisions?text=%00").status_code == 422
    assert client.get("/decisions?round=x").status_code == 404
    assert client.get("/decisions/x").status_code == 404
    assert "却下" in client.get("/decisions?lang=ja").text
    again = client.post(f"/backlog/{made.second}/decision", data=given)
    assert again.status_code == 409


def test_a_split_makes_its_parts(client: TestClient, engine: Engine, made: Plan) -> None:
    given = {
        "verdict": "split",
        "agree": "yes",
        "rationale": "Too large",
        "by": "Takahashi",
        "step": "decided",
        "into": "Only one",
    }
    longest = "Ü" * 300
    for wrong in ("Only one", f"First part\n{longest}!", "\n".join(map(str, range(21)))):
        refused = client.post(f"/backlog/{made.item}/decision", data=given | {"into": wrong})
        assert refused.status_code == 422
        assert 'id="into-error"' in refused.text
    twenty = "\n".join(["First part", "Second part", *[longest] * 18])
    answer = client.post(f"/backlog/{made.item}/decision", data=given | {"into": twenty})
    assert answer.status_code == 303
    page = client.get("/backlog").text
    assert "First part" in page
    assert "Second part" in page


def test_closing_a_round_asks_first(client: TestClient, engine: Engine, made: Plan) -> None:
    page = client.get(f"/rounds/{made.round}/close").text
    assert "0 of 2 items are decided" in page
    answer = client.post(f"/rounds/{made.round}/close")
    assert answer.status_code == 303
    with reading(engine) as session:
        assert rounds.listed(session)[0].state is RoundState.CLOSED
    page = client.get(f"/rounds/{made.round}").text
    assert "closed on" in page
    assert not re.search(r'<form id="levers"', page)
    assert client.get(f"/rounds/{made.round}/close").status_code == 409
