"""Every number opens up: formula, values, sentences in both languages; and why it moved."""

from __future__ import annotations

import datetime as dt
import math
import uuid

import pytest
from sqlmodel import Session, select

from tests.api.records import add_theme
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.score import formulas, words
from vocloop.score.explain import explain, score_on, theme_named
from vocloop.score.history import Cause, days, moved, sentence
from vocloop.score.impact import Exponents
from vocloop.score.longevity import MOST
from vocloop.score.snapshot import score_themes
from vocloop.score.weights import current, set_weights, versions
from vocloop_models import (
    AssignedBy,
    Contact,
    Customer,
    Feedback,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
)

START = dt.datetime(2024, 1, 8, 9, tzinfo=dt.UTC)


def say(session: Session, contact: Contact, day: int, theme: Theme | None, text: str) -> None:
    at = START + dt.timedelta(days=day)
    feedback = Feedback(
        source="test", external_id=str(uuid.uuid4()), text=text, language="en", said_at=at,
        customer_id=contact.customer_id, contact_id=contact.id,
    )  # fmt: skip
    session.add(feedback)
    session.flush()
    statement = Statement(feedback_id=feedback.id, position=0, text=text, language="en")
    session.add(statement)
    session.flush()
    if theme is not None:
        session.add(
            ThemeMembership(
                statement_id=statement.id,
                theme_id=theme.id,
                confidence=0.9,
                assigned_by=AssignedBy.RUN,
            )
        )
    session.flush()


@pytest.fixture
def people(session: Session) -> list[Contact]:
    """Twenty makers and twenty shops, one person of IT each; all are heard in the first week."""
    customers = [Customer(name=f"C{i}", industry="製造業" if i < 20 else "小売") for i in range(40)]
    session.add_all(customers)
    session.flush()
    contacts = [Contact(customer_id=c.id, external_id="p", department="IT") for c in customers]
    session.add_all(contacts)
    session.flush()
    for contact in contacts:
        say(session, contact, 0, None, "hello")
    return contacts


@pytest.fixture
def slow(session: Session, people: list[Contact]) -> Theme:
    """Twelve of the makers say it, one a month; scored."""
    theme = Theme(number=12, title_en="Slow lists", title_ja="一覧が遅い")
    other = Theme(number=13, title_en="Login")
    session.add_all([theme, other])
    session.flush()
    for month, contact in enumerate(people[:12]):
        say(session, contact, 30 * month, theme, "the list is slow, work has stopped")
    say(session, people[30], 30, other, "login is odd")
    score_themes(session)
    return theme


def test_each_number_has_formula_values_and_evidence(session: Session, slow: Theme) -> None:
    found = explain(session, slow.id)
    assert (found.number, found.title_ja) == (12, "一覧が遅い")
    assert [p.name for p in found.parts] == ["generality", "longevity", "severity", "impact"]
    general, long, severe, whole = found.parts
    assert len(general.ids["customers"]) == 12
    assert "12" in general.filled
    assert f"{general.value:.3f}" in general.filled
    assert long.filled.endswith(" → at most 0.9")
    assert severe.ids["statements"]
    product = general.value * long.value * severe.value
    assert whole.value == pytest.approx(product)
    assert whole.filled == (
        f"{general.value:.3f}^1 × {long.value:.3f}^1 × {severe.value:.3f}^1 = {product:.3f}"
    )
    for p in found.parts:
        assert p.low <= p.value <= p.high
        assert p.sentences
        assert all(s["ja"] and s["en"] for s in p.sentences)


def test_the_longevity_formula_can_be_worked_out_by_hand(session: Session, slow: Theme) -> None:
    long = explain(session, slow.id).parts[1]
    formula = long.filled.split(" = ")[0].replace("·", "*")
    worked_out = eval(formula)  # noqa: S307 - our own digits
    assert min(worked_out, MOST) == pytest.approx(long.value, abs=0.01)
    assert f" = {worked_out:.2f}" in long.filled


