"""Help, wrong settings and Ctrl+C, the same for every command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vocloop.cli.processes import Commands, until
from tests.vocloop.cli.voices import voices, written

COMMANDS = [
    ("demo",),
    ("serve",),
    ("worker",),
    ("ingest",),
    ("themes", "discover"),
    ("themes", "refresh"),
    ("themes", "list"),
    ("score", "severity"),
    ("score", "themes"),
    ("score", "explain"),
    ("db", "upgrade"),
    ("doctor",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_explains_with_an_example(loose: Commands, command: tuple[str, ...]) -> None:
    ended = loose.run(*command, "--help")
    assert ended.code == 0
    assert f"Example: vocloop {' '.join(command)}" in ended.out
    assert not re.search(r"\[/?(bold|red|green|dim|cyan)|\*\*|:param|\x1b", ended.out)
    assert loose.run(*command, "--nonsense").code == 2


def test_the_commands_are_listed(loose: Commands) -> None:
    ended = loose.run("--help")
    assert ended.code == 0
    assert all(f"\n  {command[0]} " in ended.out for command in COMMANDS)


def test_it_starts_by_itself_without_what_only_some_commands_need() -> None:
    code = (
        "import sys; sys.argv = ['vocloop', '--help']\n"
        "from vocloop.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print({'torch', 'hdbscan', 'sklearn', 'fastapi'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VOCLOOP_PORT", "abc", "valid integer"),
        ("VOCLOOP_PORT", "70000", "65535"),
        ("VOCLOOP_TIMEZONE", "Mars/Olympus", "such as Asia/Tokyo"),
        ("VOCLOOP_LANGUAGE", "fr", "'ja' or 'en'"),
        ("VOCLOOP_ALLOWED_HOSTS", "voc.example", "not JSON such as"),
    ],
)
def test_a_wrong_setting_is_told_in_words(
    loose: Commands, name: str, value: str, told: str
) -> None:
    for command in (["themes", "list"], ["serve", "--port", "0"], ["doctor"]):
        ended = loose.run(*command, env={name: value})
        assert ended.code == 1
        assert f"{name}: " in ended.err
        assert told in ended.err
        assert "Traceback" not in ended.said


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("audit", "verify", "no/log.jsonl"), "no/log.jsonl can't be read"),
        (("audit", "verify", "wide.csv"), "wide.csv line 1 is no line of an audit log"),
        (("notify", "contacts", "no/asked.csv"), "no/asked.csv can't be read"),
        (("notify", "contacts", "cut.csv"), "cut.csv can't be read"),
        (("backup", "no/backup.zip"), "there is no folder"),
        (("known", "taro", "-o", "no/taro.json"), "there is no folder"),
        (("audit", "export", "-o", "/dev/full"), "No space left on device"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_file_that_can_not_be_read_or_written_is_told_in_words(
    loose: Commands, tmp_path: Path, command: tuple[str, ...], told: str
) -> None:
    (tmp_path / "wide.csv").write_bytes("email\n山@例.jp".encode("utf-16"))
    (tmp_path / "cut.csv").write_bytes("email\n山".encode()[:-1])
    line = loose.run("source", "set", "desk", "--retention-days", "9")
    assert line.code == 0, line.said
    ended = loose.run(*command)
    assert ended.code == 1, ended.said
    assert told in ended.err
    assert "Traceback" not in ended.said


def test_an_encoder_that_does_not_exist_is_told_in_words(loose: Commands, tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl", voices(1))
    ended = loose.run(
        "themes", "discover", "in.jsonl", "-o", "out",
        env={"VOCLOOP_ENCODER_MODEL": "no such model!"}, words=False,
    )  # fmt: skip
    assert ended.code == 1
    assert "encoder model 'no such model!' is not a folder" in ended.err
    assert "Traceback" not in ended.said


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        (["ingest", "in.jsonl"], "vocloop.intake.writer:store_many"),
        (["themes", "discover", "in.jsonl", "-o", "out"], "tests.fakes:WordEncoder.encode"),
        (["themes", "list"], "vocloop.themes.query:ranked"),
        (["score", "severity", "in.jsonl", "-o", "out"], "vocloop.score.files:severities"),
        (["db", "upgrade"], "vocloop.cli.database:revisions"),
        (["doctor"], "vocloop.cli.doctor:revisions"),
        (["demo"], "vocloop.intake.writer:store_many"),
    ],
)
def test_ctrl_c_ends_quietly(
    loose: Commands, tmp_path: Path, command: list[str], moment: str
) -> None:
    written(tmp_path / "in.jsonl", voices(1))
    mark = tmp_path / "mark"
    running = loose.start(*command, pause={"target": moment, "mark": str(mark)})
    until(mark.exists, running)
    running.signal(signal.SIGINT)
    ended = running.wait()
    assert ended.code == 130
    assert "Traceback" not in ended.said
    assert not (tmp_path / "out").exists()
