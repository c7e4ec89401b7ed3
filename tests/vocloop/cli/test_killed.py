"""kill -9 at any moment, then the same command again: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from tests.vocloop.cli.processes import Commands, until
from tests.vocloop.cli.voices import holds, voices, written
from vocloop_models import ClusterRun, Feedback, Record, RunState
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

# More than four transactions of intake.
ROWS = 2_100
MOMENTS = {
    "while encoding": ("tests.fakes:WordEncoder.encode", 2),
    "while assigning": ("vocloop.themes.assign:KnownThemes.assign", 1),
    "while clustering": ("vocloop.themes.refresh:discover", 1),
    "while writing": ("vocloop.themes.refresh:write_labels", 1),
    "before scoring": ("vocloop.worker.worker:refresh", 1),
    "while scoring": ("vocloop.worker.worker:score_themes", 1),
}


def empty(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in reversed(Record.metadata.sorted_tables):
            session.execute(table.delete())


def stored(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Feedback)).one()


def test_killed_imports_are_finished_by_the_same_command(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    rows = voices(ROWS // 3)
    # Rows without an id are told apart by their text and their place among like ones.
    rows += [{"text": "the very same words"}] * 40
    file = written(tmp_path / "tickets.jsonl", rows)
    assert commands.run("ingest", file).code == 0
    undisturbed = holds(engine)
    empty(engine)
    # While a transaction is open, right after a commit, and wherever it happens to be.
    commands.kill_at("vocloop.intake.writer:store_many", "ingest", file, call=1)
    assert stored(engine) == 0
    commands.kill_at("vocloop.intake.writer:store_many", "ingest", file, call=3)
    assert 0 < stored(engine) < len(rows)
    for least in (1_200, 1_700):
        running = commands.start("ingest", file)
        until(lambda least=least: stored(engine) >= least, running)
        running.kill()
        assert running.wait().code in (-signal.SIGKILL, 0)
    again = commands.run("ingest", file)
    assert again.code == 0
    assert f"{len(rows):,} rows read" in again.out
    assert holds(engine) == undisturbed
    assert f"0 stored, {len(rows):,} repeated, 0 refused" in commands.run("ingest", file).out


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, Any]]:
    """By database: what an undisturbed refresh leaves behind."""
    return {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_refresh_is_finished_by_the_same_command(
    commands: Commands,
    engine: Engine,
    tmp_path: Path,
    known: dict[str, dict[str, Any]],
    moment: str,
) -> None:
    file = written(tmp_path / "tickets.jsonl", voices(60))
    kind = engine.dialect.name
    if kind not in known:
        commands.run("ingest", file)
        assert commands.run("themes", "refresh").code == 0
        known[kind] = holds(engine)
        assert len(known[kind]["themes"]) == 3
        empty(engine)
    commands.run("ingest", file)
    target, call = MOMENTS[moment]
    commands.kill_at(target, "themes", "refresh", call=call)
    assert commands.run("themes", "refresh").code == 0
    assert holds(engine) == known[kind]
    with reading(engine) as session:
        runs = session.exec(select(ClusterRun.state).order_by(ClusterRun.id)).all()
    assert RunState.RUNNING not in runs
    assert runs[-1] == RunState.DONE


def test_a_killed_refresh_leaves_the_known_themes_as_they_were(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "old.jsonl", voices(30)))
    commands.run("themes", "refresh")
    before = holds(engine)
    commands.kill_at("vocloop.themes.refresh:write_labels", "themes", "refresh")
    assert holds(engine) == before


def test_an_interrupted_refresh_ends_its_run_and_says_nothing_of_the_code(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    commands.run("ingest", written(tmp_path / "old.jsonl", voices(30)))
    mark = tmp_path / "mark"
    running = commands.start(
        "themes",
        "refresh",
        pause={"target": "vocloop.themes.refresh:discover", "mark": str(mark)},
    )
    until(mark.exists, running)
    running.signal(signal.SIGINT)
    ended = running.wait()
    assert ended.code == 130
    assert "Traceback" not in ended.said
    with reading(engine) as session:
        run = session.exec(select(ClusterRun)).one()
    assert (run.state, run.error) == (RunState.FAILED, "interrupted; nothing was changed")
