"""Traces (OpenTelemetry), for a collector that VOCLOOP_TRACES_URL names: where the time of a
request or of a worker's piece of work went. Without it nothing is recorded.

Spans leave the installation, so they hold what is listed here and nothing else: no path, query,
address or value, and nothing of what an error says.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry.trace import (
    NoOpTracerProvider,
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
    get_current_span,
    use_span,
)
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext, ExecutionContext

from vocloop.config import Settings
from vocloop.errors import InvalidInputError

# What a span may tell. Paths, queries and hosts, which FastAPI notes too, hold names and words.
KEPT = frozenset(
    {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "code.function.name",
        "db.system.name",
        "db.query.text",
        "error.type",
    }
)
# Values are parameters, which are not told; ours that stand in a statement are cut out too.
_LITERAL = re.compile(r"'(?:[^']|'')*'")
# Of a statement: inserts of many rows are megabytes long.
LONGEST = 1_000
# A collector that does not answer holds up the end of the process for so long, in seconds.
FLUSH_SECONDS = 1.0
# One request to the collector, in seconds.
SEND_SECONDS = 5.0
_OPEN = "vocloop_span"

_NOTHING: TracerProvider = NoOpTracerProvider()
_provider = _NOTHING
_shutdown: Callable[[], None] | None = None


def start(configured: Settings, engine: Engine) -> None:
    """Send the spans of this process to the collector of the settings, if they name one.

    Raises InvalidInputError when what sends them is not installed."""
    global _provider, _shutdown
    if not configured.traces_url:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider as Provider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise InvalidInputError(
            "VOCLOOP_TRACES_URL is set, but what sends traces is not installed; "
            'pip install "vocloop[traces]", or unset it'
        ) from error
    made = Provider(
        resource=Resource.create(
            {"service.name": "vocloop", "service.version": version("vocloop")}
        ),
        sampler=ParentBased(TraceIdRatioBased(configured.traces_share)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(f"{configured.traces_url}/v1/traces", timeout=SEND_SECONDS)
    made.add_span_processor(BatchSpanProcessor(_Sparing(exporter)))
    _provider, _shutdown = made, made.shutdown
    _watch(engine)


def stop() -> None:
    """Send what is left, for a process that ends."""
    global _provider, _shutdown
    if _shutdown is None:
        return
    sending = threading.Thread(target=_shutdown, daemon=True)
    _provider, _shutdown = _NOTHING, None
    sending.start()
    sending.join(FLUSH_SECONDS)


def provider() -> TracerProvider:
    """For frameworks that make spans themselves; one that makes none while traces are off."""
    return _provider


def current() -> str | None:
    """The id of the trace under way, 32 hexadecimal digits, if it is recorded."""
    # Also when the span has ended: the line that tells of a request comes after its answer.
    about = get_current_span().get_span_context()
    return f"{about.trace_id:032x}" if about.is_valid and about.trace_flags.sampled else None


@contextmanager
def span(name: str) -> Iterator[None]:
    """A piece of work, as a block or as the decorator of a function; ``name`` is told as it is."""
    made = _provider.get_tracer("vocloop").start_span(name)
    try:
        with use_span(made, record_exception=False, set_status_on_exception=False):
            yield
    except BaseException as error:
        _failed(made, error)
        raise
    finally:
        made.end()


def _failed(made: Span, error: BaseException | None) -> None:
    if error is not None:
        made.set_attribute("error.type", type(error).__qualname__)
    made.set_status(StatusCode.ERROR)


def _watch(engine: Engine) -> None:
    """Make a span of each statement that belongs to a request or a piece of work."""
    system = engine.dialect.name

    def before(
        _connection: Connection, _cursor: Any, statement: str, _given: Any, context: Any, _many: Any
    ) -> None:
        if context is None or not get_current_span().is_recording():
            return
        text = _LITERAL.sub("'…'", statement[:LONGEST])
        told = {"db.system.name": system, "db.query.text": text}
        name = (text.split(None, 1) or ["SQL"])[0].upper()
        tracer = _provider.get_tracer("vocloop")
        made = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=told)
        setattr(context, _OPEN, made)

    def after(*given: Any) -> None:
        _end(given[4])

    def failed(told: ExceptionContext) -> None:
        _end(told.execution_context, told.original_exception)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)


def _end(context: ExecutionContext | None, error: BaseException | None = None) -> None:
    made = getattr(context, _OPEN, None)
    if made is None:
        return
    delattr(context, _OPEN)
    if error is not None:
        _failed(made, error)
    made.end()


class _Sparing:
    """An exporter of spans that keeps back what is not in KEPT."""

    def __init__(self, exporter: Any) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[Any]) -> Any:
        return self._exporter.export([_spared(each) for each in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return bool(self._exporter.force_flush(timeout_millis))


def _spared(span: Any) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    given: Mapping[str, Any] = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in given.items() if name in KEPT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
