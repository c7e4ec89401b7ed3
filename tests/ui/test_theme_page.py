from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_theme, say
from vocloop_models.database import transaction

Reader = Callable[[str], TestClient]
Themes = dict[str, uuid.UUID]


def test_the_impact_opens_up_to_its_evidence(reader: Reader, themes: Themes) -> None:
    page = reader("en").get(f"/themes/{themes['approver_absent']}").text
    assert re.search(r"Why the impact is \d+", page)
    assert "each 0–100, 90% intervals" in page
    assert "weights" not in page  # those that everybody starts with
    assert re.search(r"\d+ of \d+ companies", page)
    assert re.search(r"Expected to be heard in \d+% of the next 12 months\.", page)
    assert re.search(r"Mean of \d+ companies, each counted once\.", page)


def test_it_names_the_segment_whose_problem_it_is(reader: Reader, themes: Themes) -> None:
    page = reader("ja").get(f"/themes/{themes['approver_absent']}").text
    assert re.search(r"製造業の\d+%がこの問題を抱えています", page)
    assert re.search(r"\d+通りの比較を補正済み", page)


def test_the_time_line_has_a_table_with_the_same_numbers(reader: Reader, themes: Themes) -> None:
    page = reader("en").get(f"/themes/{themes['approver_absent']}").text
    assert '<svg class="chart wide-only"' in page
    table = page.split("Show as a table")[1].split("</table>")[0]
    assert "Sep 2026" in table
    assert "not over" in table


def test_voices_carry_their_language(reader: Reader, themes: Themes) -> None:
    page = reader("ja").get(f"/themes/{themes['approver_absent']}").text
    assert '<blockquote lang="ja"' in page
    assert '<blockquote lang="en"' in page
    only = reader("ja").get(f"/themes/{themes['approver_absent']}?language=en").text
    assert '<blockquote lang="ja"' not in only
    assert '<blockquote lang="en"' in only


def test_more_voices_follow(reader: Reader, themes: Themes) -> None:
    page = reader("en").get(f"/themes/{themes['approver_absent']}").text
    more = re.search(r'href="([^"]+)#voices" hx-get', page)
    assert more is not None
    following = reader("en").get(html.unescape(more[1])).text
    quotes = r"<blockquote[^>]*>.*?</figcaption>"
    assert not set(re.findall(quotes, page)) & set(re.findall(quotes, following))


def test_its_history_is_told_in_words(reader: Reader, themes: Themes) -> None:
    page = reader("en").get(f"/themes/{themes['approver_absent']}").text
    assert "Born from 6 statements" in page
    assert "(97% in common)" in page


@pytest.mark.parametrize("name", ["0198c0de-0000-7000-8000-000000000000", "nonsense", "..%2f.."])
def test_a_theme_that_does_not_exist_is_a_page_that_says_so(reader: Reader, name: str) -> None:
    answer = reader("ja").get(f"/themes/{name}")
    assert answer.status_code == 404
    assert "このページはありません" in answer.text
    assert 'lang="ja"' in answer.text


def test_a_theme_of_too_few_companies_says_so(reader: Reader, themes: Themes) -> None:
    page = reader("ja").get(f"/themes/{themes['noise']}").text
    assert "会社が少ないため順位なし" in page
    assert "データが足りません" in page


def test_a_month_begins_at_the_readers_midnight(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session)
        # 1 July, one in the morning, in Tokyo.
        say(session, theme=theme, said_at=dt.datetime(2026, 6, 30, 16, tzinfo=dt.UTC))
    page = client.get(f"/themes/{theme.id}").text
    table = page.split("Show as a table")[1].split("</table>")[0]
    assert "Jul 2026" in table
    assert "Jun 2026" not in table
