"""``vocloop doctor`` says what is wrong, and mends what it can; no output holds a password."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import typer
from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.cli.processes import Commands
from vocloop.cli import doctor
from vocloop.errors import EncoderError
from vocloop_models import ClusterRun, Job, JobKind, JobState, RunState, now
from vocloop_models.database import reading, transaction
from vocloop_ui import assets

LONG_AGO = dt.timedelta(days=1)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Browser libraries are here, also in a checkout without them."""
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "htmx.min.js").touch()
    monkeypatch.setattr(assets, "STATIC", tmp_path)


def line(said: str, what: str) -> str:
    return next(line for line in said.splitlines() if f"  {what}: " in line)


def test_it_finds_and_mends_missing_tables(loose: Commands) -> None:
    ended = loose.run("doctor")
    assert ended.code == 1
    assert line(ended.out, "database").startswith("BAD")
    assert "vocloop db upgrade" in ended.out
    # Looking changes nothing.
    assert line(loose.run("doctor").out, "database").startswith("BAD")
    mended = loose.run("doctor", "--fix")
    for what in ("database", "queue", "model"):
        assert line(mended.out, what).startswith("ok")
    assert line(loose.run("doctor").out, "database").startswith("ok")


def test_db_upgrade_makes_the_tables_and_can_be_repeated(loose: Commands) -> None:
    assert "upgraded from empty" in loose.run("db", "upgrade").err
    again = loose.run("db", "upgrade")
    assert (again.code, again.out) == (0, "")
    assert "is up to date" in again.err


def test_what_a_killed_process_left_running_is_shown_and_mended(
    commands: Commands, engine: Engine
) -> None:
    with transaction(engine) as session:
        lost = {"kind": JobKind.REFRESH_THEMES, "state": JobState.RUNNING}
        lost |= {"leased_until": now() - LONG_AGO}
        session.add(Job(**lost, attempts=1))
        session.add(Job(**lost, attempts=3))
        session.add(ClusterRun(encoder="words", started_at=now() - LONG_AGO))
        session.add(ClusterRun(encoder="words"))
    shown = line(commands.run("doctor").out, "queue")
    assert shown.startswith("BAD")
    assert "2 jobs lost their worker" in shown
    assert "1 runs never ended" in shown
    assert line(commands.run("doctor", "--fix").out, "queue").startswith("ok")
    with reading(engine) as session:
        jobs = session.exec(select(Job.state).order_by(Job.attempts)).all()
        runs = session.exec(select(ClusterRun.state).order_by(ClusterRun.started_at)).all()
    assert jobs == [JobState.QUEUED, JobState.FAILED]
    # The young one may be alive in another process.
    assert runs == [RunState.FAILED, RunState.RUNNING]


def test_a_healthy_installation_ends_well(
    database: str, engine: Engine, pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fakes import WordEncoder

    monkeypatch.setenv("VOCLOOP_DATABASE_URL", database)
    monkeypatch.setattr(doctor, "encoder", WordEncoder)
    doctor.doctor(fix=False)


def test_missing_browser_libraries_are_bad(
    database: str,
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.fakes import WordEncoder

    monkeypatch.setenv("VOCLOOP_DATABASE_URL", database)
    monkeypatch.setattr(doctor, "encoder", WordEncoder)
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    with pytest.raises(typer.Exit) as ended:
        doctor.doctor(fix=False)
    assert ended.value.exit_code == 1
    assert line(capsys.readouterr().out, "pages").startswith("BAD")


def test_a_damaged_default_model_is_made_anew(
    database: str, engine: Engine, pages: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fakes import WordEncoder

    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("damaged", encoding="utf-8")

    def prepare(_cache: Path) -> Path:
        folder.mkdir(exist_ok=True)
        return folder

    def load() -> WordEncoder:
        if any(folder.iterdir()):
            raise EncoderError("the weights can't be read")
        return WordEncoder()

    monkeypatch.setenv("VOCLOOP_DATABASE_URL", database)
    monkeypatch.setattr(doctor, "prepare_default", prepare)
    monkeypatch.setattr(doctor, "encoder", load)
    with pytest.raises(typer.Exit):
        doctor.doctor(fix=False)
    doctor.doctor(fix=True)


def test_a_model_that_is_not_there_is_bad_and_not_ours_to_mend(
    loose: Commands, tmp_path: Path
) -> None:
    env = {"VOCLOOP_ENCODER_MODEL": str(tmp_path / "nowhere")}
    ended = loose.run("doctor", "--fix", env=env, words=False)
    assert ended.code == 1
    assert line(ended.out, "model").startswith("BAD")
    assert "VOCLOOP_ENCODER_MODEL" in ended.out
    assert "Traceback" not in ended.said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:hush-hush@127.0.0.1:1/name",
        "postgresql://someone@127.0.0.1:1/name?password=hush-hush",
        "postgresql://someone:hush@hush-hush@127.0.0.1/name",
        "postgresql://someone:hush-hush@127.0.0.1:port/name",
        "mysql://someone:hush-hush@127.0.0.1/name",
        "nothing://someone:hush-hush@127.0.0.1/name",
        "hush-hush",
    ],
)
def test_an_unusable_database_is_told_without_its_password(loose: Commands, url: str) -> None:
    env = {"VOCLOOP_DATABASE_URL": url}
    for arguments in (["doctor", "--fix"], ["themes", "list"], ["serve", "--port", "0"]):
        ended = loose.run(*arguments, env=env)
        assert ended.code == 1
        assert "hush-hush" not in ended.said
        assert "Traceback" not in ended.said
    ended = loose.run("doctor", env=env)
    assert line(ended.out, "database").startswith("BAD")


def test_a_file_that_is_no_database_is_told_in_words(loose: Commands, tmp_path: Path) -> None:
    (tmp_path / "own.db").write_text("these are words, not tables" * 100, encoding="utf-8")
    for arguments in (["themes", "list"], ["db", "upgrade"]):
        ended = loose.run(*arguments)
        assert ended.code == 1
        assert "file is not a database" in ended.err
        assert "Traceback" not in ended.said
