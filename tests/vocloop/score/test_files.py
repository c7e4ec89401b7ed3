"""The file commands give the scores of a file, or name every bad row of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.score import words
from vocloop.score.files import score_severity_file, score_themes_file

Row = dict[str, Any]


def written(path: Path, rows: list[Row]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(path)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scores")


def themes(folder: Path, rows: list[Row], shipped: list[Row] | None = None) -> Any:
    out = folder / "out.json"
    told = None if shipped is None else written(folder / "shipped.jsonl", shipped)
    score_themes_file(written(folder / "in.jsonl", rows), str(out), told)
    return json.loads(out.read_text("utf-8"))


def spoken(i: int, company: str, theme: str | None = "slow", day: int = 1, **more: object) -> Row:
    date = dt.date(2023, 1, 1) + dt.timedelta(days=day)
    return {"id": i, "theme": theme, "date": date.isoformat(), "customer": company} | more


def sample() -> list[Row]:
    rows = []
    for i in range(40):
        industry = "maker" if i < 12 else "shop"
        theme = "slow" if i < 9 else "login" if i % 3 == 0 else None
        rows.append(
            spoken(
                i, f"c{i}", theme, day=9 * i,
                text="画面が遅くて業務が止まります" if i % 2 else "it's a bit slow",
                segments={"industry": industry, "department": "it" if i % 4 else None},
            )
        )  # fmt: skip
    return rows


def values(scores: Any) -> Any:
    """The numbers of all themes, without evidence."""
    return {
        theme: {
            name: {k: v for k, v in part.items() if k != "evidence"}
            for name, part in parts.items()
            if isinstance(part, dict) and "value" in part
        }
        for theme, parts in scores.items()
    }


def test_it_scores_each_theme_with_evidence(folder: Path) -> None:
    found = themes(folder, sample())
    assert set(found) == {"slow", "login"}
    for parts in found.values():
        for name in ("generality", "longevity", "severity", "impact"):
            part = parts[name]
            assert 0 <= part["low"] <= part["value"] <= part["high"] <= 1
            assert part["evidence"]
        assert parts["longevity"]["kind"] in {
            "transient", "emerging", "lasting", "recurring", "fading",
        }  # fmt: skip
    general = found["slow"]["generality"]["evidence"]
    assert (general["best"]["attribute"], general["best"]["value"]) == ("industry", "maker")
    assert (general["best"]["said"], general["best"]["heard"]) == (9, 12)
    assert general["customers"] == {"count": 9, "ids": [f"c{i}" for i in range(9)]}
    assert found["slow"]["customers"] == 9


def test_the_order_of_rows_does_not_matter(folder: Path) -> None:
    assert themes(folder, sample()) == themes(folder, sample()[::-1])


def test_repeating_one_companys_message_changes_no_score(folder: Path) -> None:
    once = sample()
    loud = once + [once[3] | {"id": f"again-{n}"} for n in range(30)]
    assert values(themes(folder, loud)) == values(themes(folder, once))


def test_a_company_whose_rows_disagree_has_an_unknown_attribute(folder: Path) -> None:
    rows = sample()
    rows.append(rows[0] | {"id": "other", "segments": {"industry": "bank"}})
    best = themes(folder, rows)["slow"]["generality"]["evidence"]["best"]
    assert (best["said"], best["heard"]) == (8, 11)


def test_without_customers_messages_stand_in_and_the_interval_is_wide(folder: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "customer"} for row in sample()]
    general = themes(folder, rows)["slow"]["generality"]
    assert general["evidence"]["unit"] == "messages"
    assert general["high"] - general["low"] > 0.5


def test_severity_says_who_was_counted_without_being_a_known_company(folder: Path) -> None:
    rows = [spoken(i, f"c{i}") for i in range(3)]
    rows += [{"id": i, "theme": "slow", "text": f"it is slow, {i}"} for i in (3, 4)]
    part = themes(folder, rows)["slow"]["severity"]["evidence"]
    assert (part["companies"], part["others"]) == (5, 2)
    said = words.severity(part)
    assert said[0]["en"].startswith("mean of 5 companies")
    assert said[1]["en"] == "2 of these are voices of no known company, each counted as one"
    assert said[1]["ja"] == "このうち2件は会社がわからない声で、それぞれを1社と数えています"
    assert len(words.severity({**part, "others": 0})) == 1


def test_a_contact_stands_in_for_a_company(folder: Path) -> None:
    rows = [
        {k: v for k, v in row.items() if k != "customer"} | {"contact": f"p{i % 20}"}
        for i, row in enumerate(sample())
    ]
    general = themes(folder, rows)["slow"]["generality"]["evidence"]
    assert general["unit"] == "contacts"
    assert general["heard"] == {"companies": 0, "contacts": 20, "messages": 0}


def test_rows_without_a_date_count_but_for_longevity(folder: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "date"} for row in sample()]
    some = themes(folder, rows[:20] + sample()[20:])
    assert some["slow"]["longevity"]["evidence"]["undated"] == 9
    none = themes(folder, rows)["slow"]
    assert none["longevity"]["kind"] is None
    assert none["longevity"]["high"] - none["longevity"]["low"] > 0.5
    assert none["impact"]["value"] > 0
    assert none["generality"]["evidence"]["said"]["companies"] == 9


def lived(theme: str, months: range, **more: object) -> list[Row]:
    return [
        {"id": f"{theme}-{m}", "theme": theme, "date": f"{2024 + m // 12}-{m % 12 + 1:02}", **more}
        for m in months
    ]


@pytest.mark.parametrize("field", ["product", "area", "segments"])
def test_themes_of_one_product_or_area_tell_of_one_another(folder: Path, field: str) -> None:
    def about(value: str) -> Row:
        return {field: {"model": value} if field == "segments" else value, "customer": "c"}

    rows = [
        row
        for n in range(8)
        for row in (
            *lived(f"lasts {n}", range(24), **about("a")),
            *lived(f"rare {n}", range(n, 24, 12), **about("b")),
        )
    ]
    rows += lived("new in a", range(20, 21), **about("a"))
    rows += lived("new in b", range(20, 21), **about("b"))
    scores = themes(folder, rows)
    first, second = (scores[f"new in {value}"]["longevity"] for value in "ab")
    assert first["evidence"]["prior"] > 2 * second["evidence"]["prior"]
    assert first["value"] > second["value"]
    name = "about model" if field == "segments" else f"about {field}"
    assert name in first["evidence"]["kin"]


def test_the_end_of_a_month_in_which_records_begin_is_no_silence(folder: Path) -> None:
    days = [f"2024-{m:02}-{d}" for m in range(2, 12) for d in ("03", "10", "17", "24")]
    days.append("2024-12-03")
    early = [{"id": f"{n}", "theme": "a", "date": day} for n, day in enumerate(days)]
    late = [row | {"id": f"b{n}", "theme": "b"} for n, row in enumerate(early)][1:]
    others = [row | {"id": f"c{n}", "theme": f"c{n % 3}"} for n, row in enumerate(early[2:])]
    scores = themes(folder, early + late + others)
    assert scores["a"]["longevity"]["value"] == scores["b"]["longevity"]["value"]


def test_silence_after_something_was_shipped_for_a_theme_is_its_end(folder: Path) -> None:
    rows = [*lived("ended", range(20)), *lived("goes on", range(28))]
    before = themes(folder, rows)["ended"]["longevity"]
    assert before["evidence"]["fix"] is None
    shipped = [
        {"theme": "ended", "at": "2024-02", "share": 0.1},
        {"theme": "ended", "at": "2025-08-20T10:00:00+09:00"},
        {"theme": "ended", "at": "2026-05-01", "share": 0.2},
        {"theme": "not in these rows", "at": "2025-08-20", "share": 1},
    ]
    after = themes(folder, rows, shipped)["ended"]["longevity"]
    fix = after["evidence"]["fix"]
    assert (fix["on"], fix["share"]) == ("2025-08-20", 1)
    assert after["value"] < 0.6 * before["value"]
    assert themes(folder, rows, shipped[:1])["ended"]["longevity"]["value"] > after["value"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"theme": None}, "lacks theme"),
        ({"at": None}, "lacks at"),
        ({"theme": ["slow"]}, "theme is list; write a name or an id"),
        ({"at": "2024/05/13"}, "is not an ISO date; write YYYY-MM-DD"),
        ({"share": 0}, "share is 0; write how much of the theme it was to solve, above 0 up to 1"),
        ({"share": 1.5}, "share is 1.5; write"),
        ({"share": True}, "share is True; write"),
        ({"share": "all"}, "share is 'all'; write"),
        ({"share": float("nan")}, "share is nan; write"),
    ],
)
def test_every_bad_line_of_what_was_shipped_is_named(folder: Path, wrong: Row, told: str) -> None:
    good = {"theme": "slow", "at": "2024-01-01", "share": 0.5}
    with pytest.raises(InvalidInputError, match="2 bad lines") as refused:
        themes(folder, sample(), [good | wrong, good, good | wrong])
    assert [line for line, _ in refused.value.problems] == ["line 1", "line 3"]
    assert told in refused.value.problems[0][1]


def test_only_one_of_the_two_files_is_standard_input(folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="name a file for one of them"):
        score_themes_file("-", str(folder / "out.json"), "-")


def test_a_month_is_date_enough(folder: Path) -> None:
    rows = [row | {"date": row["date"][:7]} for row in sample()]
    assert themes(folder, rows)["slow"]["longevity"]["evidence"]["first"] == "2023-01-01"


def test_a_pair_of_attributes_is_found_among_voices_of_no_known_company(folder: Path) -> None:
    rows = []
    for i in range(160):
        segments = {"model": "ab"[i % 2], "region": "xy"[i // 2 % 2]}
        inside = segments == {"model": "a", "region": "x"} and i % 5
        rows.append(
            {"id": i, "theme": "t" if inside or i % 13 == 0 else None, "date": "2024-01-01"}
            | {"segments": segments}
        )
    best = themes(folder, rows)["t"]["generality"]["evidence"]["best"]
    assert best["parts"] == [["model", "a"], ["region", "x"]]


def test_no_theme_gives_an_empty_object(folder: Path) -> None:
    assert themes(folder, [spoken(1, "a", None)]) == {}


random_rows = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from(["slow", "login", None]), st.integers(0, 700)),
    min_size=1,
    max_size=30,
)


def build(cells: list[tuple[int, str | None, int]], shift: int = 0) -> list[Row]:
    return [
        spoken(i, f"c{c}", theme, day + shift, segments={"size": "SML"[c % 3]}, text="error")
        for i, (c, theme, day) in enumerate([*cells, (0, "slow", 0)])
    ]


@settings(max_examples=25)
@given(random_rows, st.integers(-20_000, 20_000))
def test_shifting_all_dates_together_changes_no_score(
    folder: Path, cells: list[tuple[int, str | None, int]], shift: int
) -> None:
    assert values(themes(folder, build(cells))) == values(themes(folder, build(cells, shift)))


@settings(max_examples=25)
@given(random_rows, st.integers(0, 29), st.integers(1, 5))
def test_saying_the_same_again_changes_no_score(
    folder: Path, cells: list[tuple[int, str | None, int]], which: int, times: int
) -> None:
    again = [cells[which % len(cells)]] * times
    assert values(themes(folder, build([*cells, *again]))) == values(themes(folder, build(cells)))


@settings(max_examples=25)
@given(random_rows)
def test_adding_a_company_never_lowers_generality(
    folder: Path, cells: list[tuple[int, str | None, int]]
) -> None:
    before = themes(folder, build(cells))["slow"]["generality"]["value"]
    # On the newest day, so that the period stays what it was.
    more = [*cells, (9, "slow", max([day for _, _, day in cells], default=0))]
    assert themes(folder, build(more))["slow"]["generality"]["value"] >= before


@pytest.mark.parametrize(
    ("field", "wrong", "told"),
    [
        ("date", "2024/05/13", "is not an ISO date; write YYYY-MM-DD"),
        ("date", "2024-02-30", "is not an ISO date"),
        ("date", "0001-01-01T00:00:00+10:00", "is not an ISO date"),
        ("date", 20240513, "is not an ISO date"),
        ("segments", ["it"], "write {attribute: value}"),
        ("customer", {"id": 3}, "customer is dict"),
        ("theme", 1.5, "theme is float"),
        ("text", 7, "text is int"),
        ("mark", 9, "write 1 (nice to have) to 4"),
        ("mark", [3], "write 1 (nice to have) to 4"),
        ("priority", "huge", "write one of low, normal, high, urgent"),
    ],
)
def test_it_names_every_bad_row_and_writes_nothing(
    tmp_path: Path, field: str, wrong: object, told: str
) -> None:
    rows = [spoken(i, "a") for i in range(5)]
    rows[1] |= {field: wrong}
    rows[3] |= {field: wrong}
    out = tmp_path / "out.json"
    with pytest.raises(InvalidInputError) as error:
        score_themes_file(written(tmp_path / "in.jsonl", rows), str(out))
    assert [where for where, _ in error.value.problems] == ["line 2, id 1", "line 4, id 3"]
    assert all(told in reason for _, reason in error.value.problems)
    assert not out.exists()


def test_it_scores_the_severity_of_each_row_in_order(tmp_path: Path) -> None:
    rows = [
        {"id": "b", "text": "満足しています", "language": "ja"},
        {"id": "a", "text": "The app crashes, urgent", "priority": "urgent"},
        {"id": "c", "text": "ok", "rating": 0, "rating_scale": "nps"},
    ]
    out = tmp_path / "out.jsonl"
    assert score_severity_file(written(tmp_path / "in.jsonl", rows), str(out)) == 3
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in found] == ["b", "a", "c"]
    assert found[0]["severity"] < 0.4 < found[2]["severity"] < found[1]["severity"]
    assert set(found[1]["signals"]) == {"blocked", "urgency", "priority"}


def test_a_rating_outside_its_scale_is_refused(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "x", "rating": 11, "rating_scale": "nps"}]
    with pytest.raises(InvalidInputError) as error:
        score_severity_file(written(tmp_path / "in.jsonl", rows), str(tmp_path / "out.jsonl"))
    assert error.value.problems == (("line 1, id 1", "rating is 11; nps goes from 0 to 10"),)
