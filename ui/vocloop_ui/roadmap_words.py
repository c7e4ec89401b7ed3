"""What readers are told for the vocabulary of backlog, arbitration and review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from babel.numbers import get_currency_name

from vocloop.config import settings
from vocloop_models import (
    Direction,
    Horizon,
    HypothesisState,
    ItemState,
    Measure,
    Movement,
    NextStep,
    RoundRule,
    RuleField,
    Stage,
    TouchTier,
    Verdict,
    VoteChoice,
)
from vocloop_ui.i18n import Reader

# A year and a half ahead: further off nobody plans by quarters.
OFFERED_QUARTERS = 6
MAN, OKU, MILLION = 10_000, 100_000_000, 1_000_000
# Asked in these words in both languages; English readers get a gloss beside it.
QUESTION = "私がカスタマーなら賛成か"


def money(reader: Reader, value: float, currency: str | None = None) -> str:
    """An amount as it is told: 6,100万円, 4億7,721万円, ¥61 M, $43,000, $4.1M.

    ``currency``: that of sums when None.
    """
    paid_in = currency or settings().currency
    if paid_in != "JPY":
        short = value >= MILLION
        return reader.short_money(value, paid_in) if short else reader.money(value, paid_in)
    if reader.language == "ja":
        return _yen(reader, value)
    if value >= MILLION:
        return f"¥{reader.number(round(value / MILLION, 1))} M"
    return f"¥{reader.number(round(value))}"


def currency(reader: Reader) -> str:
    """What budgets and costs are written in, by its name."""
    return get_currency_name(settings().currency, locale=reader.language)


def _yen(reader: Reader, value: float) -> str:
    """As Japanese readers count: in 万, and in 億 above them."""
    if value < MAN:
        return f"{reader.number(round(value))}円"
    oku, man = divmod(round(value / MAN), OKU // MAN)
    whole = f"{reader.number(oku)}億" if oku else ""
    return f"{whole}{reader.number(man)}万円" if man else f"{whole}円"


def quarter(reader: Reader, code: str) -> str:
    """2026Q4 as a reader says it."""
    year, _, number = code.partition("Q")
    return reader.gettext("Q%(number)s %(year)s") % {"year": year, "number": number}


def quarter_of(day: dt.date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def coming_quarters(today: dt.date) -> list[str]:
    """The present quarter and those that one plans in."""
    days = (today + dt.timedelta(days=91 * step) for step in range(OFFERED_QUARTERS))
    return list(dict.fromkeys(quarter_of(day) for day in days))


def state(reader: Reader, value: ItemState) -> str:
    return {
        ItemState.PROPOSED: reader.gettext("Proposed"),
        ItemState.APPROVED: reader.gettext("Approved"),
        ItemState.DEFERRED: reader.gettext("Deferred"),
        ItemState.DECLINED: reader.gettext("Declined"),
        ItemState.SPLIT: reader.gettext("Split"),
        ItemState.IN_PROGRESS: reader.gettext("In progress"),
        ItemState.SHIPPED: reader.gettext("Shipped"),
        ItemState.REVIEWED: reader.gettext("Reviewed"),
        ItemState.REOPENED: reader.gettext("Reopened"),
    }[value]


def step_to(reader: Reader, value: ItemState) -> str:
    """What a button says that brings an item there."""
    return {
        ItemState.IN_PROGRESS: reader.gettext("Begin the work"),
        ItemState.SHIPPED: reader.gettext("Mark as shipped"),
        ItemState.APPROVED: reader.gettext("Stop the work"),
        ItemState.REOPENED: reader.gettext("Reopen: the problem is back"),
        ItemState.PROPOSED: reader.gettext("Propose again"),
    }.get(value, state(reader, value))


def stage(reader: Reader, value: Stage) -> str:
    return {
        Stage.TRUST: reader.gettext("Trust and team"),
        Stage.ISSUE: reader.gettext("Issue setting"),
        Stage.POLICY: reader.gettext("Policy and process"),
        Stage.EXECUTION: reader.gettext("Execution"),
        Stage.REVIEW: reader.gettext("Result review"),
    }[value]


def horizon(reader: Reader, value: Horizon) -> str:
    return {
        Horizon.NOW: reader.gettext("Now"),
        Horizon.NEXT: reader.gettext("Next"),
        Horizon.LATER: reader.gettext("Later"),
    }[value]


def verdict(reader: Reader, value: Verdict) -> str:
    return {
        Verdict.APPROVE: reader.gettext("Approve"),
        Verdict.DEFER: reader.gettext("Defer"),
        Verdict.DECLINE: reader.gettext("Decline"),
        Verdict.SPLIT: reader.gettext("Split it"),
    }[value]


def decided(reader: Reader, value: Verdict) -> str:
    return {
        Verdict.APPROVE: reader.gettext("Approved"),
        Verdict.DEFER: reader.gettext("Deferred"),
        Verdict.DECLINE: reader.gettext("Declined"),
        Verdict.SPLIT: reader.gettext("Split"),
    }[value]


def vote(reader: Reader, value: VoteChoice) -> str:
    return {
        VoteChoice.SUPPORT: reader.gettext("For"),
        VoteChoice.OPPOSE: reader.gettext("Against"),
        VoteChoice.ABSTAIN: reader.gettext("Abstains"),
    }[value]


def rule(reader: Reader, value: RoundRule) -> str:
    return {
        RoundRule.FREE: reader.gettext("Free to choose"),
        RoundRule.MUST: reader.gettext("Must do"),
        RoundRule.MUST_NOT: reader.gettext("Must not"),
    }[value]


def rating(reader: Reader, name: str) -> str:
    return {
        "expertise": reader.gettext("Our expertise"),
        "relationship": reader.gettext("Relationship with the customers"),
        "alternatives": reader.gettext("Content with other solutions"),
        "difficulty": reader.gettext("Difficulty"),
    }[name]


def guidance(reader: Reader, name: str) -> tuple[str, str, str]:
    """What 1, 3 and 5 mean; the English words are those of vocloop.roadmap.priority.GUIDANCE."""
    return {
        "expertise": (
            reader.gettext("We have never done it"),
            reader.gettext("One reach beyond what we do"),
            reader.gettext("It is what we do best"),
        ),
        "relationship": (
            reader.gettext("They hardly know us"),
            reader.gettext("They answer when we ask"),
            reader.gettext("They ask us first"),
        ),
        "alternatives": (
            reader.gettext("Nobody solves it"),
            reader.gettext("Some are content elsewhere"),
            reader.gettext("Solved well elsewhere"),
        ),
        "difficulty": (
            reader.gettext("Known, within weeks"),
            reader.gettext("Open questions, a quarter"),
            reader.gettext("Unknown, a year or more"),
        ),
    }[name]


def hypothesis(reader: Reader, value: HypothesisState) -> str:
    return {
        HypothesisState.OPEN: reader.gettext("Open"),
        HypothesisState.SUPPORTED: reader.gettext("Supported"),
        HypothesisState.REFUTED: reader.gettext("Refuted"),
        HypothesisState.DROPPED: reader.gettext("Dropped"),
    }[value]


def tier(reader: Reader, value: TouchTier) -> str:
    return {
        TouchTier.HIGH: reader.gettext("High-touch"),
        TouchTier.LOW: reader.gettext("Low-touch"),
        TouchTier.TECH: reader.gettext("Tech-touch"),
    }[value]


def next_step(reader: Reader, value: NextStep) -> str:
    return {
        NextStep.REDRAW_HYPOTHESIS: reader.gettext("Redraw the hypothesis"),
        NextStep.RAISE_EXECUTION: reader.gettext("Raise execution first"),
        NextStep.DEVELOP: reader.gettext("Develop and spread"),
    }[value]


def next_step_reason(reader: Reader, value: NextStep) -> str:
    return {
        NextStep.REDRAW_HYPOTHESIS: reader.gettext(
            "It was executed well, yet the result is not there: the hypothesis does not hold."
        ),
        NextStep.RAISE_EXECUTION: reader.gettext(
            "It was not executed enough, or not well enough, to tell whether it works."
        ),
        NextStep.DEVELOP: reader.gettext("The result is there and it was executed well."),
    }[value]


def direction(reader: Reader, value: Direction) -> str:
    return {
        Direction.HIGHER_LEVEL: reader.gettext("Higher level"),
        Direction.WIDER_GOAL: reader.gettext("Wider goal"),
        Direction.LEANER_PROCESS: reader.gettext("Leaner process"),
        Direction.BETTER_EXPERIENCE: reader.gettext("Better experience"),
    }[value]


def direction_hint(reader: Reader, value: Direction) -> str:
    return {
        Direction.HIGHER_LEVEL: reader.gettext("The same, so that it does more for the customer"),
        Direction.WIDER_GOAL: reader.gettext("What the customer wants it for in the end"),
        Direction.LEANER_PROCESS: reader.gettext("The same result with less work"),
        Direction.BETTER_EXPERIENCE: reader.gettext("Gentler on everyone who takes part"),
    }[value]


def measure(reader: Reader, value: Measure) -> str:
    return {
        Measure.VOLUME: reader.gettext("Statements"),
        Measure.COMPANIES: reader.gettext("Companies"),
        Measure.SEVERITY: reader.gettext("Severity"),
    }[value]


def movement(reader: Reader, value: Movement) -> str:
    return {
        Movement.FELL: reader.gettext("Fell"),
        Movement.ROSE: reader.gettext("Rose"),
        Movement.UNCLEAR: reader.gettext("Can't be told apart from chance"),
        Movement.TOO_FEW: reader.gettext("Too little data"),
    }[value]


def rule_field(reader: Reader, value: RuleField) -> str:
    return {
        RuleField.SOURCE: reader.gettext("Source"),
        RuleField.TAG: reader.gettext("Tag"),
        RuleField.PRODUCT: reader.gettext("Product"),
        RuleField.KEYWORD: reader.gettext("Keyword"),
        RuleField.CUSTOMER: reader.gettext("Customer"),
    }[value]


def routed_by(reader: Reader, fields: Sequence[str]) -> str:
    """What a voice came with that spoke for its department."""
    named = {
        "tags": reader.gettext("tags"),
        "product": reader.gettext("product"),
        "source": reader.gettext("source"),
        "channel": reader.gettext("channel"),
        "priority": reader.gettext("priority"),
        "customer": reader.gettext("customer"),
        "industry": reader.gettext("industry"),
    }
    return reader.gettext(", ").join(named.get(field, field) for field in fields)
