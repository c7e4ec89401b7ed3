"""What the sample company plans rests on those of the found themes that hold its problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml
from sqlmodel import Session, select

from tests.api.records import add_theme, say
from vocloop.cli.sample_roadmap import Held, make_roadmap, planted_problems
from vocloop_models import BacklogItem, Feedback, Hypothesis, Statement, Theme

MINAMO = Path(__file__).parents[3] / "examples" / "minamo"


def found(
    session: Session, folder: Path, statements: Mapping[str, Mapping[str, int]]
) -> dict[str, Held]:
    """statements: by a theme's title how many of its statements are about which problem; "" is no
    theme."""
    truth = []
    for title, counts in statements.items():
        theme = add_theme(session, title) if title else None
        for key, count in counts.items():
            for number in range(count):
                statement = say(session, f"{title}: {key}", theme=theme)
                voice = session.get_one(Feedback, statement.feedback_id)
                voice.source, voice.external_id = "minamo", f"{title}-{key}-{number}"
                truth.append(json.dumps({"id": voice.external_id, "themes": [key]}))
    session.flush()
    (folder / "truth.jsonl").write_text("\n".join(truth), "utf-8")
    return planted_problems(session, folder)


def titles(session: Session, held: Mapping[str, Held]) -> dict[str, list[str | None]]:
    return {
        key: [session.get_one(Theme, theme).title_en for theme in each.themes]
        for key, each in held.items()
    }


def test_a_problem_is_held_by_the_theme_that_is_about_it(session: Session, tmp_path: Path) -> None:
    """Not by the large one that holds more of it among much else."""
    statements = {"Anything": {"csv": 4, "login": 20}, "The export stops": {"csv": 3}}
    held = found(session, tmp_path, statements)
    assert titles(session, held) == {"csv": ["The export stops"], "login": ["Anything"]}


def test_a_problem_in_pieces_is_held_by_all_that_are_about_it(
    session: Session, tmp_path: Path
) -> None:
    statements = {"Clinics": {"training": 7, "csv": 1}, "Manuals": {"training": 5}, "": {"csv": 2}}
    held = found(session, tmp_path, statements)
    assert titles(session, held) == {"training": ["Clinics", "Manuals"]}
    said = {session.get_one(Statement, each).text for each in held["training"].said}
    assert said == {"Clinics: training", "Manuals: training"}


def test_a_problem_that_no_theme_is_about_is_held_by_none(session: Session, tmp_path: Path) -> None:
    statements = {
        "Holidays": {"holiday": 9, "stand_in": 5},
        "Rights": {"rights": 9, "stand_in": 4},
        "Stand-ins": {"stand_in": 2},
        "": {"stand_in": 40},
    }
    held = found(session, tmp_path, statements)
    assert titles(session, held) == {"holiday": ["Holidays"], "rights": ["Rights"]}


def test_what_rests_on_a_problem_that_is_not_held_is_left_out(session: Session) -> None:
    told = yaml.safe_load((MINAMO / "roadmap.yaml").read_text("utf-8"))
    theme = add_theme(session, "Codes shift")
    make_roadmap(session, told, {"tax_code_sync": Held([theme.id], [])})
    assert [item.title for item in session.exec(select(BacklogItem))] == [
        row["title"] for row in told["items"] if "tax_code_sync" in row["themes"]
    ]
    assert session.exec(select(Hypothesis)).all() == []
