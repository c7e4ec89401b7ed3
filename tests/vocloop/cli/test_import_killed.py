"""kill -9 at any point of an import, then `vocloop import resume`: the same final state."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.vocloop.cli.processes import Commands
from tests.vocloop.cli.voices import holds, voices, written
from vocloop_models import (
    Feedback,
    ImportJob,
    ImportPart,
    ImportRefusal,
    ImportState,
    Record,
)
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

# (what has just been done when the process is killed, the how manieth time)
POINTS = {
    "during the check": ("vocloop.intake.importing:Writer.judge", 2),
    "before the first row": ("vocloop.intake.importing:_skip", 1),
    "inside a transaction": ("vocloop.intake.importing:Writer.store", 2),
    "before a commit": ("vocloop.intake.importing:add_refusals", 3),
    "at the very end": ("vocloop.intake.importing:end", 1),
}


def state(engine: Engine) -> dict[str, Any]:
    with reading(engine) as session:
        job = session.exec(select(ImportJob)).one()
        refused = session.exec(select(ImportRefusal).order_by(col(ImportRefusal.number))).all()
        left = session.exec(select(ImportPart.number)).all()
        unmarked = session.exec(
            select(Feedback.id).where(col(Feedback.import_id).is_distinct_from(job.id))
        ).all()
    counts = job.model_dump(include={"state", "read", "stored", "repeated", "refused", "position"})
    rows = [(each.number, each.line, each.reason, each.row) for each in refused]
    return holds(engine) | {"job": counts, "refused": rows, "parts": left, "unmarked": unmarked}


def empty(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in reversed(Record.metadata.sorted_tables):
            session.execute(table.delete())


def the_import(engine: Engine) -> ImportJob:
    with reading(engine) as session:
        return session.exec(select(ImportJob)).one()


@pytest.fixture
def file(tmp_path: Path) -> str:
    rows = voices(350)
    # Rows without an id are told apart by their text and their place among like ones.
    rows += [{"text": "the very same words"}] * 40
    for place in (3, 600, 1_060):
        rows.insert(place, {"id": f"bad {place}", "text": " "})
    return written(tmp_path / "tickets.jsonl", rows)


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """By database: what an undisturbed import leaves behind."""
    return {}


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_ends_as_if_nothing_had_happened(
    commands: Commands, engine: Engine, file: str, known: dict[str, Any], point: str
) -> None:
    kind = engine.dialect.name
    if kind not in known:
        assert commands.run("import", "start", file).code == 1  # three rows are refused
        known[kind] = state(engine)
        assert known[kind]["job"]["stored"] == 1_090
        empty(engine)
    target, call = POINTS[point]
    commands.kill_at(target, "import", "start", file, call=call)
    job = the_import(engine)
    assert job.state in {ImportState.UPLOADED, ImportState.QUEUED, ImportState.RUNNING}
    ended = commands.run("import", "resume", str(job.id))
    assert "1,090 stored" in ended.out, ended.said
    assert state(engine) == known[kind]
    assert not list(Path(tempfile.gettempdir()).glob(f"vocloop-import-{job.id}*"))


def test_a_killed_undo_is_finished_by_the_same_command(
    commands: Commands, engine: Engine, file: str
) -> None:
    commands.run("import", "start", file)
    job = the_import(engine)
    commands.kill_at(
        "vocloop.intake.importing:remove_feedback", "import", "undo", str(job.id), call=2
    )
    assert the_import(engine).state is ImportState.UNDOING
    assert "1,090 feedback" in commands.run("import", "undo", str(job.id)).out
    assert the_import(engine).state is ImportState.UNDONE
    assert not holds(engine)["feedback"]
    assert not holds(engine)["customers"]