def test_the_formulas_are_told_in_both_languages(session: Session, slow: Theme) -> None:
    general, long, severe, whole = explain(session, slow.id).parts
    assert general.formula_ja.startswith("最も当てはまるセグメントでの、Beta(")
    assert general.filled_ja.endswith(f"の10%点 = {general.value:.3f} [製造業]")
    assert general.filled.endswith(f" = {general.value:.3f} [with industry 製造業]")
    assert "Σ 記憶hの確からしさ" in long.formula_ja
    assert long.filled_ja.endswith(" → 上限0.9")
    assert severe.filled_ja == f"12社の平均 = {severe.value:.3f}"
    assert whole.formula_ja == "一般性^a × 長期性^b × 深刻度^c、重みa、b、cは既定値"
    set_weights(session, Exponents(1.0, 2.0, 1.0))
    score_themes(session)
    whole = explain(session, slow.id).parts[3]
    assert whole.formula_ja.endswith("重みa、b、cはこのワークスペースの第1版")
    assert whole.formula.endswith("weights a, b, c: version 1 of this workspace")


def test_a_forecast_that_was_cut_says_so() -> None:
    sure = {"months": 24.0, "belief": 1.0, "heard": 19.2, "could": 19.2, "chance": 0.98}
    never = {"months": 1.5, "belief": 0.0, "heard": 0.0, "could": 1.0, "chance": 0.1}
    _, values = formulas.longevity({"prior": 0.5, "memories": [sure, never]}, 0.9)
    assert values["ja"] == "1.00 · (0.8 + 19.20) / (0.8 / 0.500 + 19.20) = 0.980 → 上限0.9"
    assert values["en"].endswith(" = 0.980 → at most 0.9")


def test_what_kin_have_in_common_is_named_in_both_languages() -> None:
    part = {
        "prior": 0.2,
        "base": 0.1,
        "kin": {
            "about product": {"ratio": 2.0, "weight": 0.5},
            "touch_tier together": {"ratio": 1.5, "weight": 0.25},
            "店舗数": {"ratio": 1.2, "weight": 0.1},
        },
    }
    formula, values = formulas.longevity(part, 0.31)
    assert "見込み: 基準 · Π" in formula["ja"]
    assert values["ja"] == (
        "0.310。見込み 0.200 = 0.100 · 2.00 ^ 0.50(製品) · 1.50 ^ 0.25(タッチ区分の合計) · "
        "1.20 ^ 0.10(店舗数)"
    )
    assert values["en"] == (
        "0.310; prior 0.200 = 0.100 · 2.00 ^ 0.50 (product) · "
        "1.50 ^ 0.25 (touch tier, all together) · 1.20 ^ 0.10 (店舗数)"
    )


def test_the_segment_is_said_in_both_languages_with_its_reach(
    session: Session, slow: Theme
) -> None:
    sentences = explain(session, slow.id).parts[0].sentences
    assert sentences[0]["ja"].startswith("製造業の")
    assert "20社中12社、90%区間" in sentences[0]["ja"]
    assert "(12 of 20, 90% interval" in sentences[0]["en"]
    assert "まだ声を上げていないのは8社" in sentences[2]["ja"]
    assert sentences[2]["en"].startswith("8 active customers in this segment have not said it yet")


def test_a_pair_of_attributes_is_one_phrase() -> None:
    row = {
        "parts": [["industry", "製造業"], ["department", "情報システム"]],
        "said": 19,
        "heard": 31,
        "share": {"value": 0.62, "low": 0.46, "high": 0.76},
    }
    said = words.segment(row, words.as_written)
    assert said["ja"].startswith("製造業の情報システム部門の62%(31社中19社、90%区間 46–76%)が")


def test_a_segment_is_called_as_who_asks_calls_it(session: Session, slow: Theme) -> None:
    as_read = {"ja": "製造の会社", "en": "in Manufacturing"}
    part = explain(session, slow.id, called=lambda _: as_read).parts[0]
    assert part.sentences[0]["ja"].startswith("製造の会社の")
    assert "of companies in Manufacturing (12 of 20," in part.sentences[0]["en"]
    assert part.filled_ja.endswith("[製造の会社]")
    assert part.filled.endswith("[in Manufacturing]")


def test_what_was_shipped_is_said_with_its_day_and_how_sure_its_end_is() -> None:
    known = {"fix": {"on": "2026-05-14", "held": 0.37, "share": 0.8}}
    _, fixed = words.longevity(known, 0.62, 0.46, 0.76)
    assert fixed["ja"] == ("2026年5月14日に対応を提供しました。それで収まった確からしさは37%です")
    assert fixed["en"] == (
        "something was shipped for it on 14 May 2026; that this ended it is 37% likely"
    )


