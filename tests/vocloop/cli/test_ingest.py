"""``vocloop ingest``: the report, the exit code, and what is stored."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.cli.processes import Commands
from tests.vocloop.cli.voices import voices, written
from vocloop_models import Feedback
from vocloop_models.database import reading


def stored(engine: Engine) -> dict[str, Feedback]:
    with reading(engine) as session:
        return {f.external_id: f for f in session.exec(select(Feedback)).all()}


def test_it_reports_what_it_stored_and_repeats_nothing(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    source = written(tmp_path / "tickets.jsonl", voices(2))
    first = commands.run("ingest", source)
    assert (first.code, first.err) == (0, "")
    assert "6 rows read" in first.out
    assert "6 stored, 0 repeated, 0 refused" in first.out
    assert {f.source for f in stored(engine).values()} == {"tickets"}
    assert "0 stored, 6 repeated, 0 refused" in commands.run("ingest", source).out
    assert len(stored(engine)) == 6


def test_a_dry_run_judges_all_and_stores_nothing(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    ended = commands.run("ingest", written(tmp_path / "t.jsonl", voices(2)), "--dry-run")
    assert ended.code == 0
    assert "6 would be stored" in ended.out
    assert stored(engine) == {}


def test_columns_source_and_zone_can_be_given(commands: Commands, engine: Engine) -> None:
    table = b"No,Body,Opened\n7,The page is slow,2026-05-01 09:00\n"
    ended = commands.run(
        "ingest", "-", "--source", "desk", "--timezone", "Asia/Tokyo",
        "--map", "external_id=No", "--map", "text=Body", "--map", "said_at=Opened",
        stdin=table,
    )  # fmt: skip
    assert ended.code == 0, ended.said
    found = stored(engine)["7"]
    assert (found.source, found.text) == ("desk", "The page is slow")
    assert found.said_at is not None
    assert found.said_at.isoformat() == "2026-05-01T00:00:00+00:00"


def test_hostile_rows_are_named_and_the_good_ones_stored(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    def line(**row: str) -> bytes:
        return json.dumps(row).encode()

    lines = [
        line(id="good-1", text="The export stops"),
        b'{"id": "bytes", "text": "\xff\xfe\x00"}',
        line(id="nul", text="a\0b"),
        line(id="huge", text="x" * 1_000_000),
        b'{"id": "broken", "text": ',
        line(id="impossible", text="words", date="2026-02-30"),
        line(id="future", text="words", date="2999-01-01"),
        line(id="empty", text="  "),
        line(id="html", text="<script>alert(1)</script><p>Slow <b>page</b></p>"),
        line(id="good-2", text="The app signs me out"),
    ]
    (tmp_path / "hostile.jsonl").write_bytes(b"\n".join(lines))
    ended = commands.run("ingest", "hostile.jsonl")
    assert ended.code == 1
    assert "Traceback" not in ended.said
    found = stored(engine)
    assert {"good-1", "good-2", "html"} <= set(found)
    assert not {"bytes", "huge", "broken", "impossible", "future", "empty"} & set(found)
    for number in (2, 4, 5, 6, 7, 8):
        assert f"\nline {number}: " in ended.out
    assert "script" not in found["html"].text
    # NUL either goes or its row is named: PostgreSQL can't hold it.
    assert "\0" not in found["nul"].text if "nul" in found else "\nline 3: " in ended.out


def test_a_broken_table_loses_only_its_broken_rows(commands: Commands, engine: Engine) -> None:
    table = b'id,text\n1,fine\n2,"never closed\n3,fine too\n4,one,two,three\n'
    ended = commands.run("ingest", "-", "--source", "table", stdin=table)
    assert ended.code == 1
    assert set(stored(engine)) == {"1", "3"}
    assert "line 3: not a row" in ended.out
    assert "line 5: 4 fields" in ended.out


def test_files_beside_an_unusable_one_are_stored(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    good = written(tmp_path / "good.jsonl", voices(1))
    ended = commands.run("ingest", "missing.csv", good)
    assert ended.code == 1
    assert "missing.csv can't be read (No such file or directory)" in ended.err
    assert len(stored(engine)) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["."], "Is a directory"),
        (["empty.csv"], "is empty"),
        (["secret.csv"], "Permission denied"),
        (["-"], "give --source NAME"),
        (["table.csv", "--map", "text"], "is not field=column"),
        (["table.csv", "--map", "text=Nowhere"], "Nowhere"),
        (["table.csv", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
    ],
)
def test_what_can_not_be_used_is_told_in_words(
    loose: Commands, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "table.csv").write_text("id,text\n1,words\n", encoding="utf-8")
    (tmp_path / "secret.csv").touch(mode=0)
    if arguments == ["secret.csv"] and os.geteuid() == 0:
        pytest.skip("root may read every file")
    ended = loose.run("ingest", *arguments)
    assert ended.code == 1
    assert told in ended.said
    assert "Traceback" not in ended.said


def test_a_mapping_is_kept_and_used_again(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    kept = tmp_path / "desk.json"
    table = b"No,Body\n7,The page is slow\n"
    first = commands.run(
        "ingest", "-", "--source", "desk", "--map", "external_id=No", "--map", "text=Body",
        "--save-mapping", str(kept), stdin=table,
    )  # fmt: skip
    assert first.code == 0, first.said
    assert json.loads(kept.read_text("utf-8")) == {"external_id": "No", "text": "Body"}
    again = commands.run("ingest", "-", "--source", "desk", "--mapping", str(kept), stdin=table)
    assert "0 stored, 1 repeated" in again.out
    assert set(stored(engine)) == {"7"}


def test_files_of_one_call_are_read_together_and_zones_are_said(
    commands: Commands, engine: Engine, tmp_path: Path
) -> None:
    fixtures = Path(__file__).parents[1] / "intake" / "fixtures"
    names = ("surveymonkey_responses.json", "surveymonkey_details.json", "qualtrics.csv")
    for name in names:
        (tmp_path / name).write_bytes((fixtures / name).read_bytes())
    files = [str(tmp_path / name) for name in names]
    ended = commands.run("ingest", *files)
    found = stored(engine)
    assert found["771"].title == "What should we improve?"
    assert found["R_1"].said_at is not None
    assert "times such as '2026-01-02 03:05:06' are read as Asia/Tokyo" in ended.err
    assert "line 5: response R_2 is a preview" in ended.out


def test_an_unknown_format_is_told(loose: Commands) -> None:
    ended = loose.run("ingest", "x.json", "--format", "zendsk")
    assert ended.code == 2
    assert "zendsk" in ended.said
    assert "zendesk" in ended.said
