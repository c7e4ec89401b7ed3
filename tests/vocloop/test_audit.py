"""The audit log can't be edited unseen."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from vocloop import audit
from vocloop.errors import InvalidInputError
from vocloop_models import AuditAction, AuditEntry, new_id
from vocloop_models.database import (
    migrate,
    open_database,
    reading,
    schema_change,
    transaction,
    upgrade,
)


def add(engine: Engine, *sources: str) -> None:
    with transaction(engine) as session:
        for source in sources:
            detail = {"source": source, "action": AuditAction.EXPIRED, "名": 0.1}
            session.add(AuditEntry(action=AuditAction.SET_POLICY, detail=detail))


def verified(engine: Engine, known: str | None = None) -> audit.Verified:
    with reading(engine) as session:
        return audit.verify(audit.lines(session), known)


def test_auditors_are_told_of_every_action() -> None:
    page = (Path(__file__).parents[2] / "docs" / "auditors.md").read_text("utf-8")
    assert [action for action in AuditAction if f"`{action}`" not in page] == []


def test_entries_of_all_transactions_make_one_chain(engine: Engine) -> None:
    assert verified(engine).entries == 0
    add(engine, "desk", "survey")
    add(engine, "chat")
    found = verified(engine)
    assert (found.entries, found.broken) == (3, None)
    with reading(engine) as session:
        told = [line["detail"]["source"] for line in audit.lines(session)]
    assert told == ["desk", "survey", "chat"]


def test_writers_at_once_keep_it_whole(engine: Engine) -> None:
    ready = threading.Barrier(4)

    def write(name: str) -> None:
        ready.wait()
        for number in range(5):
            add(engine, f"{name}-{number}", f"{name}-{number}-too")

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(engine) == audit.Verified(40, verified(engine).head)


def test_what_is_rolled_back_leaves_no_gap(engine: Engine) -> None:
    add(engine, "kept")

    def fail() -> None:
        with transaction(engine) as session:
            session.add(AuditEntry(action=AuditAction.EXPIRED))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    add(engine, "kept too")
    assert (verified(engine).entries, verified(engine).broken) == (2, None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE auditentry SET detail = '{}' WHERE number = 2", "line 2 (entry"),
        ("UPDATE auditentry SET action = 'expired' WHERE number = 1", "line 1 (entry"),
        ("UPDATE auditentry SET at = '2020-01-01 00:00:00.000000' WHERE number = 3", "line 3 ("),
        ("DELETE FROM auditentry WHERE number = 2", "line 2 is missing; line 3"),
        ("UPDATE auditentry SET digest = NULL, number = NULL WHERE number = 3", "no place"),
    ],
)
def test_the_first_line_that_was_tampered_with_is_named(
    engine: Engine, change: str, told: str
) -> None:
    add(engine, "one", "two", "three", "four")
    with engine.execution_options(vocloop_write=True).begin() as connection:
        connection.execute(text(change))
    broken = verified(engine).broken
    assert broken is not None
    assert told in broken


def test_lines_taken_off_the_end_show_by_a_digest_noted_before(engine: Engine) -> None:
    add(engine, "one", "two")
    known = verified(engine).head
    add(engine, "three")
    assert verified(engine, known).broken is None
    with engine.execution_options(vocloop_write=True).begin() as connection:
        connection.execute(text("DELETE FROM auditentry WHERE number > 1"))
    assert verified(engine).broken is None
    assert known in str(verified(engine, known).broken)


def test_the_product_can_neither_change_nor_remove_an_entry(engine: Engine) -> None:
    add(engine, "one")

    def change(session: Session) -> None:
        session.exec(select(AuditEntry)).one().detail = {}

    def remove(session: Session) -> None:
        session.delete(session.exec(select(AuditEntry)).one())

    for wrong in (change, remove):
        with pytest.raises(RuntimeError, match="never"), transaction(engine) as session:
            wrong(session)
    assert (verified(engine).entries, verified(engine).broken) == (1, None)


def test_an_export_is_verified_elsewhere(engine: Engine, tmp_path: Path) -> None:
    add(engine, "one", "two")
    path = tmp_path / "audit.jsonl"
    with reading(engine) as session, path.open("w", encoding="utf-8") as out:
        audit.write_jsonl(audit.lines(session), out)
    assert audit.verify(audit.read_jsonl(path)) == verified(engine)
    path.write_text(path.read_text("utf-8").replace("two", "2"), encoding="utf-8")
    assert "line 2" in str(audit.verify(audit.read_jsonl(path)).broken)
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="line 1 is no line"):
        audit.verify(audit.read_jsonl(path))
    out = io.StringIO()
    with reading(engine) as session:
        audit.write_csv(audit.lines(session), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["number"] for row in rows] == ["1", "2"]


def test_lines_from_before_the_chain_are_chained_in_their_order(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    with schema_change(engine) as connection:
        migrate(connection, "0013")
        for name in ("one", "two"):
            connection.execute(
                text(
                    "INSERT INTO auditentry (id, action, detail, at)"
                    " VALUES (:id, 'set_policy', :detail, '2026-01-01 00:00:00.5')"
                ),
                {"id": new_id().hex, "detail": f'{{"source": "{name}"}}'},
            )
    upgrade(engine)
    add(engine, "three")
    assert (verified(engine).entries, verified(engine).broken) == (3, None)
    with reading(engine) as session:
        told = [line["detail"]["source"] for line in audit.lines(session)]
    assert told == ["one", "two", "three"]
    engine.dispose()
