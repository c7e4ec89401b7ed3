from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from fastapi.testclient import TestClient

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
