"""The loop, once around, on the sample company: from voices to a theme, a decision, an issue, a
release, the mail to whoever handed the voice in, the fall, the review, and who else it helps.

Everything goes through the API; the worker's parts do what they do beside it. Time passes by one
date in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.receivers import Mailbox
from tests.story import (
    SHIPPED,
    SOLVED,
    PlantedEncoder,
    comes_after,
    event_of,
    has_come,
    post_all,
    sample,
    settle,
    table,
)
from tests.vocloop.roadmap.trackers.servers import Site
from vocloop.worker.postman import Postman
from vocloop.worker.tracking import Tracking
from vocloop.worker.worker import Worker
from vocloop_models import BacklogItem
from vocloop_models.database import transaction


def test_the_whole_loop(  # noqa: PLR0915 - one story
    client: TestClient, engine: Engine, tracker: Site, mailbox: Mailbox
) -> None:
    def ask(method: str, path: str, status: int = 200, **body: Any) -> Any:
        answer = client.request(method, f"/api/{path}", json=body or None)
        assert answer.status_code == status, f"{path}: {answer.text}"
        return answer.json() if answer.content else None

    rows = sample("佐藤")
    encoder = PlantedEncoder(rows)
    worker = Worker(engine, lambda: encoder)

    def hand_in(sent: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        kept = ask("POST", "feedback:batch", rows=sent)
        assert kept["refused"] == 0
        settle(engine, worker, encoder)
        return {
            row["external_id"]: each["id"] for row, each in zip(sent, kept["rows"], strict=True)
        }

    # Heard: customers, departments, whoever hands in.
    ask("POST", "customers:upsert", rows=table("customers.csv"))
    for department in table("departments.csv"):
        ask("PUT", f"departments/{department.pop('key')}", **department)
    ask("POST", "people", 201, name="佐藤", address="sato@vendor.example", language="ja")
    Postman(engine).notice()
    before = has_come(rows)
    ids = hand_in(before)

    # A theme, with its score.
    solved = {row["external_id"]: row for row in rows if row["about"] == SOLVED}
    about = [row["external_id"] for row in before if row["external_id"] in solved]
    found = [ask("GET", f"feedback/{ids[each]}")["statements"][0]["theme"] for each in about]
    names = [each["id"] for each in found if each]
    theme = max(set(names), key=names.count)
    assert names.count(theme) >= 0.8 * len(about)
    detail = ask("GET", f"themes/{theme}")
    assert detail["scores"]["impact"]["value"] > 0

    # Routed: a person's word stands.
    routing = ask("GET", f"themes/{theme}/routing")
    ask("POST", f"routings/{routing['id']}:assign", department="product", by="abe")
    assert [r["theme_id"] for r in ask("GET", "departments/product/inbox")] == [theme]

    # A hypothesis, with evidence.
    words = {"segment": "managers", "job": "approve on time", "cause": "nobody stands in"}
    hypothesis = ask("POST", "hypotheses", 201, theme_id=theme, **words, by="abe")["id"]
    statement = ask("GET", f"feedback/{ids[about[0]]}")["statements"][0]["id"]
    ask("POST", f"hypotheses/{hypothesis}/evidence", statement_id=statement, side="for")

    # Backlog: two items that want the same people.
    work = {"engineering": {"effort": 4}, "support": {"effect": 1}}
    item = ask(
        "POST",
        "backlog",
        201,
        title="代理承認",
        themes={theme: 1.0},
        departments=work,
        hypothesis_id=hypothesis,
        by="abe",
    )["id"]
    rival = ask(
        "POST",
        "backlog",
        201,
        title="検索の改善",
        themes={theme: 0.2},
        departments={"engineering": {"effort": 4}},
        by="abe",
    )["id"]
    form = {"expertise": 5, "relationship": 4, "alternatives": 1, "difficulty": 2}
    ask("POST", f"backlog/{item}/ratings", 201, **form, initial_cost=4, operating_cost=0)
    scored = ask("GET", f"backlog/{item}")
    assert scored["priority"]["low"] < scored["priority"]["value"] < scored["priority"]["high"]
    metric = {"name": "voices a month", "unit": "voices", "baseline": 3, "target": 1}
    ask("PUT", f"backlog/{item}/metrics", metrics=[metric])

    # A round, its conflict, the decision.
    opened = ask(
        "POST", "rounds", 201, name="2026 Q2", periods=["2026Q2"], capacity={"engineering": [5]}
    )["id"]
    ask("PUT", f"rounds/{opened}/items", 204, items={item: {}, rival: {}})
    ask("POST", f"rounds/{opened}/scenarios", 202, name="as it is")
    settle(engine, worker, encoder)
    (scenario,) = ask("GET", f"rounds/{opened}/scenarios")
    assert (scenario["state"], scenario["result"]["period"]) == ("solved", {item: "2026Q2"})
    clash = [c for c in scenario["result"]["conflicts"] if c["kind"] == "capacity"]
    assert [(c["department"], c["items"]) for c in clash] == [("engineering", [item, rival])]
    word = {"agree_as_customer": True, "by": "CCO", "round_id": opened}
    ask("POST", "decisions", 201, item_id=item, verdict="approve", rationale="毎月止まる", **word)
    ask("POST", "decisions", 201, item_id=rival, verdict="defer", rationale="人が足りない", **word)

    # Pushed to a tracker, done there, shipped here.
    made = ask(
        "POST",
        "trackers",
        201,
        name="web",
        kind="github",
        project="minamo/shift",
        address=tracker.address,
    )["id"]
    ask("POST", f"backlog/{item}/trackers/{made}", 202, by="abe")
    Tracking(engine).step()
    (link,) = ask("GET", f"backlog/{item}/trackers")
    assert (link["state"], list(tracker.issues)) == ("pushed", [link["external_id"]])
    tracker.set(link["external_id"], "closed")
    packed, headers = event_of(tracker, link["external_id"])
    forged = headers | {"X-Hub-Signature-256": f"sha256={'0' * 64}"}
    for given, status in ((forged, 401), (headers, 204)):
        told = client.post(f"/api/trackers/{made}/events", content=packed, headers=given)
        assert told.status_code == status
    assert ask("GET", f"backlog/{item}")["state"] == "shipped"

    # Whoever handed it in hears of the decision and of the release, each once.
    post_all(engine)
    subjects = [str(mail["Subject"]) for mail in mailbox.to("sato@vendor.example")]
    assert sum("代理承認" in subject for subject in subjects) == 2
    assert len(subjects) == len(set(subjects))

    # Half a year later: one voice in ten is still heard of it.
    with transaction(engine) as session:
        session.get_one(BacklogItem, uuid.UUID(item)).shipped_at = SHIPPED
    hand_in(comes_after(rows))
    tests = ask("POST", f"backlog/{item}/tests", 201, by="abe")
    fell = {each["measure"]: each for each in tests if each["theme_id"] == theme}
    assert fell["companies"]["movement"] == "fell"
    assert fell["companies"]["high"] < 1

    # The review, and who else it is proposed to.
    facts = {"actuals": {"voices a month": 0.3}, "quantity_enough": True, "quality_good": True}
    review = ask("POST", f"backlog/{item}/review", **facts, by="CCO")
    assert review["next_step"] == "develop"
    proposed = ask("GET", f"backlog/{item}/customers")
    raised = {solved[each]["customer"]["external_id"] for each in about}
    assert len(proposed) >= 0.8 * len(raised)
    yen = [(each["arr"] or 0) if each["currency"] == "JPY" else 0 for each in proposed]
    assert yen == sorted(yen, reverse=True), "what has no rate comes last"
    assert len({each["currency"] for each in proposed}) > 1
    told_of = [line["action"] for line in ask("GET", f"roadmap/changes?subject_id={item}")]
    for action in ("created", "rated", "agreed", "issue_made", "tracker_status", "reviewed"):
        assert action in told_of
