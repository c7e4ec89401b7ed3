"""Mail by SMTP to a real server: what is refused for good, what later, and what is never sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receivers import HOST, Mailbox, free_port
from tests.vocloop.notify.certificate import make_certificate
from vocloop.config import settings
from vocloop.notify.letters import Letter, letter
from vocloop.notify.mail import Mail, message, send
from vocloop_models import new_id

LOGIN = ("voc", "s3cret word")


def trial(to: str = "sato@vendor.example", subject: str = "件名") -> Mail:
    return Mail(new_id(), to, Letter(subject, "本文\n", "<p>本文</p>"))


def test_it_is_plain_text_and_html(mailbox: Mailbox) -> None:
    assert send(trial(), settings()).reason is None
    [(to, got)] = mailbox.mails
    assert (to, got["Subject"]) == ("sato@vendor.example", "件名")
    parts = [part.get_content_type() for part in got.iter_parts()]
    assert parts == ["text/plain", "text/html"]


@pytest.mark.parametrize(("answer", "final"), [("550 no such person", True), ("450 busy", False)])
def test_a_refusal_tells_the_reason_without_the_address(
    mailbox: Mailbox, answer: str, final: bool
) -> None:
    mailbox.refuse["sato@vendor.example"] = f"{answer} sato@vendor.example"
    outcome = send(trial(), settings())
    assert outcome.final is final
    assert outcome.reason == f"{answer} …"


def test_a_refusal_names_nobody_however_the_server_writes_the_address(mailbox: Mailbox) -> None:
    mailbox.refuse["sato@vendor.example"] = "550 <SATO@vendor.example>: SATO@mx.vendor.example full"
    assert send(trial(), settings()).reason == "550 <…>: … full"


def test_a_server_that_is_not_there_is_tried_again(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_SMTP_PORT", str(free_port()))
    outcome = send(trial(), settings())
    assert not outcome.final
    assert "VOCLOOP_SMTP_HOST" in (outcome.reason or "")


def test_a_server_without_starttls_gets_nothing(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_SMTP_SECURITY", "starttls")
    assert "STARTTLS" in (send(trial(), settings()).reason or "")
    assert mailbox.mails == []


@pytest.fixture
def guarded(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A server that asks for STARTTLS and a password; its certificate is trusted here."""
    certificate, key = make_certificate(tmp_path, HOST)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = Mailbox(tls=context, login=LOGIN)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("VOCLOOP_SMTP_SECURITY", "starttls")
    monkeypatch.setenv("VOCLOOP_SMTP_PORT", str(server.port))
    monkeypatch.setenv("VOCLOOP_SMTP_USER", LOGIN[0])
    yield server
    server.stop()


def test_the_password_comes_from_a_file(
    guarded: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(LOGIN[1] + "\n", "utf-8")
    monkeypatch.setenv("VOCLOOP_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    assert send(trial(), settings()).reason is None
    assert len(guarded.mails) == 1


def test_a_wrong_password_is_told_and_tried_again(
    guarded: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_SMTP_PASSWORD", "wrong")
    outcome = send(trial(), settings())
    assert not outcome.final
    assert "VOCLOOP_SMTP" in (outcome.reason or "")
    assert "wrong" not in (outcome.reason or "")
    assert guarded.mails == []


def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    guarded: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("VOCLOOP_SMTP_PASSWORD", LOGIN[1])
    assert send(trial(), settings()).reason is not None
    assert guarded.mails == []


def test_no_title_can_add_a_header(mailbox: Mailbox) -> None:
    hostile = "x\r\nBcc: eve@evil.example\n\n<script>"
    values = {"title": hostile, "name": hostile, "other_title": "", "link": "", "unsubscribe": ""}
    made = letter("ja", "heard", values)
    got = message(Mail(new_id(), "sato@vendor.example", made), settings())
    assert got["Bcc"] is None
    assert "Bcc" in got["Subject"]
    assert "<script>" not in made.html
