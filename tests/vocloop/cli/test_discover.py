"""``vocloop themes discover`` and ``vocloop score``: the contract of their files."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.vocloop.cli.processes import Commands
from tests.vocloop.cli.voices import Row, read, voices, written


def files(folder: Path) -> list[str]:
    """Files that a command left, also hidden ones."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def partition(rows: list[Row]) -> dict[str, str | None]:
    return {row["id"]: row["theme"] for row in rows}


def test_each_row_gets_one_answer_and_each_theme_is_described(
    loose: Commands, tmp_path: Path
) -> None:
    rows = voices(20)
    source = written(tmp_path / "in.jsonl", rows)
    ended = loose.run(
        "themes", "discover", source, "-o", "out.jsonl", "--themes", "themes.json",
        "--registry", "registry.json",
    )  # fmt: skip
    assert (ended.code, ended.out, ended.err) == (0, "", "3 themes\n")
    found = read(tmp_path / "out.jsonl")
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert all(set(row) == {"id", "theme", "confidence"} for row in found)
    assert all(0 <= row["confidence"] <= 1 for row in found)
    themes = json.loads((tmp_path / "themes.json").read_text("utf-8"))
    assert set(themes) == {"T-0001", "T-0002", "T-0003"} == set(partition(found).values())
    for name, theme in themes.items():
        members = {row["id"] for row in found if row["theme"] == name}
        texts = {row["text"] for row in rows if row["id"] in members}
        assert len({member.split("-")[0] for member in members}) == 1
        assert theme["size"] == len(members)
        assert theme["languages"] == {"en": 10, "ja": 10}
        assert theme["title_ja"]
        assert theme["title_en"]
        assert theme["keywords"]
        assert set(theme["examples"]) <= texts
    # No database is made, nothing half-written stays.
    assert files(tmp_path) == ["in.jsonl", "out.jsonl", "registry.json", "themes.json"]


def test_the_same_rows_give_the_same_bytes_and_other_orders_the_same_themes(
    loose: Commands, tmp_path: Path
) -> None:
    rows = voices(15)
    shuffled = list(rows)
    random.Random(5).shuffle(shuffled)  # noqa: S311 - an order, no secret
    for name, order in (("a", rows), ("b", rows), ("c", shuffled)):
        source = written(tmp_path / f"{name}.in", order)
        out, themes = f"{name}.jsonl", f"{name}.json"
        assert loose.run("themes", "discover", source, "-o", out, "--themes", themes).code == 0
    first, again = ((tmp_path / f"{n}.jsonl").read_bytes() for n in "ab")
    assert first == again
    titles, titles_again, titles_shuffled = ((tmp_path / f"{n}.json").read_bytes() for n in "abc")
    assert titles == titles_again == titles_shuffled
    mixed = {row["id"]: row for row in read(tmp_path / "c.jsonl")}
    assert [mixed[row["id"]] for row in read(tmp_path / "a.jsonl")] == read(tmp_path / "a.jsonl")


@pytest.mark.model
def test_the_real_model_finds_bilingual_themes_through_pipes(loose: Commands) -> None:
    wordings = {
        "invoice": ("The invoice shows the wrong amount", "請求書の金額が間違っています"),
        "login": (
            "I cannot log in, password reset fails",
            "ログインできず、パスワードを再設定できません",
        ),
    }
    endings = ("", "!", " again", " today", " since Monday", " for our team", " please help")
    rows = [
        {"id": f"{key}-{language}-{i}", "text": wordings[key][language] + ending}
        for key in wordings
        for language in (0, 1)
        for i, ending in enumerate(endings)
    ]  # fmt: skip
    given = "".join(json.dumps(row) + "\n" for row in rows).encode()
    started = loose.start("themes", "discover", "-", "-o", "-", stdin=given, words=False)
    ended = started.wait(seconds=180)
    assert ended.code == 0, ended.err
    found = partition([json.loads(line) for line in ended.out.splitlines()])
    assert list(found) == [row["id"] for row in rows]
    of = {
        key: {theme for row_id, theme in found.items() if row_id.startswith(key) and theme}
        for key in wordings
    }
    assert of["invoice"]
    assert of["login"]
    assert not of["invoice"] & of["login"]


