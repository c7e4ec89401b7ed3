from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.ui.conftest import client_of
from tests.ui.planned import Plan
from vocloop.score.explain import score_on
from vocloop_models import BacklogItem, ItemState
from vocloop_models.database import transaction

Reader = Callable[[str], TestClient]
Themes = dict[str, uuid.UUID]


def test_every_number_opens_up_from_the_themes_page(reader: Reader, themes: Themes) -> None:
    client = reader("ja")
    address = f"/themes/{themes['approver_absent']}"
    assert f'href="{address}/explanation"' in client.get(address).text
    page = client.get(f"{address}/explanation").text
    assert re.search(r"90%区間 \d+–\d+%\)がこの問題を挙げています", page)
    assert re.search(r"今後12か月のうち、\d+%", page)
    assert re.search(r"\d\.\d{3}\^1 × \d\.\d{3}\^1 × \d\.\d{3}\^1 = \d\.\d{3}", page)
    assert "最も当てはまるセグメントでの、Beta(" in page
    assert "quantile" not in page
    english = reader("en").get(f"{address}/explanation").text
    assert "10% quantile of Beta" in english
    assert "Expected to be heard in" in english


def test_a_theme_that_is_not_there_is_not_found(reader: Reader) -> None:
    assert reader("en").get("/themes/nonsense/explanation").status_code == 404
    assert reader("en").get(f"/themes/{uuid.uuid4()}/explanation").status_code == 404


def test_a_segment_and_what_was_shipped_are_told_in_the_readers_language(
    app: FastAPI, engine: Engine, made: Plan
) -> None:
    basis = {"attribute": "touch_tier", "value": "high", "said": 3, "heard": 4}
    share = {"value": 0.75, "low": 0.4, "high": 0.9}
    with transaction(engine) as session:
        score = score_on(session, made.theme)
        score.evidence = {
            "generality": {"basis": basis, "best": basis | {"share": share}, "share": share},
            "longevity": {"fix": {"on": "2026-05-14", "held": 0.4}, "prior": 0.5},
        }
        item = session.get_one(BacklogItem, made.item)
        item.state, item.shipped_at = ItemState.SHIPPED, dt.datetime(2026, 5, 14, 3, tzinfo=dt.UTC)
    address = f"/themes/{made.theme}/explanation"
    for language, words in {
        "ja": [
            "ハイタッチの顧客の75%",
            "[ハイタッチの顧客]",
            "シフトを交換",
            "2026年5月14日に提供",
        ],
        "en": ["of companies among high-touch customers", "Swap shifts", "shipped on 14 May 2026"],
    }.items():
        page = client_of(app, language).get(address).text
        for word in words:
            assert word in page, word
        assert f'href="/backlog/{made.item}"' in page
        assert "touch_tier" not in page
