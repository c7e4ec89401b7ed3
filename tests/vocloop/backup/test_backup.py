"""A workspace comes out of an archive, or of a copy, exactly as it went in, on either database."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from tests.filled import fill
from tests.models.agreement import differences
from vocloop.backup import Archive, copy_workspace, restore, rows, snapshot, write_archive
from vocloop.errors import ConflictError, DatabaseError, InvalidInputError
from vocloop_models import Department
from vocloop_models.database import (
    migrate,
    open_database,
    reading,
    revisions,
    schema_change,
    transaction,
    upgrade,
)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Engine]:
    """A database that does not exist yet."""
    engine = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with rows in every table, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    fill(engine)
    engine.dispose()
    return path


@pytest.fixture
def full(filled: Path, tmp_path: Path) -> Iterator[Engine]:
    """A database with rows in every table."""
    engine = open_database(f"sqlite:///{shutil.copy(filled, tmp_path / 'full.db')}")
    yield engine
    engine.dispose()


def held(engine: Engine) -> dict[str, rows.Held]:
    with snapshot(engine) as source:
        return {name: rows.held(source.lines(name)) for name in source.columns}


def archived(engine: Engine, path: Path) -> Path:
    with snapshot(engine) as source:
        write_archive(source, path, "sqlite")
    return path


def department(key: str) -> Department:
    return Department(key=key, name_ja="開発", name_en="Engineering")


def test_every_table_comes_back_as_it_was(full: Engine, engine: Engine, tmp_path: Path) -> None:
    before = held(full)
    assert {each.rows for each in before.values()} == {3}
    with Archive(archived(full, tmp_path / "there.zip")) as archive:
        assert restore(engine, archive) == before
    with Archive(archived(engine, tmp_path / "back.zip")) as archive:
        assert restore(full, archive, replace=True) == before
    assert held(full) == before


def test_a_copied_database_is_one_like_any_other(full: Engine, engine: Engine) -> None:
    assert copy_workspace(full, engine) == held(full)
    assert differences(engine) == []
    # References are kept again.
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.execute(text("DELETE FROM theme"))


def test_a_snapshot_is_one_moment_and_nobody_waits_for_it(engine: Engine) -> None:
    with snapshot(engine) as source:
        before = list(source.lines("department"))

        def write() -> None:
            with transaction(engine) as session:
                session.add(department("meanwhile"))

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(10)
        assert not writer.is_alive()
        assert list(source.lines("department")) == before == []
    with snapshot(engine) as source:
        assert len(list(source.lines("department"))) == 1


def test_a_database_with_rows_is_left_alone(full: Engine, engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(department("kept"))
    with pytest.raises(ConflictError, match=r"department.*--replace"):
        copy_workspace(full, engine)
    with reading(engine) as session:
        assert session.exec(select(Department.key)).all() == ["kept"]
    assert copy_workspace(full, engine, replace=True) == held(full)


def _tampered(path: Path, name: str, old: bytes, to: bytes) -> None:
    """The archive with some bytes of an entry changed, and valid as a zip."""
    with zipfile.ZipFile(path) as packed:
        held = {each: packed.read(each) for each in packed.namelist()}
    assert old in held[name]
    held[name] = held[name].replace(old, to, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, content in held.items():
            packed.writestr(each, content)


def test_a_damaged_archive_is_refused_with_every_table_that_is_wrong(
    full: Engine, new: Engine, tmp_path: Path
) -> None:
    path = archived(full, tmp_path / "backup.zip")
    _tampered(path, "tables/statement.jsonl", "承認".encode(), "否認".encode())
    _tampered(path, "tables/theme.jsonl", b"\n", b"")
    with Archive(path) as archive, pytest.raises(InvalidInputError, match="damaged") as error:
        restore(new, archive)
    assert [name for name, _ in error.value.problems] == ["theme", "statement"]
    reasons = dict(error.value.problems)
    assert "holds 2 rows; 3 were written" in reasons["theme"]
    assert "checksum" in reasons["statement"]
    # Not even tables were made.
    assert revisions(new)[0] is None


def test_flipped_bits_and_cut_files_are_told(full: Engine, tmp_path: Path) -> None:
    path = archived(full, tmp_path / "backup.zip")
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        start = packed.getinfo("tables/feedback.jsonl").header_offset + 80
    path.write_bytes(whole[:start] + bytes([whole[start] ^ 255]) + whole[start + 1 :])
    with Archive(path) as archive, pytest.raises(InvalidInputError) as error:
        archive.check()
    assert [name for name, _ in error.value.problems] == ["feedback"]
    for content in (whole[: len(whole) // 2], b"", b"words"):
        path.write_bytes(content)
        with pytest.raises(InvalidInputError, match="can't be read as a backup"):
            Archive(path)


def test_a_row_that_refers_to_nothing_is_refused(full: Engine, engine: Engine) -> None:
    """As from a database whose rows were deleted by hand, with references switched off."""
    with schema_change(full) as connection:
        connection.execute(text("DELETE FROM customer"))
    with pytest.raises(DatabaseError, match="refers to one"):
        copy_workspace(full, engine)
    with snapshot(engine) as source:
        assert list(source.lines("feedback")) == []


def test_a_backup_of_an_older_version_is_upgraded(
    engine: Engine, new: Engine, tmp_path: Path
) -> None:
    with schema_change(new) as connection:
        migrate(connection, "0009")
    fill(new)
    with Archive(archived(new, tmp_path / "backup.zip")) as archive:
        assert archive.revision == "0009"
        restore(engine, archive)
    current, head = revisions(engine)
    assert current == head
    with reading(engine) as session:
        assert len(session.exec(select(Department.key)).all()) == 3


def test_a_backup_of_a_newer_version_is_refused(full: Engine, new: Engine, tmp_path: Path) -> None:
    path = archived(full, tmp_path / "backup.zip")
    with zipfile.ZipFile(path) as packed:
        revision = json.loads(packed.read("manifest.json"))["revision"]
    _tampered(path, "manifest.json", revision.encode(), b"9999")
    with Archive(path) as archive, pytest.raises(DatabaseError, match="newer version"):
        restore(new, archive)


def test_a_failed_backup_leaves_the_last_one(
    full: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archived(full, tmp_path / "backup.zip")
    before = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0

    def fail(*_: object) -> Iterator[bytes]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows, "lines", fail)
    with pytest.raises(OSError, match="No space"):
        archived(full, path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
