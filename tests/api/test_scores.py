"""Scores opened up over HTTP: explanation, history, weights."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.api.records import SCORED_ON, add_score, say, slow_lists
from vocloop.score.snapshot import score_themes
from vocloop.themes.turns import take_turns
from vocloop_models import Theme, ThemeScore
from vocloop_models.database import reading, transaction


@pytest.fixture
def theme(engine: Engine) -> Theme:
    with transaction(engine) as session:
        return slow_lists(session)


def test_an_explanation_holds_each_number_with_its_formula_and_evidence(
    client: TestClient, theme: Theme
) -> None:
    found = client.get(f"/api/themes/{theme.id}/explanation").json()
    assert (found["title_ja"], found["day"]) == ("一覧が遅い", "2026-05-03")
    parts = {part["name"]: part for part in found["parts"]}
    assert list(parts) == ["generality", "longevity", "severity", "impact"]
    assert len(parts["generality"]["ids"]["customers"]) == 5
    assert parts["generality"]["filled"] == "(0.5 + 5) / (1 + 5) = 0.917"
    assert all(sentence["ja"] for part in found["parts"] for sentence in part["sentences"])
    assert parts["impact"]["inputs"]["exponents"] == {
        "generality": 1.0, "longevity": 1.0, "severity": 1.0,
    }  # fmt: skip


def test_it_explains_an_earlier_day(client: TestClient, engine: Engine, theme: Theme) -> None:
    with transaction(engine) as session:
        add_score(session, theme, impact=0.9)
    url = f"/api/themes/{theme.id}/explanation"
    assert client.get(url).json()["day"] == SCORED_ON.isoformat()
    assert client.get(url, params={"day": "2026-06-01"}).json()["day"] == "2026-05-03"
    refused = client.get(url, params={"day": "2020-01-01"})
    assert refused.status_code == 404
    assert "was not scored by 2020-01-01" in refused.json()["detail"]


def test_the_history_says_why_impact_moved(
    client: TestClient, engine: Engine, theme: Theme
) -> None:
    url = f"/api/themes/{theme.id}/scores"
    assert client.get(url).json()["move"] is None
    with transaction(engine) as session:
        say(session, theme=theme, said_at=dt.datetime(2026, 6, 3, tzinfo=dt.UTC))
        score_themes(session)
    found = client.get(url).json()
    assert [day["day"] for day in found["days"]] == ["2026-05-03", "2026-06-03"]
    move = found["move"]
    assert (move["since"], move["day"]) == ("2026-05-03", "2026-06-03")
    factor = 1.0
    for cause in move["causes"]:
        factor *= cause["factor"]
    assert factor == pytest.approx(move["after"] / move["before"])


@pytest.mark.parametrize("what", ["explanation", "scores"])
def test_a_theme_that_is_not_there_is_not_found(client: TestClient, what: str) -> None:
    assert client.get(f"/api/themes/{uuid.uuid4()}/{what}").status_code == 404


def test_weights_are_all_one_until_set_and_every_version_is_kept(
    client: TestClient, theme: Theme
) -> None:
    unset = client.get("/api/weights").json()
    assert (unset["version"], unset["severity"]) == (0, 1.0)
    given = {"generality": 0, "longevity": 0, "severity": 2, "reason": "pain", "by": "佐藤"}
    made = client.put("/api/weights", json=given)
    assert made.status_code == 200
    assert made.json()["set_by"] == "佐藤"
    assert client.get("/api/weights").json() == made.json()
    rows = client.get("/api/weights/versions").json()["rows"]
    assert [row["severity"] for row in rows] == [2.0]
    scores = client.get(f"/api/themes/{theme.id}").json()["scores"]
    assert scores["impact"]["value"] == pytest.approx(scores["severity"]["value"] ** 2)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"severity": -1}, "severity"),
        ({"severity": 11}, "severity"),
        ({"generality": 0, "longevity": 0, "severity": 0}, "generality"),
        ({"pain": 1}, "pain"),
    ],
)
def test_weights_that_can_not_rank_are_refused_by_name(
    client: TestClient, given: dict[str, float], field: str
) -> None:
    refused = client.put("/api/weights", json=given)
    assert refused.status_code == 422
    assert any(field in str(problem) for problem in refused.json()["problems"])
    assert client.get("/api/weights").json()["version"] == 0


def test_weights_set_while_scores_are_written_count_for_them(
    client: TestClient, engine: Engine, theme: Theme
) -> None:
    given = {"generality": 2, "longevity": 0, "severity": 0}
    client.get("/api/weights")  # what a first answer takes is not waited for
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            take_turns(session)
            score_themes(session)
            answer = pool.submit(client.put, "/api/weights", json=given)
            wait([answer], 0.3)
        assert answer.result(10).status_code == 200
    with reading(engine) as session:
        (score,) = session.exec(select(ThemeScore).where(ThemeScore.theme_id == theme.id))
    assert score.evidence["impact"]["exponents"]["generality"] == 2
    assert score.impact == pytest.approx(score.generality**2)
