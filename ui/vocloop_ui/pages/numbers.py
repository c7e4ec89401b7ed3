"""Customer numbers: NPS, CSAT and CES over time and by segment, goals, KGI and KPI."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile
from sqlmodel import Session, col, func, select

from vocloop.accounts.visitor import signed
from vocloop.errors import InvalidInputError
from vocloop.success import goals, measures, ratings, table
from vocloop.success.answers import answers
from vocloop_models import COMPANY_ATTRIBUTES, Feedback, GoalMetric, RatingScale
from vocloop_models.database import reading, transaction
from vocloop_ui import domain_words, forms, success_words
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import Reader
from vocloop_ui.trend import trend
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

# What is asked for most first (METHOD.md 2: effort above satisfaction).
SCALES = (RatingScale.NPS, RatingScale.CES, RatingScale.CSAT, RatingScale.STARS)
WIDE, NARROW = (940, 240), (360, 220)
MOST_MEASURES = 50
MOST_NAMED = 10
# Respondents below which a figure says little, whatever it is.
FEW = 5
MOST_BYTES = 5 << 20


@router.get("/numbers")
def page(
    request: Request, view: Viewed, scale: str = "", by: str = "", every: str = "month"
) -> Response:
    with reading(request.app.state.engine) as session:
        return numbers(session, view, forms.Form(view.reader, {}), scale=scale, by=by, every=every)


def numbers(
    session: Session,
    view: Viewed,
    form: forms.Form,
    *,
    scale: str = "",
    by: str = "",
    every: str = "month",
) -> Response:
    """The page, with a form of it that came back."""
    zone = view.reader.timezone
    counts = _counts(session)
    chosen = _chosen(view, scale, counts)
    period: ratings.Every = "quarter" if every == "quarter" else "month"
    found = answers(session, chosen, segmented=bool(by))
    try:
        lines = ratings.lines_of(found, chosen, by=by or None, every=period, timezone=zone)
    except InvalidInputError as error:
        raise PageInputError(
            view.reader.gettext("No customer has this attribute; choose one of the list.")
        ) from error
    shown = ratings.SHOWN[chosen]
    points = lines[0].points if lines else {}
    measured = measures.listed(session, most=view.rows(MOST_MEASURES))

    def address(**parameters: str) -> str:
        kept = {"scale": chosen.value, "by": by, "every": every} | parameters
        return with_query("/numbers", kept)

    return view.html(
        "numbers.html",
        status=422 if form.errors else 200,
        form=form,
        scale=chosen,
        scales=[(each, counts.get(each, 0)) for each in SCALES if counts.get(each, 0)],
        by=by,
        every=period,
        attributes=COMPANY_ATTRIBUTES,
        few=FEW,
        lines=lines,
        wide=trend(points, shown, *WIDE),
        narrow=trend(points, shown, *NARROW),
        metrics=[(each.value, success_words.metric(view.reader, each)) for each in GoalMetric],
        goals=goals.standing(session, zone),
        measured=measured,
        unshown=measures.count(session) - len(measured),
        address=address,
    )


@router.post("/numbers/measures")
def import_measures(
    request: Request,
    view: Viewed,
    file: Annotated[UploadFile | None, File()] = None,
    by: forms.Written = "",
) -> Response:
    form = forms.Form(view.reader, {"by": [by]}, action=request.url.path)
    name = signed(form.text("by", forms.MOST_NAME) or None)
    data = file.file.read(MOST_BYTES + 1) if file else b""
    if not data:
        form.refuse("file", view.reader.gettext("Choose a file with rows in it."))
    if len(data) > MOST_BYTES:
        form.refuse("file", view.reader.gettext("The file is too large; send it in parts."))
    with transaction(request.app.state.engine) as session:
        if not form.errors:
            try:
                taken = table.take(session, data, name)
            except InvalidInputError as error:
                form.refuse("file", _wrong(view.reader, error))
        if form.errors:
            return numbers(session, view, form)
    said = view.reader.ngettext(
        "%(num)s row was read in.", "%(num)s rows were read in.", taken.rows
    ) % {"num": view.reader.number(taken.rows)}
    return view.redirect("/numbers#h-measures", said=said)


def _wrong(reader: Reader, error: InvalidInputError) -> str:
    """What to mend in a file, line by line."""
    lines = [
        f"{domain_words.told(reader, where)}: {domain_words.told(reader, reason)}"
        for where, reason in error.problems
    ] or [domain_words.told(reader, error)]
    more = len(lines) - MOST_NAMED
    told = " / ".join(lines[:MOST_NAMED]) + (f" (+{reader.number(more)})" if more > 0 else "")
    return reader.gettext("Nothing was read in. Mend these lines: %(lines)s") % {"lines": told}


def _counts(session: Session) -> dict[RatingScale, int]:
    rows = session.exec(
        select(Feedback.rating_scale, func.count())
        .where(col(Feedback.rating).is_not(None))
        .group_by(Feedback.rating_scale)
    )
    return {RatingScale(scale): count for scale, count in rows if scale is not None}


def _chosen(view: Viewed, scale: str, counts: dict[RatingScale, int]) -> RatingScale:
    if not scale:
        return next((each for each in SCALES if counts.get(each)), RatingScale.NPS)
    if scale not in set(RatingScale):
        raise PageInputError(view.reader.gettext("There is no such scale; choose a tab."))
    return RatingScale(scale)
