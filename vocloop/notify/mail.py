"""Mail by SMTP (RFC 5321). One connection a message: a broken one costs no other message."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from vocloop.config import Settings
from vocloop.errors import says
from vocloop.notify.letters import Letter
from vocloop.notify.outbox import Outcome
from vocloop_models import now

# Of each step; all steps of a delivery together stay under the lease of the outbox.
SECONDS = 20.0
# Servers repeat it in letters of their own, and tell what they make of it.
_ADDRESS = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+")


@dataclass(frozen=True)
class Mail:
    id: uuid.UUID
    to: str
    letter: Letter
    unsubscribe: str = ""


def send(mail: Mail, configured: Settings) -> Outcome:
    """Hand ``mail`` to the server. Once it has said yes, nothing that fails afterwards counts."""
    try:
        with contextlib.ExitStack() as stack:
            server = _connect(configured)
            stack.callback(_leave, server)
            server.send_message(message(mail, configured), configured.mail_from, [mail.to])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return Outcome(_said(code, said), final=code >= 500)
    except smtplib.SMTPAuthenticationError as error:
        return Outcome(
            says(
                "the server refused to sign in (%(code)s); mend VOCLOOP_SMTP_…",
                code=error.smtp_code,
            )
        )
    except smtplib.SMTPResponseException as error:
        return Outcome(_said(error.smtp_code, error.smtp_error), error.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError:
        return Outcome(
            says("the server offers no STARTTLS, or no UTF-8 addresses; nothing was sent")
        )
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(
            says(
                "%(host)s:%(port)s can't be reached (%(kind)s); check VOCLOOP_SMTP_HOST",
                host=configured.smtp_host,
                port=configured.smtp_port,
                kind=type(error).__name__,
            )
        )
    return Outcome()


def message(mail: Mail, configured: Settings) -> EmailMessage:
    """Plain text and HTML. The Message-ID is the same at every attempt (RFC 5322, 3.6.4)."""
    ascii_only = (mail.to + configured.mail_from).isascii()
    made = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
    made["From"] = configured.mail_from
    made["To"] = mail.to
    made["Subject"] = mail.letter.subject
    made["Date"] = format_datetime(now())
    made["Message-ID"] = f"<{mail.id}@{configured.mail_from.rpartition('@')[2]}>"
    # RFC 3834: no out-of-office answers, please.
    made["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        # RFC 8058: mail programs show a button for it.
        made["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.letter.text)
    made.add_alternative(mail.letter.html, subtype="html")
    return made


def password(configured: Settings) -> str:
    if configured.smtp_password_file is not None:
        return configured.smtp_password_file.read_text("utf-8").strip()
    secret = configured.smtp_password
    return secret.get_secret_value() if secret is not None else ""


def _connect(configured: Settings) -> smtplib.SMTP:
    where = (configured.smtp_host, configured.smtp_port)
    if configured.smtp_security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=SECONDS)
    try:
        if configured.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if configured.smtp_user:
            server.login(configured.smtp_user, password(configured))
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _said(code: int, said: bytes | str) -> str:
    """What the server said, without any address: reasons are read by others."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(_ADDRESS.sub("…", f"{code} {text}").split())
