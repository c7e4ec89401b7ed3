"""The workspace's exponents of impact: kept in versions, the newest counts."""

from __future__ import annotations

from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.score.estimate import Estimate
from vocloop.score.impact import EQUAL, Exponents, impact, ranks
from vocloop_models import SHOWN_STATES, ScoreWeights, Theme, ThemeScore

# Beyond this a part would drown the others: .9 to the power of 10 is .35, .5 is .001.
LARGEST_EXPONENT = 10.0


def current(session: Session) -> Exponents:
    """The exponents that count now; those of METHOD.md, all 1, when nobody set any."""
    row = session.exec(select(ScoreWeights).order_by(col(ScoreWeights.version).desc())).first()
    return EQUAL if row is None else exponents_of(row)


def exponents_of(row: ScoreWeights) -> Exponents:
    return Exponents(row.generality, row.longevity, row.severity, row.version or 0)


def versions(session: Session) -> list[ScoreWeights]:
    """All that were ever set, the newest first."""
    return list(session.exec(select(ScoreWeights).order_by(col(ScoreWeights.version).desc())))


def set_weights(
    session: Session, exponents: Exponents, *, reason: str | None = None, by: str | None = None
) -> ScoreWeights:
    """A new version, and the impact of today's scores made anew with it; does not commit. Call it
    in the turn of whoever writes scores (vocloop.themes.turns), else it meets rows that are gone.

    Raises InvalidInputError when an exponent is above LARGEST_EXPONENT, or all are 0: then every
    theme would be alike."""
    named = exponents.by_name()
    problems = [
        (name, f"must be at most {LARGEST_EXPONENT:g}")
        for name, value in named.items()
        if value > LARGEST_EXPONENT
    ]
    if not any(named.values()):
        problems = [(name, "one of the three must be above 0") for name in named]
    if problems:
        raise InvalidInputError("these weights can't rank themes", problems)
    row = ScoreWeights(
        generality=exponents.generality,
        longevity=exponents.longevity,
        severity=exponents.severity,
        reason=reason,
        set_by=by,
    )
    session.add(row)
    session.flush()
    _weigh_again(session, exponents_of(row))
    return row


def _weigh_again(session: Session, exponents: Exponents) -> None:
    scores = session.exec(
        select(ThemeScore)
        .join(
            Theme, (col(Theme.id) == ThemeScore.theme_id) & (col(Theme.scored_on) == ThemeScore.day)
        )
        .where(col(Theme.state).in_(SHOWN_STATES))
        .order_by(col(ThemeScore.theme_id))
    ).all()
    parts = [parts_of(score) for score in scores]
    impacts = [impact(*three, exponents) for three in parts]
    found = ranks(parts, [one.value for one in impacts], exponents)
    names = [str(score.theme_id) for score in scores]
    for score, whole, rank in zip(scores, impacts, found, strict=True):
        score.impact, score.impact_low, score.impact_high = whole.value, whole.low, whole.high
        said = {
            **score.evidence.get("impact", {}),
            "exponents": exponents.by_name(),
            "weights": exponents.version,
            **rank.evidence(names),
        }
        score.evidence = {**score.evidence, "impact": said}
    session.flush()


def parts_of(score: ThemeScore) -> tuple[Estimate, Estimate, Estimate]:
    """Generality, longevity and severity of a kept score."""
    return (
        Estimate(score.generality, score.generality_low, score.generality_high),
        Estimate(score.longevity, score.longevity_low, score.longevity_high),
        Estimate(score.severity, score.severity_low, score.severity_high),
    )
