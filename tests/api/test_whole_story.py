"""The loop, once around, on the sample company: from voices to a theme, a decision, an issue, a
release, the mail to whoever handed the voice in, the fall, the review, and who else it helps.

Everything goes through the API; the worker's parts do what they do beside it. Vectors are prepared
(what each voice of the sample is about is known), and time passes by one date in the database."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from sqlalchemy import Engine

from tests.receivers import Mailbox
from tests.vocloop.roadmap.trackers.servers import Site, github_issue, site
from vocloop.worker.postman import Postman
from vocloop.worker.routing import Router
from vocloop.worker.tracking import Tracking
from vocloop.worker.worker import Worker
from vocloop_models import BacklogItem, TrackerKind
from vocloop_models.database import transaction

SAMPLE = Path(__file__).parents[2] / "examples" / "minamo"
# What is solved, and what nobody touches.
SOLVED = "approver_absent"
OTHERS = ("holiday_calendar", "search_requests", "slow_screens", "vendor_master", "month_end_csv")
SHIPPED = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
SECRET = "a secret of the webhook"  # noqa: S105 - invented


def sample() -> list[dict[str, Any]]:
    """Voices of the sample about one of these themes, as intake takes them; ``about`` besides."""
    about = {}
    for line in (SAMPLE / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        if len(truth["themes"]) == 1 and truth["themes"][0] in (SOLVED, *OTHERS):
            about[truth["id"]] = truth["themes"][0]
    rows = []
    for line in (SAMPLE / "feedback.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["id"] in about:
            rows.append(
                {
                    "about": about[row["id"]],
                    "text": row["text"],
                    "source": "desk",
                    "external_id": row["id"],
                    "channel": row["channel"],
                    "customer": {"external_id": row["customer"]},
                    "said_at": row["date"],
                    "submitted_by": "佐藤",
                }
            )
    return rows


class PlantedEncoder:
    """Statements about the same are near each other; which language they are in hardly shows."""

    name = "planted"
    dimensions = 64

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        found = np.array([self._one(text) for text in texts], np.float32)
        if progress:
            progress(len(texts), len(texts))
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def _one(self, text: str) -> NDArray[np.float64]:
        about = next((row["about"] for row in self._rows if text in row["text"]), text)
        return _direction(about) + 0.5 * _direction(text)


def _direction(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    drawn = np.random.default_rng(seed).standard_normal(PlantedEncoder.dimensions)
    return drawn / np.linalg.norm(drawn)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TOKEN", "key")
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_SECRET", SECRET)
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.1"]')
    with site(TrackerKind.GITHUB) as made:
        yield made


def test_the_whole_loop(  # noqa: PLR0915 - one story
    client: TestClient, engine: Engine, tracker: Site, mailbox: Mailbox
) -> None:
    def ask(method: str, path: str, status: int = 200, **body: Any) -> Any:
        answer = client.request(method, f"/api/{path}", json=body or None)
        assert answer.status_code == status, f"{path}: {answer.text}"
        return answer.json() if answer.content else None

    rows = sample()
    encoder = PlantedEncoder(rows)
    worker, router = Worker(engine, lambda: encoder), Router()

    def settle() -> None:
        """All that waits is done, routing too, which the worker does every few seconds."""
        for _ in range(100):
            if not worker.step() and not router.some(engine, lambda: encoder):
                return
        raise AssertionError("the worker finds no rest")

    def hand_in(chosen: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        sent = [{n: v for n, v in row.items() if n != "about"} for row in chosen]
        kept = ask("POST", "feedback:batch", rows=sent)
        assert kept["refused"] == 0
        settle()
        return {
            row["external_id"]: each["id"] for row, each in zip(sent, kept["rows"], strict=True)
        }

    # Heard: customers, departments, whoever hands in.
    with (SAMPLE / "customers.csv").open(encoding="utf-8", newline="") as file:
        customers = [{n: v for n, v in row.items() if v} for row in csv.DictReader(file)]
    ask("POST", "customers:upsert", rows=customers)
    with (SAMPLE / "departments.csv").open(encoding="utf-8", newline="") as file:
        for department in csv.DictReader(file):
            ask("PUT", f"departments/{department.pop('key')}", **department)
    ask("POST", "people", 201, name="佐藤", address="sato@vendor.example", language="ja")
    Postman(engine).notice()
    before = [row for row in rows if dt.datetime.fromisoformat(row["said_at"]) < SHIPPED]
    ids = hand_in(before)

    # A theme, with its score.
    about = [row["external_id"] for row in before if row["about"] == SOLVED]
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
    settle()
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
    issue = github_issue(tracker, tracker.issues[link["external_id"]])
    packed = json.dumps({"action": "closed", "issue": issue}).encode()
    proof = hmac.digest(SECRET.encode(), packed, hashlib.sha256).hex()
    for given, status in (("0" * 64, 401), (proof, 204)):
        headers = {"X-Hub-Signature-256": f"sha256={given}", "X-GitHub-Event": "issues"}
        told = client.post(f"/api/trackers/{made}/events", content=packed, headers=headers)
        assert told.status_code == status
    assert ask("GET", f"backlog/{item}")["state"] == "shipped"

    # Whoever handed it in hears of the decision and of the release, each once.
    postman = Postman(engine)
    for _ in range(2):
        postman.notice()
        while postman.deliver():
            pass
    subjects = [str(mail["Subject"]) for mail in mailbox.to("sato@vendor.example")]
    assert sum("代理承認" in subject for subject in subjects) == 2
    assert len(subjects) == len(set(subjects))

    # Half a year later: one voice in ten is still heard of it.
    with transaction(engine) as session:
        session.get_one(BacklogItem, uuid.UUID(item)).shipped_at = SHIPPED
    after = [row for row in rows if dt.datetime.fromisoformat(row["said_at"]) >= SHIPPED]
    solved = [row for row in after if row["about"] == SOLVED]
    hand_in([*solved[::10], *(row for row in after if row["about"] != SOLVED)])
    tests = ask("POST", f"backlog/{item}/tests", 201, by="abe")
    fell = {each["measure"]: each for each in tests if each["theme_id"] == theme}
    assert fell["companies"]["movement"] == "fell"
    assert fell["companies"]["high"] < 1

    # The review, and who else it is proposed to.
    facts = {"actuals": {"voices a month": 0.3}, "quantity_enough": True, "quality_good": True}
    review = ask("POST", f"backlog/{item}/review", **facts, by="CCO")
    assert review["next_step"] == "develop"
    proposed = ask("GET", f"backlog/{item}/customers")
    raised = {row["customer"]["external_id"] for row in before if row["about"] == SOLVED}
    assert len(proposed) >= 0.8 * len(raised)
    assert [each["arr"] or 0 for each in proposed] == sorted(
        (each["arr"] or 0 for each in proposed), reverse=True
    )
    told_of = [line["action"] for line in ask("GET", f"roadmap/changes?subject_id={item}")]
    for action in ("created", "rated", "agreed", "issue_made", "tracker_status", "reviewed"):
        assert action in told_of
