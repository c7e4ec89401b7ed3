from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.fakes import WordEncoder
from tests.vocloop.worker.voices import THEMES, add_voices
from vocloop.themes.assign import KnownThemes
from vocloop.themes.facts import merge
from vocloop.themes.registry import newest
from vocloop.worker import jobs, worker
from vocloop.worker.suggest import Nearest, suggest
from vocloop.worker.worker import Worker
from vocloop_models import (
    AssignedBy,
    Channel,
    ClusterRun,
    Feedback,
    FeedbackState,
    JobKind,
    JobState,
    RunState,
    Statement,
    StatementVector,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemeScore,
    ThemeState,
)
from vocloop_models.database import reading, transaction


def settle(engine: Engine) -> Worker:
    """A worker that has done all there is to do."""
    one = Worker(engine, WordEncoder)
    for _ in range(50):
        if not one.step():
            return one
    raise AssertionError("the worker finds no rest")


def filled(engine: Engine, each: int = 20) -> Worker:
    with transaction(engine) as session:
        add_voices(session, each)
    return settle(engine)


def members(engine: Engine) -> dict[str, object]:
    """External id → theme id."""
    with reading(engine) as session:
        rows = session.exec(
            select(Feedback.external_id, ThemeMembership.theme_id)
            .join(Statement, Statement.feedback_id == Feedback.id)
            .join(ThemeMembership, ThemeMembership.statement_id == Statement.id)
        ).all()
    return dict(rows)


