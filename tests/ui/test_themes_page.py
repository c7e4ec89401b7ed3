from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from tests.ui.seed import seed
from vocloop.worker import jobs
from vocloop_models import (
    Feedback,
    FeedbackState,
    Job,
    JobKind,
    JobState,
    LongevityKind,
    Statement,
    Theme,
    ThemeScore,
)
from vocloop_models.database import reading, transaction

Reader = Callable[[str], TestClient]


def titles(page: str) -> list[str]:
    return [
        html.unescape(re.sub("<[^>]+>", "", found))
        for found in re.findall(r'class="theme-title"[^>]*>(.*?)</a>', page)
    ]


def next_address(page: str) -> str | None:
    found = re.search(r'id="pager".*?<a class="btn" href="([^"]+)"', page, re.DOTALL)
    return html.unescape(found[1]) if found else None


def test_the_start_leads_to_the_themes(client: TestClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/themes")


def test_it_reads_in_the_readers_language_with_the_other_title_beneath(reader: Reader) -> None:
    ja, en = reader("ja").get("/themes").text, reader("en").get("/themes").text
    assert titles(ja)[0] == "承認者が不在だと、申請が何日も止まる"
    assert titles(en)[0] == "Requests stall for days when the approver is away"
    assert '<p class="theme-alt" lang="en">Requests stall for days' in ja
    assert '<p class="theme-alt" lang="ja">承認者が不在だと' in en


def test_it_says_what_the_ranking_was_made_of(reader: Reader) -> None:
    page = reader("en").get("/themes").text
    assert re.search(r"29 themes found in [\d,]+ statements from \d+ companies\.", page)
    assert "2 voices are still being read." in page


def test_every_number_has_its_interval(reader: Reader) -> None:
    page = reader("en").get("/themes").text
    row = page.split('<tr role="row"')[2]
    assert row.count('class="range"') == 4
    assert row.count('class="iv') == 4


def test_ranks_that_the_evidence_does_not_separate_are_joined(reader: Reader) -> None:
    page = reader("en").get("/themes").text
    assert page.count('class="tie-a"') == page.count('class="tie-z"') > 0
    assert 'class="tie-' not in reader("en").get("/themes?sort=severity").text


def test_a_theme_of_too_few_companies_is_listed_on_demand(reader: Reader) -> None:
    page = reader("en").get("/themes").text
    assert "1 theme is said by fewer than 3 companies." in page
    everything = reader("en").get("/themes?customers=1&text=guest").text
    assert titles(everything) == ["Wants to book a guest desk with the request"]


def test_pages_follow_one_another_without_gap_or_repeat(reader: Reader) -> None:
    first = reader("en").get("/themes").text
    address = next_address(first)
    assert address is not None
    second = reader("en").get(address).text
    seen = titles(first) + titles(second)
    assert len(seen) == len(set(seen)) == 28
    assert next_address(second) is None
    assert 'class="rank">26' in second


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kind=transient", "No screen opened on the day of the outage"),
        ("text=%EF%BC%A3%EF%BC%B3%EF%BC%B6", "The month-end CSV export stops halfway"),
        ("text=passkey", "Wants passkeys instead of passwords and codes"),
    ],
)
def test_filters_narrow_the_list(reader: Reader, query: str, first: str) -> None:
    assert titles(reader("en").get(f"/themes?{query}").text)[0] == first


def test_a_filter_is_taken_off_by_its_chip(reader: Reader) -> None:
    page = reader("en").get("/themes?kind=fading&text=mail&sort=severity").text
    chip = re.search(r'<a class="x" href="([^"]+)" aria-label="Remove the filter Longevity', page)
    assert chip is not None
    assert html.unescape(chip[1]) == "/themes?text=mail&sort=severity"


@pytest.mark.parametrize("sort", ["impact", "generality", "longevity", "severity", "customers"])
def test_it_sorts(reader: Reader, sort: str) -> None:
    page = reader("en").get(f"/themes?sort={sort}").text
    assert f'<option value="{sort}" selected>' in page
    assert len(titles(page)) == 25


def test_a_filter_that_fits_nothing_is_named(reader: Reader) -> None:
    page = reader("ja").get("/themes?text=zzz").text
    assert "この条件に合うテーマはありません" in page
    assert "言葉: zzz" in page


@pytest.mark.parametrize("query", ["kind=x", "sort=x", "language=xx", "customers=0", "customers=a"])
def test_an_address_that_asks_for_the_impossible_is_refused_with_reason(
    reader: Reader, query: str
) -> None:
    answer = reader("en").get(f"/themes?{query}")
    assert answer.status_code == 422
    assert f"The address asks for {query.split('=', maxsplit=1)[0]}" in answer.text


def test_a_mangled_cursor_is_refused(reader: Reader) -> None:
    assert reader("en").get("/themes?cursor=nonsense").status_code == 422


def test_with_no_data_it_says_how_to_begin(client: TestClient) -> None:
    page = client.get("/themes").text
    assert "No voices yet" in page
    assert 'href="/start"' in page
    assert 'href="/imports"' in client.get("/start").text


def test_with_data_but_no_themes_it_says_what_happens_next(
    client: TestClient, session: Session
) -> None:
    feedback = Feedback(source="s", external_id="1", text="Slow.", language="en")
    session.add(feedback)
    session.flush()
    session.add(Statement(feedback_id=feedback.id, position=0, text="Slow.", language="en"))
    session.commit()
    page = client.get("/themes").text
    assert "No themes yet" in page
    assert "1 statement has arrived." in page
    assert "1 voice is still being read." in page


