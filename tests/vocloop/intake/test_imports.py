"""An import is looked at first, stored, and can be taken out again."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from tests.api.records import add_theme, keep
from tests.meanwhile import meanwhile
from vocloop.errors import ConflictError, InvalidInputError
from vocloop.intake import imports
from vocloop.intake.files import open_rows
from vocloop.intake.importing import work
from vocloop.intake.reader import Options
from vocloop_models import (
    AssignedBy,
    AuditEntry,
    Contact,
    Customer,
    Feedback,
    ImportJob,
    ImportPart,
    ImportRefusal,
    ImportState,
    Record,
    Statement,
    Theme,
    ThemeMembership,
)
from vocloop_models.database import reading, transaction

OPTIONS = Options(source="desk")
WORDS = {"text": "Words"}
ROWS = [
    {
        "id": "1",
        "text": "検索が遅い。taro@minamo.example まで",
        "customer": "ミナモ",
        "contact": "p1",
    },
    {"id": "2", "text": "The export stops", "customer": "Acme"},
    {"id": "3", "text": "", "customer": "Acme"},
    {"id": "4", "text": "late", "date": "2199-01-01", "customer": "=cmd()"},
]


def file_of(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def uploaded(engine: Engine, content: bytes, options: Options = OPTIONS) -> ImportJob:
    name = "tickets.jsonl" if content.startswith(b"{") else "tickets.csv"
    with transaction(engine) as session:
        return imports.upload(session, name, [content], options)


def stored(engine: Engine, content: bytes, options: Options = OPTIONS) -> ImportJob:
    """Uploaded, checked, and its rows stored."""
    job = uploaded(engine, content, options)
    work(engine, job.id)
    with transaction(engine) as session:
        imports.start(session, job.id)
    work(engine, job.id)
    return again(engine, job)


def again(engine: Engine, job: ImportJob) -> ImportJob:
    with reading(engine) as session:
        return imports.get(session, job.id)


def counts(engine: Engine, *models: type[Record]) -> list[int]:
    with reading(engine) as session:
        return [session.exec(select(func.count()).select_from(m)).one() for m in models]


def test_a_check_shows_what_would_be_stored_and_stores_nothing(engine: Engine) -> None:
    job = uploaded(engine, file_of(ROWS))
    work(engine, job.id)
    job = again(engine, job)
    assert job.state is ImportState.CHECKED
    assert job.report["counts"] == {"read": 4, "stored": 2, "repeated": 0, "refused": 2}
    assert job.report["columns"]["text"] == "text"
    sample = job.report["samples"][0]["row"]
    assert sample["text"] == "検索が遅い。[EMAIL-1] まで"
    assert sample["customer"]["name"] == "ミナモ"
    assert counts(engine, Feedback, Customer, ImportRefusal) == [0, 0, 2]


def test_a_name_that_grows_as_personal_data_is_taken_out_still_fits(engine: Engine) -> None:
    with transaction(engine) as session:
        job = imports.upload(session, "a@b.co " * 43, [b"text\nslow"], OPTIONS)
    assert (len(job.name), "b.co" in job.name) == (300, False)


def test_an_uploaded_file_can_not_be_read_in_the_database(engine: Engine) -> None:
    uploaded(engine, file_of(ROWS))
    with reading(engine) as session:
        [part] = session.exec(select(ImportPart)).all()
    assert b"a.example" not in part.data


def test_rows_are_stored_under_their_import_and_the_file_goes(engine: Engine) -> None:
    job = stored(engine, file_of(ROWS))
    assert (job.state, job.read, job.stored, job.refused) == (ImportState.DONE, 4, 2, 2)
    with reading(engine) as session:
        assert set(session.exec(select(Feedback.import_id))) == {job.id}
    assert counts(engine, ImportPart) == [0]


def test_the_same_file_again_stores_nothing_twice(engine: Engine) -> None:
    rows = [{"text": "the very same words"}] * 3
    assert stored(engine, file_of(rows)).stored == 3
    repeated = stored(engine, file_of(rows))
    assert (repeated.stored, repeated.repeated) == (0, 3)
    with transaction(engine) as session:
        imports.undo(session, repeated.id)
    work(engine, repeated.id)
    assert counts(engine, Feedback) == [3]


def test_undo_takes_out_what_it_stored_and_keeps_what_people_built(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, "Slow search", scored=False)
        theme.fixed_en = True
    own = stored(engine, file_of([{"id": "0", "text": "before", "customer": "ミナモ"}]))
    job = stored(engine, file_of(ROWS))
    with transaction(engine) as session:
        put_all_in(session, theme, job)
        imports.undo(session, job.id)
    work(engine, job.id)
    job = again(engine, job)
    assert job.state is ImportState.UNDONE
    told = job.report["undone"]
    assert (told["feedback"], told["statements"]) == (2, 2)
    assert told["kept"]["themes_without_statements"] == [theme.number]
    with reading(engine) as session:
        assert session.exec(select(Feedback.import_id)).all() == [own.id]
        assert session.get_one(Theme, theme.id).title_en == "Slow search"
        # ミナモ is the earlier import's, Acme was this one's alone.
        assert session.exec(select(Customer.name)).all() == ["ミナモ"]
    assert counts(engine, Contact, Statement, ImportRefusal, AuditEntry) == [0, 1, 0, 1]
    assert stored(engine, file_of(ROWS)).stored == 2


def put_all_in(session: Session, theme: Theme, job: ImportJob) -> None:
    query = select(Statement.id).join(Feedback).where(col(Feedback.import_id) == job.id)
    for statement_id in session.exec(query).all():
        keep(
            session,
            ThemeMembership(
                statement_id=statement_id,
                theme_id=theme.id,
                confidence=1,
                assigned_by=AssignedBy.RUN,
            ),
        )


def test_cancelling_keeps_what_is_stored_by_then(engine: Engine) -> None:
    job = started(engine, 1_200)

    def stop(_stage: str, _done: int, _total: int) -> None:
        with transaction(engine) as session:
            imports.cancel(session, job.id)

    work(engine, job.id, stop)
    assert again(engine, job).state is ImportState.CANCELLED
    assert counts(engine, Feedback, ImportPart) == [500, 0]


def test_a_check_whose_options_change_meanwhile_shows_what_the_new_ones_hold(
    engine: Engine,
) -> None:
    job = uploaded(engine, b"Words,Title\ntoo slow,Search\n", Options("desk", mapping=WORDS))

    def ask_anew(_stage: str, _done: int, _total: int) -> None:
        with transaction(engine) as session:
            other = Options("desk", mapping={"text": "Title"})
            imports.check_again(session, job.id, other)

    work(engine, job.id, ask_anew)
    work(engine, job.id)
    [sample] = again(engine, job).report["samples"]
    assert sample["row"]["text"] == "Search"


def test_what_is_cancelled_while_a_file_that_can_not_be_used_is_checked_stays_cancelled(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_IMPORT_ROWS", "600")
    job = uploaded(engine, file_of([{"id": n, "text": f"voice {n}"} for n in range(1_200)]))

    def cancel(_stage: str, _done: int, _total: int) -> None:
        with transaction(engine) as session:
            imports.cancel(session, job.id)

    work(engine, job.id, cancel)
    assert again(engine, job).state is ImportState.CANCELLED


def test_what_is_cancelled_just_as_it_begins_has_not_failed(engine: Engine) -> None:
    job = uploaded(engine, file_of(ROWS))
    with transaction(engine) as session:
        imports.start(session, job.id)
    failed = meanwhile(
        engine,
        lambda session: imports.cancel(session, job.id),
        lambda: work(engine, job.id),
    )
    assert failed is None
    job = again(engine, job)
    assert (job.state, job.error) == (ImportState.CANCELLED, None)


def test_two_workers_at_one_import_do_not_take_its_file_from_each_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(engine, 1_200)

    def opened_late(*given: Any, **how: Any) -> Any:
        monkeypatch.undo()
        killed_after_a_batch(engine, job)
        return open_rows(*given, **how)

    monkeypatch.setattr("vocloop.intake.importing.open_rows", opened_late)
    work(engine, job.id)
    work(engine, job.id)
    assert (again(engine, job).state, counts(engine, Feedback)) == (ImportState.DONE, [1_200])
    assert not list(Path(tempfile.gettempdir()).glob(f"vocloop-import-{job.id}*"))


def test_a_worker_whom_another_one_overtook_leaves_the_import_to_it(engine: Engine) -> None:
    job = started(engine, 1_700)
    work(engine, job.id, lambda *_: killed_after_a_batch(engine, job))
    assert (again(engine, job).state, counts(engine, Feedback)) == (ImportState.RUNNING, [1_000])
    work(engine, job.id)
    assert (again(engine, job).state, counts(engine, Feedback)) == (ImportState.DONE, [1_700])


def started(engine: Engine, rows: int) -> ImportJob:
    job = uploaded(engine, file_of([{"id": n, "text": f"voice {n}"} for n in range(rows)]))
    with transaction(engine) as session:
        return imports.start(session, job.id)


def killed_after_a_batch(engine: Engine, job: ImportJob) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(engine, job.id, kill)


def test_only_what_makes_sense_can_be_asked_for(engine: Engine) -> None:
    job = stored(engine, file_of(ROWS))
    with transaction(engine) as session, pytest.raises(ConflictError, match="is done"):
        imports.start(session, job.id)
    checked = uploaded(engine, file_of(ROWS))
    with transaction(engine) as session, pytest.raises(ConflictError, match="the import is"):
        imports.undo(session, checked.id)


def test_a_file_that_can_not_be_read_is_looked_at_again_with_other_options(engine: Engine) -> None:
    job = uploaded(engine, b"Words,When\ntoo slow,2024-05-13\n")
    work(engine, job.id)
    job = again(engine, job)
    assert "no column for text" in str(job.error)
    with transaction(engine) as session:
        imports.check_again(session, job.id, Options(source="desk", mapping={"text": "Words"}))
    work(engine, job.id)
    job = again(engine, job)
    assert (job.error, job.report["counts"]["stored"]) == (None, 1)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("IMPORT_MEGABYTES", "1", "over 1 MB"), ("IMPORT_ROWS", "600", "more than 600 rows")],
)
def test_limits_are_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"VOCLOOP_{name}", value)
    content = file_of([{"text": "x" * 1_000} for _ in range(1_100)])
    if name == "IMPORT_MEGABYTES":
        with pytest.raises(InvalidInputError, match=reason):
            uploaded(engine, content)
        return
    job = uploaded(engine, content)
    work(engine, job.id)
    assert reason in str(again(engine, job).error)


def test_columns_become_segments_only_when_asked_for(engine: Engine, tmp_path: Path) -> None:
    table = io.StringIO()
    csv.writer(table).writerows(
        [["customer id", "company", "industry", "業態", "memo"], ["C1", "A", "IT", "飲食", "x"]]
    )
    content = table.getvalue().encode()
    stored(engine, content)
    with reading(engine) as session:
        assert session.exec(select(Customer)).one().segments == {}
    stored(engine, content, Options(source="desk", segments=("業態",)))
    with reading(engine) as session:
        assert session.exec(select(Customer)).one().segments == {"業態": "飲食"}