def test_the_manner_of_a_channel_is_no_theme(engine: Engine) -> None:
    manner = {Channel.SURVEY: "surely", Channel.TICKET: "dear"}
    with transaction(engine) as session:
        for start in (0, 30):
            add_voices(session, 30, start=start)
        for i, voice in enumerate(session.exec(select(Feedback)).all()):
            voice.channel = (Channel.SURVEY, Channel.TICKET)[i // 2 % 2]
            (said,) = session.exec(select(Statement).where(Statement.feedback_id == voice.id))
            said.text += f" {manner[voice.channel]}"
    settle(engine)
    with reading(engine) as session:
        assert len(session.exec(select(Theme)).all()) == len(THEMES)


def test_feedback_becomes_scored_themes(engine: Engine) -> None:
    filled(engine)
    with reading(engine) as session:
        assert {f.state for f in session.exec(select(Feedback)).all()} == {FeedbackState.THEMED}
        themes = session.exec(select(Theme)).all()
        assert len(themes) == len(THEMES)
        assert sorted(t.number for t in themes) == [1, 2, 3]
        assert all(t.title_ja and t.title_en for t in themes)
        assert {s.theme_id for s in session.exec(select(ThemeScore)).all()} == {
            t.id for t in themes
        }
    by_theme = Counter((ext.split("-")[0], theme) for ext, theme in members(engine).items())
    assert sorted(by_theme.values()) == [20, 20, 20]


def test_many_who_ask_at_once_read_the_known_themes_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, all_there = [], threading.Barrier(4)

    class Slow(KnownThemes):
        @classmethod
        def of(cls, session: Session, encoder: str) -> KnownThemes:
            asked.append(encoder)
            time.sleep(0.1)
            return super().of(session, encoder)

    monkeypatch.setattr(worker, "KnownThemes", Slow)
    one = Worker(engine, WordEncoder)

    def ask() -> None:
        all_there.wait()
        assert one.known is one.known

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert asked == [WordEncoder.name]


def test_a_new_voice_gets_its_theme_at_once(engine: Engine) -> None:
    known = filled(engine)
    before = members(engine)
    with transaction(engine) as session:
        add_voices(session, 1, start=100)
    assert known.encode_some() == 3
    assert known.assign_some() == 3
    after = members(engine)
    for key in THEMES:
        assert after[f"{key}-100"] == before[f"{key}-0"]
    with reading(engine) as session:
        by = session.exec(select(ThemeMembership.assigned_by)).all()
    assert Counter(by)[AssignedBy.ARRIVAL] == 3


def test_before_any_run_a_voice_waits_without_theme(engine: Engine) -> None:
    with transaction(engine) as session:
        add_voices(session, 1)
    settle(engine)
    assert members(engine) == {}
    with reading(engine) as session:
        assert newest(session, RunState.DONE) is None


def test_a_second_run_on_the_same_data_changes_nothing(engine: Engine) -> None:
    known = filled(engine)
    before = members(engine)
    with reading(engine) as session:
        titles = {t.id: (t.number, t.title_ja, t.title_en) for t in session.exec(select(Theme))}
    known.refresh_themes()
    assert members(engine) == before
    with reading(engine) as session:
        assert titles == {
            t.id: (t.number, t.title_ja, t.title_en) for t in session.exec(select(Theme))
        }
        told = session.exec(select(ThemeEvent.kind)).all()
    assert told == [ThemeEventKind.BORN] * 3


def test_more_data_keeps_the_ids(engine: Engine) -> None:
    known = filled(engine)
    before = members(engine)
    with transaction(engine) as session:
        add_voices(session, 10, start=40)
    settle(engine)
    after = members(engine)
    assert {k: after[k] for k in before} == before
    with reading(engine) as session:
        kinds = Counter(session.exec(select(ThemeEvent.kind)).all())
    assert kinds[ThemeEventKind.BORN] == 3
    assert kinds[ThemeEventKind.GREW] == 3
    assert known.known is not None


def test_a_theme_without_a_cluster_fades_and_comes_back(engine: Engine) -> None:
    known = filled(engine)
    with reading(engine) as session:
        gone = session.exec(
            select(Statement.id).where(Statement.text.contains("csv"))  # type: ignore[attr-defined]
        ).all()
        gone += session.exec(
            select(Statement.id).where(Statement.text.contains("月末"))  # type: ignore[attr-defined]
        ).all()
    with transaction(engine) as session:
        kept = [session.get(StatementVector, (s, "words")) for s in gone]
        copies = [(v.statement_id, v.vector) for v in kept if v]
        for vector in kept:
            session.delete(vector)
    known.refresh_themes()
    with reading(engine) as session:
        states = Counter(session.exec(select(Theme.state)).all())
    assert states == {ThemeState.ACTIVE: 2, ThemeState.FADED: 1}
    with transaction(engine) as session:
        for statement, vector in copies:
            session.add(StatementVector(statement_id=statement, encoder="words", vector=vector))
    known.refresh_themes()
    with reading(engine) as session:
        assert set(session.exec(select(Theme.state)).all()) == {ThemeState.ACTIVE}
        assert len(session.exec(select(Theme)).all()) == 3
        kinds = Counter(session.exec(select(ThemeEvent.kind)).all())
    assert kinds[ThemeEventKind.REVIVED] == 1


def test_after_a_merge_scores_and_arrivals_follow_without_a_run(engine: Engine) -> None:
    known = filled(engine)
    before = members(engine)
    gone, stays = before["login-0"], before["export-0"]
    with transaction(engine) as session:
        merge(session, gone, stays)  # type: ignore[arg-type]
    known._scoring.hurry()
    assert known.step()
    assert not known.step()
    with reading(engine) as session:
        scored_on = session.get_one(Theme, stays).scored_on
        assert session.get_one(ThemeScore, (stays, scored_on)).statements == 40
    with transaction(engine) as session:
        add_voices(session, 1, start=100)
    assert known.encode_some() == known.assign_some() == 3
    assert members(engine)["login-100"] == stays


def test_a_failing_run_is_noted_and_the_worker_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no luck")

    with transaction(engine) as session:
        add_voices(session, 20)
    monkeypatch.setattr("vocloop.themes.refresh.discover", broken)
    one = settle(engine)
    with reading(engine) as session:
        run = session.exec(select(ClusterRun)).one()
        assert (run.state, run.error) == (RunState.FAILED, "no luck")
        assert session.exec(select(Theme)).all() == []
    monkeypatch.undo()
    one.refresh_themes()
    with reading(engine) as session:
        assert len(session.exec(select(Theme)).all()) == 3


def test_a_queued_refresh_is_done_and_reported(engine: Engine) -> None:
    known = filled(engine)
    with transaction(engine) as session:
        job = jobs.enqueue(session, JobKind.REFRESH_THEMES)
    assert known.step()
    with reading(engine) as session:
        found = jobs.get(session, job.id)
    assert (found.state, found.error) == (JobState.DONE, None)
    assert found.stage == "scores"


def test_another_process_refreshed_and_this_one_notices(engine: Engine) -> None:
    known = filled(engine)
    first = known.known
    assert known.known is first
    Worker(engine, WordEncoder).refresh_themes()
    assert known.known is not first


def test_the_thread_stops_when_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    stop = threading.Event()
    thread = threading.Thread(target=Worker(engine, WordEncoder).run, args=(stop,))
    thread.start()
    time.sleep(0.05)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_words_being_typed_find_their_theme_in_the_other_language_too(engine: Engine) -> None:
    known = filled(engine)
    before = members(engine)
    found = suggest(known, "csv export month end", "en")
    assert found[0].theme_id == before["export-0"]
    assert found[0].title_ja
    assert 0 < found[0].similarity <= 1
    assert found[0].customers == 7


def test_what_says_most_nearly_the_same_is_encoded_once(engine: Engine) -> None:
    known = filled(engine)
    theme = members(engine)["export-0"]
    nearest = Nearest(known)
    found = nearest("csv export month end", [theme], 3)
    assert len(set(found)) == 3
    with reading(engine) as session:
        held = select(ThemeMembership.theme_id).where(col(ThemeMembership.statement_id).in_(found))
        assert set(session.exec(held)) == {theme}
    known.encoder.encode = None  # type: ignore[assignment,method-assign]
    assert nearest("csv export month end", [theme], 2) == found[:2]


def test_words_that_no_theme_knows_find_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        add_voices(session, 1)
    assert suggest(settle(engine), "csv export", "en") == []


def test_after_a_change_of_the_model_everything_is_encoded_again(engine: Engine) -> None:
    class OtherEncoder(WordEncoder):
        name = "other words"

    filled(engine)
    before = members(engine)
    Worker(engine, OtherEncoder).refresh_themes()
    assert members(engine) == before
    with reading(engine) as session:
        assert set(session.exec(select(Theme.state)).all()) == {ThemeState.ACTIVE}
        encoders = session.exec(select(StatementVector.encoder)).all()
    assert Counter(encoders) == {"words": 60, "other words": 60}


def test_scores_that_a_killed_worker_left_unwritten_are_written_by_the_next(
    engine: Engine,
) -> None:
    filled(engine)
    with transaction(engine) as session:
        for score in session.exec(select(ThemeScore)).all():
            session.delete(score)
    settle(engine)
    with reading(engine) as session:
        assert len(session.exec(select(ThemeScore)).all()) == len(THEMES)
