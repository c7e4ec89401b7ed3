"""Logs: one line an event, with the request it belongs to; no secrets, no personal data.

Everything that is logged goes through one filter, also what libraries say and what errors hold:
a message is free text, and what a database or a parser complains about may be a customer's words.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from traceback import TracebackException
from urllib.parse import quote

from pydantic import SecretStr
from pythonjsonlogger.json import JsonFormatter
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from vocloop import traces
from vocloop.config import PREFIX, Settings
from vocloop.intake.redact.redact import redact

HIDDEN = "[hidden]"
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# Of a message and of an error's text: hostile input can be megabytes long.
LONGEST = 2_000
# Shorter ones would hide ordinary words.
_LEAST_SECRET = 4
_SECRET_NAME = re.compile(r"(KEY|SECRET|PASSWORD|TOKEN)(_FILE)?$")
# PostgreSQL repeats the row, pydantic the value.
_VALUES = re.compile(r"DETAIL:.*|input_value=.*?(?=, input_type=)", re.DOTALL)
# Ours, whose values are counted and named by vocloop itself (vocloop_api.requests).
_OWN_FIELDS = ("request_id", "trace_id", "method", "route", "status", "milliseconds")


def configure(configured: Settings) -> None:
    """Send the logs of this process to standard error, as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if configured.log_format == "json" else _Plain())
    handler.addFilter(Cleaner(secrets_of(configured)))
    root = logging.getLogger()
    root.handlers = [handler]
    # What libraries tell of their daily work helps nobody who runs vocloop.
    root.setLevel(logging.WARNING)
    logging.getLogger("vocloop").setLevel(configured.log_level.upper())


class Cleaner(logging.Filter):
    """Takes secrets and personal data out of a record before it is written."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        forms = {form for each in secrets for form in (each, quote(each, safe=""))}
        # The longest first: one secret may begin with another.
        found = sorted((f for f in forms if len(f) >= _LEAST_SECRET), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, found))) if found else None

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.clean(_message(record)), None
        if record.exc_info and record.exc_info[1]:
            record.exc_text = self._told(record.exc_info[1])
            record.exc_info = None
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        record.request_id = request_id.get()
        record.trace_id = traces.current()
        return True

    def clean(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        text = _VALUES.sub(HIDDEN, text[:LONGEST])
        return redact([text], numbered=False).texts[0]

    def _told(self, error: BaseException) -> str:
        """The traceback: where is told as it is, what errors say is cleaned."""
        told = []
        for each in _causes(TracebackException.from_exception(error)):
            told.append("Traceback (most recent call last):\n")
            told.extend(each.stack.format())
            told.append(self.clean("".join(each.format_exception_only()).rstrip()) + "\n")
        return "".join(told).rstrip()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # A line whose arguments do not fit is still worth more than none.
        return str(record.msg)


def _causes(error: TracebackException) -> Iterator[TracebackException]:
    """What came first comes first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _causes(earlier)
    yield error


def secrets_of(configured: Settings) -> set[str]:
    """Every secret that this process may know: of settings, of the environment, of their files."""
    found = {
        value.get_secret_value()
        for value in (getattr(configured, name) for name in Settings.model_fields)
        if isinstance(value, SecretStr)
    }
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name) and (name.startswith(PREFIX) or name == "PGPASSWORD"):
            found.add(_content(value) if name.endswith("_FILE") else value)
    try:
        url = make_url(configured.database_url)
    except (ArgumentError, ValueError):
        # The whole of it: which part is the password can't be told.
        found.add(configured.database_url)
    else:
        found |= {str(url.password or ""), *map(str, url.query.values())}
    return {each.strip() for each in found if each.strip()}


def _content(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _own(record: logging.LogRecord) -> dict[str, object]:
    values = {name: getattr(record, name, None) for name in _OWN_FIELDS}
    return {name: value for name, value in values.items() if value is not None}


class _Plain(logging.Formatter):
    """For people: the line, then what belongs to it as key=value. One event never looks like two:
    line feeds of a message are escaped."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - of logging
        record.message = record.message.translate({10: "\\n", 13: "\\r"})
        told = "".join(f" {name}={value}" for name, value in _own(record).items())
        return super().formatMessage(record) + told


def _json() -> logging.Formatter:
    return JsonFormatter(
        ["asctime", "levelname", "name", "message", *_OWN_FIELDS],
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        json_serializer=json.dumps,
        json_ensure_ascii=False,
    )
