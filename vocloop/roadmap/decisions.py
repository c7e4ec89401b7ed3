"""Decisions: an executive's final word, with the evidence of that moment."""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.roadmap.audit import Author, get, held, next_number, note
from vocloop.roadmap.backlog import QUARTER, create, one, put, shown
from vocloop.roadmap.rounds import speaking, votes
from vocloop.roadmap.selection import judge
from vocloop_models import BacklogItem, Decision, ItemState, RoundItem, Verdict, now

DECIDABLE = (ItemState.PROPOSED, ItemState.DEFERRED, ItemState.APPROVED, ItemState.REOPENED)
_STATES = {
    Verdict.APPROVE: ItemState.APPROVED,
    Verdict.DEFER: ItemState.DEFERRED,
    Verdict.DECLINE: ItemState.DECLINED,
    Verdict.SPLIT: ItemState.SPLIT,
}


def decide(
    session: Session,
    item_id: uuid.UUID,
    verdict: Verdict,
    rationale: str,
    author: Author,
    *,
    agree_as_customer: bool,
    agree_reason: str = "",
    round_id: uuid.UUID | None = None,
    quarter: str | None = None,
    into: Sequence[str] = (),
) -> Decision:
    """Record the word and let it take effect; ``into``: titles of the parts of a split.

    Raises InvalidInputError without a name, a reason, or two parts of a split; ConflictError for
    an item that is at work or done; NotFoundError."""
    problems = [("by", "a decision has a name; give it")] if not author.by else []
    problems += [] if rationale.strip() else [("rationale", "a decision has a reason; give it")]
    if (verdict is Verdict.SPLIT) != (len(into) >= 2):
        problems.append(("into", "a split has two titles or more; other verdicts have none"))
    if quarter is not None and not QUARTER.fullmatch(quarter):
        problems.append(("quarter", f"{quarter!r} is not a quarter; write it as 2026Q4"))
    if problems:
        raise InvalidInputError(f"can't be decided: {problems[0][1]}", problems)
    if round_id is not None:
        # Before the item: whoever speaks in a round waits for it first, then for what is in it.
        speaking(session, round_id)
        get(session, RoundItem, (round_id, item_id), "item of this round")
    item = held(session, BacklogItem, item_id, "backlog item")
    if item.state not in DECIDABLE:
        raise ConflictError(
            says(
                "%(item)s is %(state)s; there is nothing to decide",
                item=shown(item),
                state=item.state,
            )
        )
    decision = Decision(
        number=next_number(session, Decision.number),
        item_id=item_id,
        round_id=round_id,
        verdict=verdict,
        rationale=rationale,
        agree_as_customer=agree_as_customer,
        agree_reason=agree_reason,
        quarter=quarter,
        by=author.by or "",
        evidence=evidence(session, item_id, round_id),
        digest="",
    )
    decision.digest = digest(decision)
    session.add(decision)
    session.flush()
    note(session, decision.id, "decided", author, item=item_id, verdict=verdict.value)
    put(session, item, _STATES[verdict], author)
    if quarter is not None:
        item.quarter = quarter
    if verdict is Verdict.SPLIT:
        _split(session, item, into, author)
    return decision


def _split(session: Session, item: BacklogItem, into: Sequence[str], author: Author) -> None:
    themes = one(session, item.id).themes
    for title in into:
        # Each part is thought to solve as much as the others, until someone says otherwise.
        part = create(session, title, {t: share / len(into) for t, share in themes.items()}, author)
        part.part_of, part.goals, part.problem = item.id, item.goals, item.problem


def evidence(session: Session, item_id: uuid.UUID, round_id: uuid.UUID | None) -> dict[str, Any]:
    """What is known of an item now: numbers and ids only, ready for JSON."""
    judged = judge(session, item_id)
    parts, found = judged.parts, judged.priority
    cast = votes(session, round_id) if round_id is not None else []
    return {
        "at": now().isoformat(),
        "item": {
            "number": parts.item.number,
            "title": parts.item.title,
            "state": parts.item.state.value,
            "cost": parts.item.cost,
            "departments": {k: [w.effort, w.effect] for k, w in parts.departments.items()},
            "needs": [str(each) for each in parts.needs],
        },
        "priority": {name: vars(each) for name, each in vars(found).items()},
        "stakes": {
            "companies": judged.stakes.companies,
            "arr": judged.stakes.arr,
            "currency": settings().currency,
            "unpriced": judged.stakes.unpriced,
            "renewals": [day.isoformat() for day in judged.stakes.renewals],
        },
        "themes": {
            str(theme): {
                "day": score.day.isoformat(),
                "share": parts.themes[theme],
                "impact": [score.impact, score.impact_low, score.impact_high],
                "generality": score.generality,
                "longevity": score.longevity,
                "severity": score.severity,
                "customers": score.customers,
                "statements": score.statements,
            }
            for theme, score in judged.scores.items()
        },
        "votes": [
            {"department": str(each.department_id), "choice": each.choice.value}
            for each in cast
            if each.item_id == item_id
        ],
    }


def digest(decision: Decision) -> str:
    """SHA-256 over everything that was said and known; another one tells of a change in the
    database behind vocloop's back."""
    said = {
        "item": str(decision.item_id),
        "round": str(decision.round_id),
        "verdict": decision.verdict.value,
        "rationale": decision.rationale,
        "agree": [decision.agree_as_customer, decision.agree_reason],
        "quarter": decision.quarter,
        "by": decision.by,
        "evidence": decision.evidence,
    }
    packed = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def log(
    session: Session,
    *,
    text: str | None = None,
    verdict: Verdict | None = None,
    item_id: uuid.UUID | None = None,
    round_id: uuid.UUID | None = None,
    limit: int = 50,
) -> list[Decision]:
    """Decisions, newest first; ``text``: all of its words in the reasons, the name or the item's
    title as it was, without case and width."""
    query = select(Decision).order_by(col(Decision.number).desc())
    for column, value in (
        (Decision.verdict, verdict),
        (Decision.item_id, item_id),
        (Decision.round_id, round_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if not text:
        return list(session.exec(query.limit(limit)))
    wanted = _folded(text).split()
    # In Python: the databases fold neither width nor case of Japanese alike.
    found = (d for d in session.exec(query) if all(word in _searchable(d) for word in wanted))
    return [decision for decision, _ in zip(found, range(limit), strict=False)]


def _searchable(decision: Decision) -> str:
    title = decision.evidence["item"]["title"]
    return _folded("\n".join([decision.rationale, decision.agree_reason, decision.by, title]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