def test_longevity_is_said_as_people_speak() -> None:
    known = {"age_months": 18, "active_months": 9, "silent_months": 0, "prior": 0.31}
    forecast, heard = words.longevity(known, 0.62, 0.46, 0.76)
    assert forecast["ja"] == "今後12か月のうち、62%(90%区間 46–76%)の月に声が届く見込みです"
    assert heard["ja"].endswith("この1か月にも届いています")
    kin = {"kin": {"about area": {"ratio": 1.5, "weight": 0.4}}}
    _, heard, expected = words.longevity(known | kin | {"silent_months": 4}, 0.62, 0.46, 0.76)
    assert heard["ja"].endswith("9か月に声が届きました。この4か月は届いていません")
    assert heard["en"].endswith("silent for 4")
    assert "31%の月" in expected["ja"]


def test_a_change_of_kind_is_told_in_the_readers_language() -> None:
    facts = {"kind": ["emerging", "lasting"], "active_months": [5, 6]}
    said = sentence(Cause("longevity", 1.2, facts))
    assert said["ja"] == "長期性により1.20倍: 種類 新出→持続、声が届いた月数 5→6"
    assert said["en"] == "× 1.20 by longevity: kind emerging → lasting, months heard 5 → 6"


def test_ranks_tell_how_sure_they_are(session: Session, slow: Theme) -> None:
    impact = explain(session, slow.id).parts[3]
    assert impact.inputs["rank"] == 1
    assert impact.inputs["in_top"] == 1
    assert 0 <= impact.inputs["swap"] <= 1
    assert "T-0013" in impact.sentences[1]["en"]


@pytest.mark.parametrize("name", ["T-0012", "t-12", "12", " 0012 ", "１２"])
def test_a_theme_is_named_by_its_number(session: Session, slow: Theme, name: str) -> None:
    assert theme_named(session, name).id == slow.id
    assert theme_named(session, str(slow.id)).id == slow.id


@pytest.mark.parametrize("name", ["T-99", "slow", "", "717938d7-665f-4e35-bdd7-aaf3abf7440f"])
def test_a_name_that_leads_nowhere_is_told(session: Session, slow: Theme, name: str) -> None:
    with pytest.raises(NotFoundError, match="give an id or a number such as T-0012"):
        theme_named(session, name)


def test_scores_kept_by_an_older_version_open_up_too(session: Session) -> None:
    theme = add_theme(session, "old", evidence={})
    found = explain(session, theme.id)
    assert [p.value for p in found.parts] == [0.4] * 4


def test_a_theme_that_was_never_scored_says_what_to_do(session: Session) -> None:
    theme = add_theme(session, "new", scored=False)
    with pytest.raises(NotFoundError, match="run `vocloop themes refresh`"):
        explain(session, theme.id)


def test_a_score_of_an_earlier_day_stays_as_it_was(session: Session, slow: Theme) -> None:
    first = score_on(session, slow.id)
    score_themes(session, as_of=START + dt.timedelta(days=400))
    assert score_on(session, slow.id).day > first.day
    assert score_on(session, slow.id, first.day + dt.timedelta(days=1)).impact == first.impact
    with pytest.raises(NotFoundError, match="was not scored by 2023-12-31"):
        score_on(session, slow.id, dt.date(2023, 12, 31))


def test_it_says_why_impact_moved_since_last_week(
    session: Session, slow: Theme, people: list[Contact]
) -> None:
    before = score_on(session, slow.id)
    assert moved(session, slow.id) is None
    for contact in people[12:18]:
        say(session, contact, 335, slow, "the list is slow")
    score_themes(session, as_of=START + dt.timedelta(days=338))
    move = moved(session, slow.id)
    assert move is not None
    assert (move.since, move.before) == (before.day, before.impact)
    assert move.causes[0].part == "generality"
    assert move.causes[0].facts["basis_said"] == [12, 18]
    factors = [cause.factor for cause in move.causes]
    assert math.prod(factors) == pytest.approx(move.after / move.before)
    assert "12→18" in move.sentences[0]["ja"]
    assert [score.day for score in days(session, slow.id)] == [before.day, move.day]


