"""The worker: takes whatever waits, one small step at a time, until told to stop."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func
from sqlmodel import Session, select

from vocloop import longlived, metrics, traces
from vocloop.config import settings
from vocloop.encode.port import Encoder
from vocloop.errors import StoppedError, VocloopError
from vocloop.intake import importing, imports, sources
from vocloop.roadmap import scenarios
from vocloop.score import severity_store
from vocloop.score.snapshot import score_themes
from vocloop.success import alerts
from vocloop.themes import language_model, wording
from vocloop.themes.assign import KnownThemes
from vocloop.themes.emerging import emerge
from vocloop.themes.language_model import AnswerError
from vocloop.themes.overrule import Edits, edits_so_far
from vocloop.themes.places import place_themes
from vocloop.themes.refresh import refresh
from vocloop.themes.registry import newest, newest_id
from vocloop.themes.turns import BusyError, take_turns
from vocloop.worker import jobs, pipeline
from vocloop.worker.pace import Pace
from vocloop.worker.pipeline import waiting
from vocloop.worker.polling import Polls
from vocloop.worker.postman import Postman
from vocloop.worker.routing import Router
from vocloop.worker.tracking import Tracking
from vocloop_models import FeedbackState, Job, JobKind, RunState, Statement, now
from vocloop_models.database import reading, transaction

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]

# Seconds between looks at an empty queue: with the encoding of one text it must stay under the
# second in which a person who handed in a voice expects to see its theme.
IDLE_SECONDS = 0.3
# Themes are found anew when this share of statements (and at least so many) came since the last
# run: often enough for a small workspace, seldom enough for a large one.
DUE_SHARE = 0.05
DUE_LEAST = 10
# After a run that failed, the next one waits this long.
RETRY = dt.timedelta(minutes=10)
# What other workers themed is looked for so often, in seconds.
CATCH_UP_SECONDS = 5.0
# Whether it is time to find themes anew is asked so often, in seconds, while nothing arrives.
DUE_SECONDS = 5.0
# Looking for work of one kind takes at most this share of the worker's time while there is none.
LOOKING_SHARE = 0.02
# Looking for new themes among what arrived takes at most this share of the worker's time.
EMERGING_SHARE = 0.1
# Scoring takes at most this share of the worker's time while feedback keeps arriving.
SCORING_SHARE = 0.05
# Feedback whose retention has ended is looked for so often, in seconds; it ends with a day.
RETENTION_SECONDS = 3_600.0
# What is to be routed, or has not been answered in time, is looked for so often, in seconds.
ROUTING_SECONDS = 5.0
# What customers' data call attention to is looked for so often, in seconds.
WATCHING_SECONDS = 900.0
# A language model words themes for so many seconds at a time, then arrivals have their turn.
WRITING_SECONDS = 5.0
# When it can't be asked, or an import fails: the first wait; each further one is four times that.
ASK_AGAIN_SECONDS = 30.0
# Themes that another process is finding are asked for again after so long.
BUSY_SECONDS = 10.0
# Seconds between two progress reports of a job.
REPORT_SECONDS = 0.5
# What asks other systems has threads of its own (polling.py, tracking.py).
JOBS = jobs.ANY - {JobKind.POLL, JobKind.PUSH_ITEM}
# A poll that shall stop gets so long, in seconds, to store what it holds.
POLL_END_SECONDS = 2.0


@contextmanager
def _timed() -> Iterator[None]:
    start, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    except StoppedError:
        outcome = "cancelled"
        raise
    finally:
        metrics.DISCOVERY.labels(outcome).observe(time.perf_counter() - start)


class Worker:
    """One worker on one database. ``load`` gives the encoder; it is called when there is first
    something to encode, since loading a model takes seconds."""

    def __init__(self, engine: Engine, load: Callable[[], Encoder]) -> None:
        self.engine = engine
        self._load = load
        self._loading = threading.Lock()
        self._learning = threading.Lock()
        self._encoder: Encoder | None = None
        self._known: tuple[uuid.UUID | None, KnownThemes] | None = None
        # A worker before this one may have been killed between theming and scoring.
        self._stale = True
        self._arrived = False
        self._catch_up_at = 0.0
        self._edits: Edits | None = None
        self._router = Router()
        self._held: uuid.UUID | None = None
        self._emerging = Pace(0.0, EMERGING_SHARE)
        self._scoring = Pace(0.0, SCORING_SHARE)
        self._routing = Pace(ROUTING_SECONDS, LOOKING_SHARE)
        self._expiring = Pace(RETENTION_SECONDS, LOOKING_SHARE)
        self._watching = Pace(WATCHING_SECONDS, LOOKING_SHARE)
        self._refreshing = Pace(DUE_SECONDS, LOOKING_SHARE)

    @property
    def encoder(self) -> Encoder:
        with self._loading:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder

    @property
    def known(self) -> KnownThemes:
        """The known themes in memory, read anew after each run, whichever process made it; what
        other workers themed meanwhile is added every few seconds."""
        encoder = self.encoder.name
        # One at a time: many who begin to type at once would each read all of it.
        with self._learning, reading(self.engine) as session:
            version = newest_id(session, RunState.DONE)
            if self._known is None or self._known[0] != version:
                self._known = (version, KnownThemes.of(session, encoder))
                longlived.keep(len(self._known[1]))
            elif time.monotonic() >= self._catch_up_at:
                pipeline.catch_up(session, self._known[1], encoder)
            else:
                return self._known[1]
            self._catch_up_at = time.monotonic() + CATCH_UP_SECONDS
            return self._known[1]

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set. A step that fails is logged and tried again later."""
        beside = [
            threading.Thread(target=each.run, args=(stop,), name=type(each).__name__, daemon=True)
            for each in (Polls(self.engine), Tracking(self.engine), Postman(self.engine))
        ]
        for thread in beside:
            thread.start()
        self._work(stop)
        for thread in beside:
            thread.join(POLL_END_SECONDS)

    def _work(self, stop: threading.Event) -> None:
        ready = False
        while not stop.is_set():
            try:
                if not ready:
                    # At the start, so that the first person who types does not wait for the model.
                    ready = self.known is not None
                busy = self.step()
            except VocloopError as error:
                # Told with its remedy; where in the code it came up helps no one.
                log.error("%s; trying again", error)
                metrics.FAILURES.inc()
                stop.wait(5)
                continue
            except Exception:
                log.exception("a step failed; it will be tried again")
                metrics.FAILURES.inc()
                stop.wait(5)
                continue
            if not busy:
                stop.wait(IDLE_SECONDS)

    def step(self) -> bool:
        """Do the most pressing piece of work; False when nothing waits."""
        if self.encode_some() or self.assign_some():
            return True
        self._emerge()
        job = jobs.claim(self.engine, JOBS)
        if job is not None:
            self._held = job.id
            with traces.span(f"job {job.kind}"):
                self._do(job)
            self._held = None
            return True
        if self._scoring.due and (self._stale or self._edited()):
            self._score()
            return True
        if self._routing.due and self._route():
            return True
        if self._expiring.due and self._expire():
            return True
        if self._watching.due:
            self._watch()
        return self._refreshing.due and self._enqueue_when_due()

    def release(self) -> None:
        """Give back the job under way, for a process that ends before it."""
        held = self._held
        if held is not None:
            jobs.release(self.engine, held)

    def encode_some(self) -> int:
        """Encode a batch of received feedback, if any waits; how many."""
        if not waiting(self.engine, FeedbackState.RECEIVED):
            return 0
        return pipeline.encode_some(self.engine, self.encoder)

    def assign_some(self) -> int:
        """Theme a batch of encoded feedback, if any waits; how many."""
        if not waiting(self.engine, FeedbackState.ENCODED):
            return 0
        self._stale = self._arrived = True
        self._refreshing.hurry()
        return pipeline.assign_some(self.engine, self.known, self.encoder.name)

    def _emerge(self) -> None:
        """Once what arrived together is themed: does some of it make a new theme?"""
        if not self._arrived or not self._emerging.due:
            return
        self._arrived = False
        with self._emerging.look(), traces.span("emerge"):
            if emerge(self.engine, self.known, self.encoder.name):
                self._ask_for_titles()

    def refresh_themes(
        self,
        progress: Progress = lambda *_: None,
        keep: Callable[[Session], None] = lambda _: None,
    ) -> None:
        """Find themes anew over everything encoded, and score them. What another model encoded
        is encoded with this one first. ``keep``: as refresh's."""
        waiting_again = pipeline.requeue_foreign(self.engine, self.encoder.name)
        done = 0
        while waiting_again and (moved := self.encode_some()):
            done += moved
            progress("encoding", min(done, waiting_again), waiting_again)
        with _timed():
            refresh(self.engine, self.encoder.name, progress, keep=keep)
        progress("scores", 0, 1)
        with reading(self.engine) as session:
            lesson = severity_store.prepare(session, self.encoder.name)
        with transaction(self.engine) as session:
            severity_store.keep(session, lesson)
        self._score()
        with transaction(self.engine) as session:
            place_themes(session, self.encoder.name)
        progress("scores", 1, 1)
        self._ask_for_titles()

    def _do(self, job: Job) -> None:
        last = 0.0

        def report(stage: str, done: int, total: int) -> None:
            nonlocal last
            if done == total or time.monotonic() - last >= REPORT_SECONDS:
                jobs.report(self.engine, job.id, stage, done, total)
                last = time.monotonic()

        try:
            if job.kind == JobKind.REFRESH_THEMES:
                self.refresh_themes(report, lambda session: jobs.keep(session, job.id))
            elif job.kind == JobKind.IMPORT:
                importing.work(self.engine, uuid.UUID(job.payload["import_id"]), report)
            elif job.kind == JobKind.SOLVE_SCENARIO:
                scenarios.work(self.engine, uuid.UUID(job.payload["scenario_id"]))
            elif job.kind == JobKind.WRITE_TITLES:
                self._write_titles()
        except StoppedError:
            log.info("job %s (%s) was cancelled", job.id, job.kind)
            return
        except BusyError:
            jobs.again(self.engine, job.id, BUSY_SECONDS)
            return
        except AnswerError as error:
            log.warning("titles: %s", error)
            if not (error.again and self._later(job, error, error.wait or 0.0)):
                jobs.finish(self.engine, job.id, error=jobs.reason(error))
            return
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.kind)
            # An import that nobody goes on with could neither be cancelled nor undone.
            if job.kind == JobKind.IMPORT:
                if self._later(job, error):
                    return
                with transaction(self.engine) as session:
                    import_id = uuid.UUID(job.payload["import_id"])
                    imports.give_up(session, import_id, jobs.reason(error))
            jobs.finish(self.engine, job.id, error=jobs.reason(error))
            return
        jobs.finish(self.engine, job.id)

    def _write_titles(self) -> None:
        """Let the language model word some themes. What arrives meanwhile must not wait for all of
        them, so the others are a job of their own."""
        model = language_model.configured(settings())
        if model is None:
            return
        end = time.monotonic() + WRITING_SECONDS
        while wording.write_one(self.engine, model):
            if time.monotonic() >= end:
                self._ask_for_titles()
                return

    def _ask_for_titles(self) -> None:
        if settings().language_model_url:
            with transaction(self.engine) as session:
                jobs.enqueue(session, JobKind.WRITE_TITLES)

    def _later(self, job: Job, error: Exception, least: float = 0.0) -> bool:
        """Try again what may succeed later, each time after a longer wait (``least`` seconds);
        False when it was tried often enough."""
        if job.attempts >= jobs.MOST_ATTEMPTS:
            return False
        wait = ASK_AGAIN_SECONDS * 4 ** (job.attempts - 1)
        jobs.again(self.engine, job.id, max(wait, least), jobs.reason(error))
        return True

    def _edited(self) -> bool:
        """Whether people edited themes since they were scored last."""
        with reading(self.engine) as session:
            return edits_so_far(session) != self._edits

    @traces.span("score")
    def _score(self) -> None:
        with self._scoring.look(), transaction(self.engine) as session:
            take_turns(session)
            edits = edits_so_far(session)
            score_themes(session)
        if self._edits not in (None, edits):
            # The themes that arrivals are compared with are not what people say any more.
            self._known = None
        self._edits = edits
        self._stale = False

    @traces.span("route")
    def _route(self) -> bool:
        """Send a batch of themes and urgent feedback to departments; False when none waits."""
        with self._routing.look():
            routed = self._router.some(self.engine, lambda: self.encoder)
        if routed:
            self._routing.hurry()
        return routed > 0

    @traces.span("expire")
    def _expire(self) -> bool:
        """Remove some feedback that its source's retention no longer allows; False when none is
        left."""
        with self._expiring.look(), transaction(self.engine) as session:
            removed = sources.expire_some(session)
            if removed.themes:
                jobs.enqueue(session, JobKind.REFRESH_THEMES)
        if removed.feedback:
            self._stale = True
            self._expiring.hurry()
        return removed.feedback > 0

    @traces.span("watch")
    def _watch(self) -> None:
        with self._watching.look(), transaction(self.engine) as session:
            alerts.sweep(session)

    def _enqueue_when_due(self) -> bool:
        with self._refreshing.look(), reading(self.engine) as session:
            statements = session.exec(select(func.count()).select_from(Statement)).one()
            done = newest(session, RunState.DONE)
            failed = newest(session, RunState.FAILED)
            # What arrives while another worker is at it is counted when it has ended.
            if jobs.under_way(session, JobKind.REFRESH_THEMES):
                return False
            came = jobs.came_since_cancelled(session)
        seen = done.statements if done else 0
        # A search that people cancelled does not come back until much else has been said.
        if came is not None:
            seen = max(seen, statements - came)
        if statements - seen < max(DUE_LEAST, DUE_SHARE * seen):
            return False
        if failed and failed.finished_at and now() - failed.finished_at < RETRY:
            return False
        with transaction(self.engine) as session:
            jobs.enqueue(session, JobKind.REFRESH_THEMES)
        return True
