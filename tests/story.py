"""The sample company's part of the loop that both stories tell, through the API and by browser.

Vectors are prepared: what each voice of the sample is about is known."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from tests.vocloop.roadmap.trackers.servers import SECRET, Site, github_issue
from vocloop.worker.postman import Postman
from vocloop.worker.routing import Router
from vocloop.worker.worker import Worker

SAMPLE = Path(__file__).parents[1] / "examples" / "minamo"
# What is solved, and what nobody touches.
SOLVED = "approver_absent"
OTHERS = ("holiday_calendar", "search_requests", "slow_screens", "vendor_master", "month_end_csv")
SHIPPED = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def table(name: str) -> list[dict[str, str]]:
    """Rows of a file of the sample, without what they leave empty."""
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return [{n: v for n, v in row.items() if v} for row in csv.DictReader(file)]


def sample(submitted_by: str) -> list[dict[str, Any]]:
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
                    "submitted_by": submitted_by,
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


def has_come(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those said before the release, as intake takes them."""
    return [told(row) for row in rows if not _since(row)]


def comes_after(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those said since: of what was solved, one voice in ten."""
    after = [row for row in rows if _since(row)]
    solved = [row for row in after if row["about"] == SOLVED]
    return [told(row) for row in (*solved[::10], *(r for r in after if r["about"] != SOLVED))]


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "about"}


def _since(row: Mapping[str, Any]) -> bool:
    return dt.datetime.fromisoformat(row["said_at"]) >= SHIPPED


def settle(engine: Engine, worker: Worker, encoder: PlantedEncoder) -> None:
    """All that waits is done, routing too, which the worker does every few seconds."""
    router = Router()
    for _ in range(100):
        if not worker.step() and not router.some(engine, lambda: encoder):
            return
    raise AssertionError("the worker finds no rest")


def post_all(engine: Engine) -> None:
    """All mail goes out, looked for twice: nothing may go out again."""
    postman = Postman(engine)
    for _ in range(2):
        postman.notice()
        while postman.deliver():
            pass


def event_of(site: Site, external_id: str) -> tuple[bytes, dict[str, str]]:
    """What the tracker's webhook tells of an issue, and its headers."""
    issue = github_issue(site, site.issues[external_id])
    told = {"action": "closed", "issue": issue, "repository": {"full_name": "minamo/shift"}}
    packed = json.dumps(told).encode()
    proof = hmac.digest(SECRET.encode(), packed, hashlib.sha256).hex()
    return packed, {"X-Hub-Signature-256": f"sha256={proof}", "X-GitHub-Event": "issues"}