def test_with_a_registry_the_ids_live_on(loose: Commands, tmp_path: Path) -> None:
    old, more = voices(20), voices(2, start=20)
    arguments = ("-o", "out.jsonl", "--registry", "registry.json")
    loose.run("themes", "discover", written(tmp_path / "1.in", old), *arguments)
    before = partition(read(tmp_path / "out.jsonl"))
    # A larger theme that comes new would be T-0001 without the registry.
    fresh = [{"id": f"new-{i}", "text": f"colour of the button n{i}"} for i in range(30)]
    source = written(tmp_path / "2.in", fresh + more + old)
    assert loose.run("themes", "discover", source, *arguments).code == 0
    after = partition(read(tmp_path / "out.jsonl"))
    kept = [row_id for row_id in before if after[row_id] == before[row_id]]
    assert len(kept) >= 0.9 * len(before)
    born = {theme for row in fresh if (theme := after[row["id"]])}
    assert born
    assert not born & set(before.values())
    following = json.loads((tmp_path / "registry.json").read_text("utf-8"))["next"]
    assert following == 4 + len(born)


def test_every_bad_line_is_named_and_nothing_is_written(loose: Commands, tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": "fine"}).encode()
    lines = [
        good,
        b"",
        b"{broken",
        b'["list"]',
        b'{"id": "b"}',
        b'{"id": "c", "text": "   "}',
        good,
        b'{"id": "d", "text": "\xff"}',
        b'{"id": {"x": 1}, "text": "words"}',
        b"[" * 100_000,
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    ended = loose.run(
        "themes", "discover", "in.jsonl", "-o", "out.jsonl", "--themes", "t.json",
        "--registry", "r.json",
    )  # fmt: skip
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert "in.jsonl: 8 bad lines" in ended.err
    for number, told in {
        3: "not JSON",
        4: "not an object",
        5: "lacks text",
        6: "lacks text",
        7: "repeats id 'a' of line 1",
        8: "not UTF-8",
        9: "id is dict",
        10: "not JSON that can be read: nested too deeply",
    }.items():
        assert f"line {number}: {told}" in ended.err
    assert files(tmp_path) == ["in.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.jsonl", "-o", "out"], "missing.jsonl can't be read (No such file"),
        ([".", "-o", "out"], "can't be read (Is a directory)"),
        (["in.jsonl", "-o", "."], "it is a folder"),
        (["in.jsonl", "-o", "nowhere/out"], "there is no folder"),
        (["in.jsonl", "-o", "out", "--language", "japanese"], "'japanese' is not known"),
        (["in.jsonl", "-o", "out", "--registry", "in.jsonl"], "is not a theme registry"),
        (["in.jsonl", "-o", "out", "--registry", "-"], "give a file with --registry"),
        (["in.jsonl", "-o", "-", "--themes", "-"], "give each a file of its own"),
    ],
)
def test_what_can_not_work_is_told_before_anything_is_done(
    loose: Commands, tmp_path: Path, arguments: list[str], told: str
) -> None:
    written(tmp_path / "in.jsonl", voices(3))
    ended = loose.run("themes", "discover", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert files(tmp_path) == ["in.jsonl"]


def test_nothing_in_gives_nothing_out_and_says_so(loose: Commands) -> None:
    ended = loose.run("themes", "discover", "-", "-o", "-", stdin=b"\n")
    assert (ended.code, ended.out) == (0, "")
    assert "not enough" in ended.err


def test_scores_are_piped_and_their_bad_rows_named_by_line(loose: Commands, tmp_path: Path) -> None:
    rows = [{"id": i, "text": "it stops", "theme": "T-1", "date": "2026-01-05"} for i in range(3)]
    given = "\n\n".join(json.dumps(row) for row in rows).encode()
    severe = loose.run("score", "severity", "-", "-o", "-", stdin=given)
    assert severe.code == 0
    assert [json.loads(line)["id"] for line in severe.out.splitlines()] == [0, 1, 2]
    scored = loose.run("score", "themes", "-", "-o", "-", stdin=given)
    assert set(json.loads(scored.out)) == {"T-1"}
    wrong = loose.run(
        "score", "themes", "-", "-o", "out.json", stdin=given.replace(b"2026-01-05", b"soon", 2)
    )
    assert wrong.code == 1
    assert "standard input: 2 bad lines" in wrong.err
    assert "line 1, id 0: date 'soon'" in wrong.err
    assert "line 3, id 1: date 'soon'" in wrong.err
    assert not (tmp_path / "out.json").exists()
