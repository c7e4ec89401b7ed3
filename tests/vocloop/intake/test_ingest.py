from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from vocloop.errors import InvalidInputError
from vocloop.intake import imports
from vocloop.intake.importing import work
from vocloop.intake.ingest import ROWS_A_TRANSACTION, IngestReport, ingest, report_lines
from vocloop_models import (
    Channel,
    Contact,
    Customer,
    Department,
    Feedback,
    ImportState,
    Record,
    Statement,
)
from vocloop_models.database import reading, transaction


def counts(engine: Engine, *models: type[Record]) -> list[int]:
    def count(session: Session, model: type[Record]) -> int:
        return session.exec(select(func.count()).select_from(model)).one()

    with reading(engine) as session:
        return [count(session, model) for model in models]


def adds_up(report: IngestReport) -> bool:
    return report.read == (report.stored + report.updated + report.repeated + len(report.refused))


def test_hostile_rows_are_named_and_the_good_ones_stored(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.csv"
    path.write_bytes(
        b"id,text,date\n"
        b"1,good one,2024-05-13\n"
        b"2,caf\xe9,2024-05-13\n"
        b"3,a\0b,2024-05-13\n"
        b"4," + b"x" * 1_000_000 + b",2024-05-13\n"
        b'5,"broken,2024-05-13\n'
        b"6,future,2199-01-01\n"
        b"7,impossible,2024-02-30\n"
        b"8, ,2024-05-13\n"
        b"9,<p>good <b>two</b></p>,2024-05-13\n"
        b"10,too,many,fields\n"
        b'11,"good ""three""",2024/05/13\n'
    )
    report = ingest(engine, path)
    reasons = {refusal.line: refusal.reason for refusal in report.refused}
    expected = {
        3: "not UTF-8",
        4: "NUL",
        5: "has 1,000,000 characters",
        6: "close every quoted cell",
        7: "lies in the future",
        8: "date '2024-02-30' is not a date; use YYYY-MM-DD",
        9: "text is empty",
        11: "4 fields where the header has 3",
    }
    assert reasons.keys() == expected.keys()
    assert all(expected[line] in reasons[line] for line in expected)
    assert (report.read, report.stored, adds_up(report)) == (11, 3, True)
    with reading(engine) as session:
        texts = session.exec(select(Feedback.text)).all()
    assert set(texts) == {"good one", "good two", 'good "three"'}
    lines = report_lines(report)
    assert "3 stored, 0 repeated, 8 refused" in lines[0]
    assert any(line.startswith("line 8: date '2024-02-30'") for line in lines)


def test_hostile_json_lines_are_named_too(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.jsonl"
    lines = [
        b'{"text": "good"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a\\u0000b"}',
        b'{"id": 5}',
        b'{"text": "a", "customer": "\\u0000"}',
        b'{"text": ["a"]}',
        b'{"text": "a", "rating_scale": "nps", "score": 99}',
        b"\xff\xfe",
        b'{"text": "good too", "customer": {"external_id": "C1", "name": "A"}}',
    ]
    path.write_bytes(b"\n".join(lines))
    report = ingest(engine, path)
    assert [refusal.line for refusal in report.refused] == [2, 3, 4, 5, 6, 7, 8]
    assert (report.stored, adds_up(report)) == (2, True)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_the_same_file_again_gives_only_repeats(
    engine: Engine, tmp_path: Path, suffix: str
) -> None:
    # No ids, identical rows on both sides of a batch's end.
    texts = [f"voice {n % 300}" for n in range(ROWS_A_TRANSACTION + 200)]
    path = tmp_path / f"voices.{suffix}"
    rows = texts if suffix == "csv" else [json.dumps({"text": text}) for text in texts]
    path.write_text("\n".join((["text"] if suffix == "csv" else []) + rows))
    first, again = ingest(engine, path), ingest(engine, path)
    assert (first.stored, first.repeated) == (len(texts), 0)
    assert (again.stored, again.repeated) == (0, len(texts))
    assert counts(engine, Feedback, Statement) == [len(texts), len(texts)]


def test_a_dry_run_tells_the_same_and_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.csv"
    path.write_text("id,text,customer\n1,a,A\n1,b,A\n2,c,B\n3,,B\n")
    dry = ingest(engine, path, dry_run=True)
    assert counts(engine, Feedback, Statement, Customer) == [0, 0, 0]
    wet = ingest(engine, path)
    assert (dry.stored, dry.repeated, dry.refused) == (2, 1, wet.refused)
    assert (wet.stored, wet.repeated) == (2, 1)
    assert ingest(engine, path, dry_run=True).repeated == 3
    assert "would be stored" in report_lines(dry)[0]


KILLED = """
import sys, time
from vocloop.intake.ingest import ingest
from vocloop_models.database import open_database

def progress(done, total):
    print(done, flush=True)
    time.sleep(0.05)

ingest(open_database(sys.argv[1]), sys.argv[2], progress=progress)
"""


def test_a_killed_import_run_again_loses_and_doubles_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "voices.jsonl"
    total = ROWS_A_TRANSACTION * 6
    with path.open("w") as out:
        for n in range(total):
            row = {"text": f"検索が遅い {n % 700}", "customer": f"C{n % 9}", "contact": f"{n % 20}"}
            out.write(json.dumps(row) + "\n")
    address = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, address, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        process.kill()
    [kept] = counts(engine, Feedback)
    assert 2 * ROWS_A_TRANSACTION <= kept < total
    assert counts(engine, Statement) == [kept]
    report = ingest(engine, path)
    assert (report.stored, report.repeated) == (total - kept, kept)
    assert counts(engine, Feedback, Statement, Customer) == [total, total, 9]
    assert counts(engine, Contact)[0] == 180


def test_columns_are_found_and_the_others_named(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "アンケート.csv"
    path.write_text(
        "受付日時,会社名,NPS,自由記述,天気\n2024/05/13 9:00,ミナモ,9,検索が遅い,晴れ\n",
        encoding="cp932",
    )
    report = ingest(engine, path)
    assert (report.encoding, report.format, report.stored) == ("cp932", "csv", 1)
    assert report.ignored_columns == ["天気"]
    with reading(engine) as session:
        kept = session.exec(select(Feedback)).one()
    assert (kept.source, kept.channel, kept.rating) == ("アンケート", Channel.SURVEY, 9)
    assert kept.said_at is not None
    assert kept.said_at.isoformat() == "2024-05-13T00:00:00+00:00"


def test_a_file_without_a_text_column_says_how_to_map_one(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.csv"
    path.write_text("id,Words\n1,slow\n")
    with pytest.raises(InvalidInputError, match=r'among: id, Words; .* --map text="Words"'):
        ingest(engine, path)
    assert ingest(engine, path, mapping={"text": "Words"}).stored == 1


def test_json_rows_without_any_text_are_refused_as_a_file(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.jsonl"
    path.write_text('{"id": 1}\n{"words": "a"}\n')
    with pytest.raises(InvalidInputError, match="no column for text among: id, words"):
        ingest(engine, path)


def test_master_data_files_are_known_by_their_columns(engine: Engine, tmp_path: Path) -> None:
    tables = {
        "customers": [
            ["external_id", "name", "industry", "since"],
            ["C1", "A", "IT", "2020-04-01"],
        ],
        "contacts": [["customer_id", "external_id", "department"], ["C1", "p1", "経理"]],
        "departments": [["key", "name_ja", "name_en"], ["cs", "サポート", "Support"]],
    }
    for kind, table in tables.items():
        path = tmp_path / f"{kind}.csv"
        with path.open("w", newline="") as out:
            csv.writer(out).writerows(table)
        report = ingest(engine, path)
        assert (report.kind, report.stored) == (kind, 1)
        assert ingest(engine, path).repeated == 1
    assert counts(engine, Customer, Contact, Department) == [1, 1, 1]
    with reading(engine) as session:
        assert str(session.exec(select(Customer)).one().since) == "2020-04-01"


def test_progress_ends_at_the_files_size(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "voices.csv"
    path.write_text("text\n" + "words\n" * (ROWS_A_TRANSACTION + 1))
    seen: list[tuple[int, int]] = []
    ingest(engine, path, progress=lambda done, total: seen.append((done, total)))
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("path", "timezone", "reason"),
    [("-", "UTC", "give --source NAME"), ("x.csv", "Mars/Base", "time zone 'Mars/Base'")],
)
def test_what_can_not_work_is_said_at_once(
    engine: Engine, path: str, timezone: str, reason: str
) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        ingest(engine, path, timezone=timezone)


def test_every_run_is_an_import_that_can_be_undone(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("id,text,customer,date\n1,It is slow.,Minato,2026-01-05\n2,,Kita,2026-01-05\n")
    report = ingest(engine, path)
    assert report.import_id is not None
    with reading(engine) as session:
        job = imports.get(session, report.import_id)
        assert (job.state, job.source, job.read) == (ImportState.DONE, "tickets", 2)
        assert (job.stored, job.refused) == (1, 1)
        assert [each.line for each in imports.refusals(session, job.id)] == [3]
    with transaction(engine) as session:
        imports.undo(session, report.import_id)
    work(engine, report.import_id)
    with reading(engine) as session:
        assert session.exec(select(Feedback)).all() == []
        assert session.exec(select(Customer)).all() == []
    assert ingest(engine, path, dry_run=True).import_id is None


def test_an_import_whose_process_is_gone_can_be_undone(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("id,text\n1,It is slow.\n")
    first = ingest(engine, path).import_id
    assert first is not None
    with transaction(engine) as session:
        job = imports.get(session, first)
        host = imports.this_process().rpartition(":")[0]
        job.state, job.report = ImportState.RUNNING, job.report | {"process": f"{host}:999999999"}
    path.write_text("id,text\n2,It is slow again.\n")
    ingest(engine, path)
    with reading(engine) as session:
        assert imports.get(session, first).state is ImportState.CANCELLED


def test_a_worker_leaves_an_import_that_another_process_brings_in_to_it(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("text\n" + "".join(f"voice {n}\n" for n in range(ROWS_A_TRANSACTION * 2)))

    def begin(read: int, size: int) -> None:
        with reading(engine) as session:
            [job] = imports.listed(session)
        work(engine, job.id)
        with reading(engine) as session:
            assert imports.get(session, job.id).state is job.state

    assert ingest(engine, path, progress=begin).stored == 2 * ROWS_A_TRANSACTION


def test_an_import_stops_when_asked_to_after_the_rows_it_is_at(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("text\n" + "".join(f"voice {n}\n" for n in range(ROWS_A_TRANSACTION * 3)))

    def ask(read: int, size: int) -> None:
        with transaction(engine) as session:
            [job] = imports.listed(session)
            if job.state is ImportState.RUNNING:
                imports.cancel(session, job.id)

    report = ingest(engine, path, progress=ask)
    assert report.cancelled
    assert report.stored == 2 * ROWS_A_TRANSACTION
    with reading(engine) as session:
        [job] = imports.listed(session)
        assert (job.state, job.stored) == (ImportState.CANCELLED, report.stored)
