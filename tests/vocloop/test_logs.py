"""No secret and nobody's data reaches the log, whatever is logged and whatever fails."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from vocloop import logs
from vocloop.config import settings

PLANTED = {
    "VOCLOOP_HASH_KEY": "planted-hash-key-0001",
    "VOCLOOP_ENCRYPTION_KEY": "planted-encryption-key",
    "VOCLOOP_SMTP_PASSWORD": "planted/smtp@password",
    "VOCLOOP_LANGUAGE_MODEL_KEY": "planted-model-key",
    "VOCLOOP_METRICS_TOKEN": "planted-metrics-token",
    "VOCLOOP_CONNECTOR_DESK_SECRET": "planted-connector-secret",
    "VOCLOOP_DATABASE_URL": "postgresql://me:planted-db-word@host/name?sslpassword=planted-tls",
}
SECRETS = [
    *(value for name, value in PLANTED.items() if not name.endswith("URL")),
    "planted-db-word",
    "planted-tls",
    "planted%2Fsmtp%40password",
    "planted-in-a-file",
]
WORDS = "what a customer wrote"
PERSONAL = ["taro.yamada@example.jp", "090-1234-5678", "4111 1111 1111 1111"]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[io.StringIO]:
    """What goes to standard error, as JSON lines."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "key").write_text("planted-in-a-file\n", encoding="utf-8")
    monkeypatch.setenv("VOCLOOP_CONNECTOR_DESK_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("VOCLOOP_LOG_FORMAT", "json")
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure(settings())
    yield stream
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("hidden", [*SECRETS, *PERSONAL])
def test_it_is_hidden_in_messages_arguments_and_errors(written: io.StringIO, hidden: str) -> None:
    log = logging.getLogger("vocloop.anything")
    log.warning("asked with %s and waited", hidden)
    logging.getLogger("some.library").error(f"a message with {hidden} in it")
    try:
        try:
            raise ValueError(f"can't read {hidden}")
        except ValueError as error:
            raise RuntimeError(f"failed on {hidden}") from error
    except RuntimeError:
        log.exception("a step failed")
    said = written.getvalue()
    assert len(lines(written)) == 3
    assert hidden not in said
    # Where it happened is still told.
    assert "test_logs.py" in said
    assert "RuntimeError: failed on [" in said
    assert "ValueError: can't read [" in said


def test_rows_that_databases_and_parsers_repeat_are_hidden(written: io.StringIO) -> None:
    class Row(BaseModel):
        number: int

    log = logging.getLogger("vocloop.anything")
    try:
        Row.model_validate({"number": WORDS})
    except ValidationError:
        log.exception("a row")
    log.error(f"duplicate key\nDETAIL:  Key (name)=({WORDS}) already exists.")
    assert WORDS not in written.getvalue()
    assert "duplicate key" in written.getvalue()


def test_ids_and_times_stay(written: io.StringIO) -> None:
    kept = "job 0193a7c2-1234-7000-8123-123456789012 since 2026-11-28T10:00:00+00:00"
    logging.getLogger("vocloop.anything").info(kept)
    [line] = lines(written)
    assert line["message"] == kept
    assert line["level"] == "INFO"


def test_a_hostile_message_makes_no_second_line(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_LOG_FORMAT", "plain")
    monkeypatch.setattr("sys.stderr", written)
    logs.configure(settings())
    log = logging.getLogger("vocloop.anything")
    log.warning("theme\n2026-11-28 00:00:00 INFO vocloop: all is well")
    token = logs.request_id.set("r-1")
    log.warning("with its request")
    logs.request_id.reset(token)
    first, second = written.getvalue().splitlines()
    assert "theme\\n2026" in first
    assert second.endswith("with its request request_id=r-1")


def test_a_line_whose_arguments_do_not_fit_is_kept(written: io.StringIO) -> None:
    logging.getLogger("vocloop.anything").warning("%d themes", "many")
    assert lines(written)[0]["message"] == "%d themes"
