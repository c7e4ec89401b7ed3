"""What happened to an item, told on its page."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.ui.planned import plan
from vocloop.roadmap.audit import by_tracker, note
from vocloop_models.database import transaction


def test_the_history_tells_in_the_readers_language_why_a_tracker_refused(
    client: TestClient, engine: Engine
) -> None:
    reason = "set VOCLOOP_X, or VOCLOOP_X_FILE to the path of a file that has it"
    with transaction(engine) as session:
        item = plan(session).item
        note(session, item, "push_failed", by_tracker("web", reason))
        note(session, item, "issue_updated", by_tracker("web"))
    page = client.get(f"/backlog/{item}?lang=ja").text
    assert "環境変数VOCLOOP_Xを設定するか" in page
    assert reason not in page
    assert "issue_updated" not in page
    assert "課題管理ツール web" in page
