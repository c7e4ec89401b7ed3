"""The invented sample company holds what its planted.json says."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from vocloop.intake.ingest import ingest
from vocloop_models import RATING_BOUNDS, LongevityKind, RatingScale

MINAMO = Path(__file__).parents[2] / "examples" / "minamo"
WRITTEN = ("customers.csv", "contacts.csv", "departments.csv", "feedback.jsonl", "truth.jsonl")
LOADED = {"departments.csv": 6, "customers.csv": 60, "contacts.csv": 177, "feedback.jsonl": 1480}


def rows_of(name: str) -> list[dict[str, Any]]:
    path = MINAMO / name
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PLANTED = json.loads((MINAMO / "planted.json").read_text(encoding="utf-8"))
THEMES = PLANTED["themes"]
FIRST, LAST = (dt.date.fromisoformat(PLANTED[end]) for end in ("first_day", "last_day"))
FEEDBACK = rows_of("feedback.jsonl")
TRUTH = {row["id"]: row for row in rows_of("truth.jsonl")}
CUSTOMERS = {row["external_id"]: row for row in rows_of("customers.csv")}


def of_kind(kind: str) -> list[str]:
    return [key for key, theme in THEMES.items() if theme["kind"] == kind]


def about(theme: str) -> list[dict[str, Any]]:
    return [row for row in FEEDBACK if theme in TRUTH[row["id"]]["themes"]]


def days(theme: str) -> list[dt.date]:
    return [dt.datetime.fromisoformat(row["date"]).date() for row in about(theme)]


def share(values: list[bool]) -> float:
    return sum(values) / len(values)


def test_it_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, "-B", str(MINAMO / "generate.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert {path.name for path in tmp_path.iterdir()} == set(WRITTEN)
    for name in WRITTEN:
        assert (tmp_path / name).read_bytes() == (MINAMO / name).read_bytes(), name


def test_intake_takes_every_row_and_ignores_no_column(engine: Engine) -> None:
    for name, count in LOADED.items():
        report = ingest(engine, MINAMO / name, source="minamo")
        assert report.refused == [], name
        assert (report.stored, report.ignored_columns) == (count, []), name


def test_every_text_of_the_authors_is_used_exactly_once() -> None:
    written = [
        row["text"] for language in ("ja", "en") for row in rows_of(f"voices/{language}.jsonl")
    ]
    assert Counter(row["text"] for row in FEEDBACK) == Counter(written)
    assert max(Counter(written).values()) == 1


def test_both_languages_have_hundreds_of_distinct_texts_and_half_of_the_rows() -> None:
    languages = Counter(TRUTH[row["id"]]["language"] for row in FEEDBACK)
    assert set(languages) == {"ja", "en"}
    for language, count in languages.items():
        texts = {row["text"] for row in FEEDBACK if TRUTH[row["id"]]["language"] == language}
        assert len(texts) >= 400
        assert 0.45 <= count / len(FEEDBACK) <= 0.55


def test_every_theme_has_a_kind_and_an_owner_and_noise_has_no_kind() -> None:
    departments = {row["key"] for row in rows_of("departments.csv")}
    for key, theme in THEMES.items():
        assert theme["kind"] in {*LongevityKind} or (key == "noise" and theme["kind"] is None)
        assert theme["departments"]
        assert set(theme["departments"]) <= departments
    assert {theme["kind"] for theme in THEMES.values()} == {*map(str, LongevityKind), None}


def test_the_truth_names_only_planted_themes_and_the_kind_of_the_first() -> None:
    assert [row["id"] for row in FEEDBACK] == list(TRUTH)
    for row in TRUTH.values():
        first = row["themes"][0] if row["themes"] else "noise"
        assert row["kind"] == THEMES[first]["kind"]
        assert set(row["themes"]) <= set(THEMES) - {"noise"}


def test_dates_rise_within_eighteen_months_and_carry_the_customers_zone() -> None:
    times = [dt.datetime.fromisoformat(row["date"]) for row in FEEDBACK]
    assert times == sorted(times)
    assert all(time.tzinfo is not None and FIRST <= time.date() <= LAST for time in times)
    assert len({time.utcoffset() for time in times}) > 1
    assert share([time.weekday() < 5 for time in times]) > 0.9
    assert share([8 <= time.hour < 19 for time in times]) > 0.9


def test_nobody_speaks_before_the_contract_or_after_leaving() -> None:
    for row in FEEDBACK:
        customer, day = CUSTOMERS[row["customer"]], row["date"][:10]
        assert customer["since"] <= day <= (customer["until"] or day)
        assert row["contact"].startswith(row["customer"])
    left = sum(bool(customer["until"]) for customer in CUSTOMERS.values())
    assert left == 3


def test_the_outage_is_reported_within_three_days() -> None:
    on = dt.date.fromisoformat(THEMES["outage_login"]["schedule"]["on"])
    assert share([0 <= (day - on).days < 3 for day in days("outage_login")]) >= 0.8


@pytest.mark.parametrize("theme", of_kind("fading"))
def test_a_fixed_theme_is_nearly_silent_a_month_after_the_fix(theme: str) -> None:
    fix = dt.date.fromisoformat(THEMES[theme]["schedule"]["fix"])
    heard = days(theme)
    assert share([day <= fix + dt.timedelta(days=30) for day in heard]) >= 0.85
    assert min(heard) < FIRST + dt.timedelta(days=60)


@pytest.mark.parametrize("theme", of_kind("emerging"))
def test_an_emerging_theme_is_new_and_growing(theme: str) -> None:
    begin = dt.date.fromisoformat(THEMES[theme]["schedule"]["from"])
    heard = sorted(days(theme))
    assert heard[0] >= begin > FIRST + (LAST - FIRST) * 2 / 3
    middle = begin + (LAST - begin) / 2
    assert share([day > middle for day in heard]) > 0.65


@pytest.mark.parametrize("theme", [key for key in of_kind("transient") if key != "outage_login"])
def test_a_fashion_comes_and_goes(theme: str) -> None:
    begin, end = (dt.date.fromisoformat(THEMES[theme]["schedule"][name]) for name in ("from", "to"))
    assert (end - begin).days < 5 * 31
    assert share([begin <= day <= end for day in days(theme)]) >= 0.85


@pytest.mark.parametrize("theme", of_kind("recurring"))
def test_a_recurring_theme_is_heard_in_each_of_its_seasons_and_hardly_between(theme: str) -> None:
    windows = THEMES[theme]["schedule"]["windows"]
    seasons = [tuple(map(dt.date.fromisoformat, window)) for window in windows]
    heard = days(theme)
    counts = [sum(begin <= day <= end for day in heard) for begin, end in seasons]
    assert min(counts) >= 3
    assert sum(counts) / len(heard) >= 0.8


def test_the_month_end_export_fails_around_the_end_of_the_month() -> None:
    edges = [day.day <= 3 or (day + dt.timedelta(days=3)).day <= 3 for day in days("month_end_csv")]
    assert share(edges) >= 0.8


@pytest.mark.parametrize("theme", of_kind("lasting"))
def test_a_lasting_theme_is_heard_in_every_third_of_the_time(theme: str) -> None:
    thirds = Counter(
        (day - FIRST) * 3 // (LAST - FIRST + dt.timedelta(days=1)) for day in days(theme)
    )
    assert all(thirds[third] >= 0.2 * thirds.total() for third in range(3))


@pytest.mark.parametrize("theme", [key for key, theme in THEMES.items() if theme["segments"]])
def test_a_theme_is_denser_in_its_segment(theme: str) -> None:
    segments = THEMES[theme]["segments"]
    inside = {
        name
        for name, customer in CUSTOMERS.items()
        if all(customer[field] in values for field, values in segments.items())
    }
    speaking = {row["customer"] for row in about(theme)}
    outside = set(CUSTOMERS) - inside
    assert len(speaking & inside) / len(inside) >= 2 * len(speaking & outside) / len(outside)


def test_one_customer_is_loud_about_a_theme_of_few() -> None:
    loud = PLANTED["loud"]
    speakers = Counter(row["customer"] for row in about(loud["theme"]))
    (first, most), (_, second) = speakers.most_common(2)
    assert first == loud["customer"]
    assert most >= 4 * second
    assert len(speakers) <= len(CUSTOMERS) / 4


def test_ratings_lie_on_their_scale_and_fall_with_severity() -> None:
    by_severity: dict[int, list[float]] = {}
    for row in FEEDBACK:
        assert ("rating" in row) == (row["channel"] == "survey")
        if "rating" in row:
            low, high = RATING_BOUNDS[RatingScale(row["rating_scale"])]
            assert low <= row["rating"] <= high
            content = (row["rating"] - low) / (high - low)
            by_severity.setdefault(TRUTH[row["id"]]["severity"], []).append(content)
    means = [sum(by_severity[mark]) / len(by_severity[mark]) for mark in range(5)]
    assert means == sorted(means, reverse=True)


def test_half_of_the_tickets_carry_a_priority_that_fits_with_noise() -> None:
    tickets = [row for row in FEEDBACK if row["channel"] == "ticket"]
    marked = [row for row in tickets if "priority" in row]
    assert 0.4 <= len(marked) / len(tickets) <= 0.6
    blocked = [row for row in marked if TRUTH[row["id"]]["severity"] == 4]
    fitting = share([row["priority"] == "urgent" for row in blocked])
    assert 0.5 <= fitting < 1
