"""What this process counts, and what is read from the database when someone asks (Prometheus)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session, col, func, select

from vocloop_models import Feedback, Job, JobState, Message, MessageState, now
from vocloop_models.database import reading

PROCESS = CollectorRegistry()
ProcessCollector(registry=PROCESS)

REQUESTS = Histogram(
    "vocloop_http_request_seconds",
    "Time to answer, by route template",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30),
    registry=PROCESS,
)
ENCODED = Counter(
    "vocloop_encoded_statements", "Statements that this process encoded", registry=PROCESS
)
ENCODING = Counter("vocloop_encoding_seconds", "Time spent encoding them", registry=PROCESS)
DISCOVERY = Histogram(
    "vocloop_discovery_seconds",
    "Time of a run that found themes, by how it ended",
    ["outcome"],
    buckets=(1, 5, 15, 60, 300, 900, 3600),
    registry=PROCESS,
)
FAILURES = Counter(
    "vocloop_worker_failures", "Steps of the worker that failed and are repeated", registry=PROCESS
)


def registry(engine: Engine) -> CollectorRegistry:
    """What the database of ``engine`` tells each time it is asked."""
    made = CollectorRegistry()
    made.register(_Workspace(engine))
    return made


class _Workspace(Collector):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        # Else the registry would collect once just to learn the names.
        return ()

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("vocloop_database_up", "1 when the database answers")
        try:
            with reading(self._engine) as session:
                found = [*_feedback(session), *_jobs(session), *_outbox(session)]
        except (DBAPIError, PoolTimeoutError):
            up.add_metric([], 0)
            found = []
        else:
            up.add_metric([], 1)
        return [up, *found, *_pool(self._engine)]


def _feedback(session: Session) -> Iterator[Metric]:
    told = GaugeMetricFamily("vocloop_feedback", "Feedback by state", labels=["state"])
    counted = select(Feedback.state, func.count()).group_by(col(Feedback.state))
    for state, count in session.exec(counted):
        told.add_metric([str(state)], count)
    yield told


def _jobs(session: Session) -> Iterator[Metric]:
    told = GaugeMetricFamily("vocloop_jobs", "Jobs by kind and state", labels=["kind", "state"])
    ages = GaugeMetricFamily(
        "vocloop_oldest_job_seconds", "Age of the oldest that is not done", labels=["kind", "state"]
    )
    oldest = func.min(Job.created_at, type_=Job.__table__.c.created_at.type)  # type: ignore[attr-defined]
    counted = select(Job.kind, Job.state, func.count(), oldest).group_by(
        col(Job.kind), col(Job.state)
    )
    for kind, state, count, since in session.exec(counted):
        told.add_metric([str(kind), str(state)], count)
        if state in {JobState.QUEUED, JobState.RUNNING}:
            ages.add_metric([str(kind), str(state)], _age(since))
    yield told
    yield ages


def _outbox(session: Session) -> Iterator[Metric]:
    told = GaugeMetricFamily("vocloop_outbox_messages", "Messages by state", labels=["state"])
    age = GaugeMetricFamily("vocloop_oldest_message_seconds", "Age of the oldest not delivered")
    oldest = func.min(Message.created_at, type_=Message.__table__.c.created_at.type)  # type: ignore[attr-defined]
    counted = select(Message.state, func.count(), oldest).group_by(col(Message.state))
    under_way = []
    for state, count, since in session.exec(counted):
        told.add_metric([str(state)], count)
        if state in {MessageState.WAITING, MessageState.SENDING}:
            under_way.append(_age(since))
    age.add_metric([], max(under_way, default=0.0))
    yield told
    yield age


def _age(since: dt.datetime) -> float:
    return max((now() - since).total_seconds(), 0.0)


def _pool(engine: Engine) -> Iterator[Metric]:
    told = GaugeMetricFamily(
        "vocloop_database_connections", "Connections of this process", labels=["state"]
    )
    if isinstance(engine.pool, QueuePool):
        told.add_metric(["in_use"], engine.pool.checkedout())
        told.add_metric(["idle"], engine.pool.checkedin())
    yield told
