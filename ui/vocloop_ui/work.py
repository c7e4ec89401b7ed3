"""What the worker has in hand, for people who wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from vocloop.themes import query
from vocloop.worker import jobs
from vocloop_models import Feedback, FeedbackState, Job, JobKind, JobState
from vocloop_ui.i18n import Reader


@dataclass(frozen=True)
class Work:
    """``pending``: feedback without its theme yet, of which ``encoded`` waits for its theme alone.
    ``job``: the newest refresh of themes."""

    pending: int
    encoded: int
    job: Job | None

    @property
    def refreshing(self) -> bool:
        return self.job is not None and self.job.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED

    @property
    def stopped(self) -> bool:
        return self.job is not None and self.job.state == JobState.CANCELLED

    @property
    def cancel(self) -> str:
        """Where to post to give the search up; "" while there is none, or it is too late."""
        if self.job is None or not self.refreshing:
            return ""
        late = self.job.state == JobState.RUNNING and self.job.stage == jobs.KEEPING
        return "" if late else f"/jobs/{self.job.id}/cancel"

    @property
    def busy(self) -> bool:
        return bool(self.pending) or self.refreshing


def in_hand(session: Session, totals: query.Totals) -> Work:
    newest = session.exec(
        select(Job).where(Job.kind == JobKind.REFRESH_THEMES).order_by(col(Job.id).desc()).limit(1)
    ).first()
    encoded = 0
    if totals.pending:
        encoded = session.exec(
            select(func.count())
            .select_from(Feedback)
            .where(col(Feedback.state) == FeedbackState.ENCODED)
        ).one()
    return Work(totals.pending, encoded, newest)


def stage(reader: Reader, job: Job) -> str:
    """What a refresh of themes does at present, as vocloop.worker names its stages."""
    if job.state == JobState.QUEUED:
        return reader.gettext("Themes will be looked for anew.")
    line = {
        "clusters": reader.gettext("Similar statements are being brought together."),
        "titles": reader.gettext("Themes are being given titles: %(done)s of %(total)s."),
        "scores": reader.gettext("Scores are being counted."),
    }.get(job.stage or "", reader.gettext("Themes are being looked for anew."))
    return line % {"done": reader.number(job.done), "total": reader.number(job.total)}
