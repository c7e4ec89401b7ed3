"""What ``vocloop doctor`` finds beside the installation: settings, keys, the clock, what waits."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from vocloop.config import Settings
from vocloop_models import (
    Feedback,
    FeedbackState,
    Job,
    JobState,
    Message,
    MessageState,
    SealedValue,
    now,
)
from vocloop_models.database import reading

# A worker looks every second; what waits longer than this waits for a worker that is not there.
LONGEST_WAIT = dt.timedelta(minutes=15)
# More than clocks that a time server keeps are apart.
MOST_APART = dt.timedelta(seconds=5)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``mend`` can repair it; ``advice`` tells a person what to do."""

    what: str
    found: str
    good: bool = True
    advice: str = ""
    mend: Callable[[], object] | None = None


def found(what: str, problems: list[tuple[str, str]], well: str) -> Finding:
    """``problems``: pairs of what is wrong and what to do."""
    if not problems:
        return Finding(what, well)
    return Finding(
        what,
        "; ".join(wrong for wrong, _ in problems),
        good=False,
        advice="; ".join(dict.fromkeys(advice for _, advice in problems)),
    )


def settings_fit(configured: Settings) -> Finding:
    return found("settings", list(_conflicts(configured)), "fit together")


def _conflicts(configured: Settings) -> Iterator[tuple[str, str]]:
    """Settings that are each possible and together do nothing, or not what was meant."""
    if configured.metrics == "token" and configured.metrics_token is None:
        yield "/metrics asks for a token and there is none", "set VOCLOOP_METRICS_TOKEN"
    if bool(configured.smtp_host) != bool(configured.mail_from):
        yield "no mail is sent", "set both VOCLOOP_SMTP_HOST and VOCLOOP_MAIL_FROM"
    if configured.mail_from and not configured.public_url:
        yield "mail has no links", "set VOCLOOP_PUBLIC_URL"
    if bool(configured.language_model_url) != bool(configured.language_model):
        yield (
            "no language model is asked",
            "set both VOCLOOP_LANGUAGE_MODEL_URL and VOCLOOP_LANGUAGE_MODEL",
        )
    if configured.personal_data == "encrypt" and configured.encryption_key is None:
        yield "personal data can't be encrypted", "set VOCLOOP_ENCRYPTION_KEY"
    if not _is_local(configured.host) and not configured.allowed_hosts:
        yield (
            f"it listens on {configured.host} and answers only to localhost",
            "name the hosts it is reached by in VOCLOOP_ALLOWED_HOSTS",
        )
    if bool(configured.oidc_issuer) != bool(configured.oidc_client_id):
        yield (
            "nobody signs in by OpenID Connect",
            "set both VOCLOOP_OIDC_ISSUER and VOCLOOP_OIDC_CLIENT_ID",
        )
    for name in ("language_model_key_file", "smtp_password_file", "oidc_client_secret_file"):
        path = getattr(configured, name)
        if path is not None and not path.is_file():
            yield f"{path} is not a file", f"mend VOCLOOP_{name.upper()}"


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keys_are_there(session: Session, configured: Settings) -> Finding:
    from vocloop.intake.connections import statuses

    problems = [
        (f"the connector of {source} has no key", f"set {status.key}")
        for source, status in statuses(session).items()
        if status.key is not None and not status.key_is_set
    ]
    sealed = session.exec(select(SealedValue.placeholder).limit(1)).first()
    if sealed is not None and configured.encryption_key is None:
        problems.append(
            ("originals are kept that nobody can read", "set VOCLOOP_ENCRYPTION_KEY as it was")
        )
    return found("keys", problems, "all that are needed are set")


def clock_is_right(engine: Engine) -> Finding:
    """Against the server's, and against the times that were written down already."""
    with reading(engine) as session:
        if engine.dialect.name == "postgresql":
            apart = now() - session.scalars(select(func.clock_timestamp())).one()
            if abs(apart) > MOST_APART:
                return Finding(
                    "clock",
                    f"{apart.total_seconds():+.0f} s from the database's",
                    good=False,
                    advice="let a time server keep both",
                )
        newest = [
            session.exec(select(col(each)).order_by(col(each).desc()).limit(1)).first()
            for each in (Feedback.received_at, Job.created_at)
        ]
    ahead = max((each - now() for each in newest if each is not None), default=-MOST_APART)
    return Finding(
        "clock",
        f"behind what is written down by {ahead}" if ahead > MOST_APART else "right",
        good=ahead <= MOST_APART,
        advice="it was moved back; set it right",
    )


def someone_works(session: Session) -> Finding:
    """Whether feedback, jobs and messages are taken up: by what has waited too long."""
    limit = now() - LONGEST_WAIT
    waiting = {
        "feedback": select(func.count()).where(
            col(Feedback.state).in_((FeedbackState.RECEIVED, FeedbackState.ENCODED)),
            col(Feedback.received_at) < limit,
        ),
        "jobs": select(func.count()).where(
            Job.state == JobState.QUEUED, col(Job.run_after) < limit
        ),
        "messages": select(func.count()).where(
            Message.state == MessageState.WAITING, col(Message.next_at) < limit
        ),
    }
    late = {what: session.exec(query).one() for what, query in waiting.items()}
    told = ", ".join(f"{count:,} {what}" for what, count in late.items() if count)
    return Finding(
        "worker",
        f"waiting for over {LONGEST_WAIT.seconds // 60} minutes: {told}" if told else "keeps up",
        good=not told,
        advice="start `vocloop worker`, or one more; its log says why when one is running",
    )