class TestWeights:
    def test_they_are_all_one_until_someone_sets_them(self, session: Session) -> None:
        assert current(session) == Exponents(1, 1, 1, version=0)

    @pytest.mark.usefixtures("slow")
    def test_a_new_version_makes_todays_impact_anew(self, session: Session) -> None:
        set_weights(session, Exponents(0, 0, 1), reason="pain only", by="sato")
        scores = session.exec(select(ThemeScore)).all()
        assert all(s.impact == pytest.approx(s.severity) for s in scores)
        assert {s.evidence["impact"]["weights"] for s in scores} == {current(session).version}
        assert sorted(s.evidence["impact"]["rank"] for s in scores) == [1, 2]

    def test_every_version_is_kept_and_the_newest_counts(self, session: Session) -> None:
        for power in (1, 2, 3):
            set_weights(session, Exponents(power, 1, 1))
        assert current(session).generality == 3
        assert [row.generality for row in versions(session)] == [3, 2, 1]

    def test_scores_to_come_use_them(self, session: Session, slow: Theme) -> None:
        set_weights(session, Exponents(2, 1, 1))
        score_themes(session)
        score = score_on(session, slow.id)
        assert score.impact == pytest.approx(score.generality**2 * score.longevity * score.severity)

    def test_a_change_of_weights_is_told_as_what_moved_impact(
        self, session: Session, slow: Theme
    ) -> None:
        score_themes(session, as_of=START + dt.timedelta(days=320))
        set_weights(session, Exponents(1, 2, 3))
        score_themes(session, as_of=START + dt.timedelta(days=330))
        move = moved(session, slow.id, since=dt.date(2024, 11, 24))
        assert move is not None
        cause = next(c for c in move.causes if c.part == "weights")
        assert cause.facts == {"longevity": [1.0, 2.0], "severity": [1.0, 3.0]}
        factors = [c.factor for c in move.causes]
        assert math.prod(factors) == pytest.approx(move.after / move.before)

    @pytest.mark.parametrize("exponents", [Exponents(0, 0, 0), Exponents(11, 1, 1)])
    def test_weights_that_can_not_rank_are_refused(
        self, session: Session, exponents: Exponents
    ) -> None:
        with pytest.raises(InvalidInputError, match="can't rank themes"):
            set_weights(session, exponents)
        assert versions(session) == []


def test_it_tells_what_a_lone_voice_counts_for() -> None:
    memory = {"months": 24.0, "belief": 1.0, "heard": 2.0, "could": 9.0, "chance": 0.2}
    part = {"prior": 0.5, "memories": [memory]}
    named, _ = formulas.longevity({**part, "lone": 0.3}, 0.2)
    assert "1 − 0.3^" in named["en"]
    assert "1 − 0.3^声の数" in named["ja"]
    without, _ = formulas.longevity({**part, "lone": 0.0}, 0.2)
    assert named["en"].startswith(without["en"].split(", at most")[0])
    assert "^(their" not in without["en"]


def test_it_tells_that_months_before_the_customers_came_count_less() -> None:
    told, _ = formulas.longevity({"memories": [], "prior": 0.2, "arrivals": True}, 0.3)
    assert "had been heard from" in told["en"]
    assert "声を聞いていた割合" in told["ja"]
    untold, _ = formulas.longevity({"memories": [], "prior": 0.2}, 0.3)
    assert "had been heard from" not in untold["en"]


@pytest.mark.parametrize(
    ("prior", "base", "ratio", "told"),
    [
        (0.95, 0.5, 4.0, ("2.000 = 0.500 · 4.00 ^ 1.00 (product) → at most 0.95", "→ 上限0.95")),
        (
            0.001,
            0.1,
            0.002,
            ("0.000 = 0.100 · 0.002 ^ 1.00 (product) → at least 0.001", "下限0.001"),
        ),
        (0.04, 0.5, 0.08, ("0.040 = 0.500 · 0.08 ^ 1.00 (product)", "0.08 ^ 1.00(製品)")),
    ],
)
def test_what_kin_let_expect_can_be_worked_out_also_where_it_was_cut(
    prior: float, base: float, ratio: float, told: tuple[str, str]
) -> None:
    part = {"prior": prior, "base": base, "kin": {"about product": {"ratio": ratio, "weight": 1.0}}}
    _, values = formulas.longevity(part, 0.31)
    assert values["en"].endswith(f"; prior {told[0]}")
    assert values["ja"].endswith(told[1])