def test_hostile_words_stay_words(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        theme = Theme(number=1, title_ja="<script>alert(1)</script>", keywords_ja=['"><img src=x>'])
        session.add(theme)
        session.flush()
        session.add(score_of(theme))
        session.flush()
        theme.scored_on = score_of(theme).day
        name = theme.id
    listed, one = client.get("/themes").text, client.get(f"/themes/{name}").text
    for page in (listed, one, client.get("/themes", params={"text": "<i>&\"'"}).text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<i>&" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in listed


def score_of(theme: Theme) -> ThemeScore:
    thirds = {
        f"{part}{end}": value
        for part in ("generality", "longevity", "severity", "impact")
        for end, value in (("", 0.3), ("_low", 0.1), ("_high", 0.6))
    }
    return ThemeScore(
        theme_id=theme.id,
        day=dt.date(2026, 9, 11),
        longevity_kind=LongevityKind.LASTING,
        statements=9,
        customers=4,
        languages={"ja": 9},
        weeks=[0] * 26,
        evidence={"generality": {"best": {"attribute": "industry"}, "segments": "broken"}},
        **thirds,
    )


def test_it_reads_alike_on_every_database(client: TestClient, engine: Engine) -> None:
    ids = seed(engine)
    assert isinstance(ids["approver_absent"], uuid.UUID)
    assert titles(client.get("/themes").text)[0].startswith("Requests stall")
    assert client.get(f"/themes/{ids['approver_absent']}?language=en").status_code == 200


def test_each_kind_can_be_opened_with_its_count(reader: Reader) -> None:
    page = reader("ja").get("/themes?kind=fading&text=メール").text
    views = page.split('<nav class="views"')[1].split("</nav>")[0]
    assert re.search(r'kind=fading[^>]*aria-current="true"', views)
    counts = [int(n) for n in re.findall(r'class="num">(\d+)', views)]
    assert counts[0] == sum(counts[1:])  # every theme of the sample has a kind


def test_it_names_whose_problem_a_theme_is_in_a_sentence(reader: Reader) -> None:
    page = reader("ja").get("/themes").text
    assert re.search(r"製造業の\d+%\(\d+社中\d+社\)", page)
    page = reader("en").get("/themes").text
    assert re.search(r"\d+% in Manufacturing \(\d+ of \d+ companies\)", page)


@pytest.mark.parametrize(
    ("state", "stage", "told"),
    [
        (JobState.QUEUED, None, "まもなくテーマを見直します。"),
        (JobState.RUNNING, "clusters", "似た発言をまとめています。"),
        (JobState.RUNNING, "titles", "テーマに名前を付けています(8件中3件)。"),
        (JobState.RUNNING, "scores", "スコアを計算しています。"),
        (JobState.RUNNING, "something new", "テーマを見直しています。"),
        (JobState.FAILED, "titles", "テーマの見直しに失敗しました。"),
        (JobState.CANCELLED, "titles", "前回のテーマの見直しは中止されました。"),
    ],
)
def test_it_says_what_the_worker_has_in_hand(
    client: TestClient, engine: Engine, state: JobState, stage: str | None, told: str
) -> None:
    with transaction(engine) as session:
        session.add(Job(kind=JobKind.REFRESH_THEMES, state=state, stage=stage, done=3, total=8))
    part = client.get("/themes/work", headers={"accept-language": "ja"}).text
    assert told in part
    assert ("hx-get" in part) == (state in (JobState.QUEUED, JobState.RUNNING))
    # What is written already is finished.
    assert ("/cancel" in part) == ("hx-get" in part and stage != "scores")
    assert ('<progress value="3" max="8"' in part) == (state == JobState.RUNNING)


def test_the_search_for_themes_is_stopped_from_the_page(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        job = jobs.enqueue(session, JobKind.REFRESH_THEMES)
    part = client.get("/themes/work").text
    address = f"/jobs/{job.id}/cancel"
    assert f'action="{address}"' in part
    assert client.post(address).headers["location"] == "/themes"
    with reading(engine) as session:
        assert jobs.get(session, job.id).state is JobState.CANCELLED
    assert "was stopped" in client.get("/themes/work").text
    assert client.post(address).status_code == 409


def test_voices_that_are_read_but_not_placed_show_how_far_it_is(
    client: TestClient, engine: Engine
) -> None:
    states = [FeedbackState.RECEIVED, FeedbackState.ENCODED, FeedbackState.RECEIVED]
    with transaction(engine) as session:
        session.add_all(
            Feedback(source="t", external_id=str(n), text="x", language="en", state=each)
            for n, each in enumerate(states)
        )
    answer = client.get("/themes/work?waited=1")
    assert "3 voices are still being read." in answer.text
    assert '<progress value="1" max="3"' in answer.text
    # Whoever waits for the end is not told of it yet.
    assert "HX-Trigger" not in answer.headers


def test_when_the_work_is_done_the_new_ranking_is_offered_not_forced(client: TestClient) -> None:
    answer = client.get("/themes/work?waited=1")
    # The first steps show themselves anew.
    assert f'hx-trigger="{answer.headers["HX-Trigger"]} from:body"' in client.get("/start").text
    part = answer.text
    assert "hx-get" not in part
    assert '<a href="/themes">Show the new ranking</a>' in part


def test_statements_without_a_theme_are_counted(client: TestClient, engine: Engine) -> None:
    seed(engine)
    with transaction(engine) as session:
        for number in range(40):
            feedback = Feedback(
                source="s",
                external_id=f"alone-{number}",
                text="ひとりの声",
                language="ja",
                state=FeedbackState.THEMED,
            )
            session.add(feedback)
            session.flush()
            session.add(
                Statement(feedback_id=feedback.id, position=0, text="ひとりの声", language="ja")
            )
    page = client.get("/themes", headers={"accept-language": "ja"}).text
    assert re.search(r"まだどのテーマにも入っていない発言が\d+件\(\d+%\)あります", page)
