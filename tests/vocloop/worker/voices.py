"""Feedback for tests of the worker: a few plain themes in both languages."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from vocloop_models import Customer, Feedback, Statement

THEMES = {
    "stalled": ("approver away request stalls", "承認者 不在 申請 止まる"),
    "export": ("csv export month end stops", "月末 書き出し 途中 切れる"),
    "login": ("phone app signs out again", "スマホ 何度も ログイン し直す"),
}
START = dt.datetime(2026, 1, 5, 3, tzinfo=dt.UTC)


def add_voices(session: Session, each: int, *, start: int = 0) -> None:
    """``each`` feedback per theme, alternating languages, one customer in seven the same."""
    customers = [Customer(name=f"Customer {start}-{i}") for i in range(7)]
    session.add_all(customers)
    session.flush()
    for t, (key, texts) in enumerate(THEMES.items()):
        for i in range(start, start + each):
            japanese = i % 2
            text = f"{texts[japanese]} {key[0]}{i}"
            feedback = Feedback(
                source="test",
                external_id=f"{key}-{i}",
                customer_id=customers[i % 7].id,
                said_at=START + dt.timedelta(days=i * 3 + t),
                text=text,
                language="ja" if japanese else "en",
            )
            session.add(feedback)
            session.flush()
            session.add(
                Statement(
                    feedback_id=feedback.id, position=0, text=text, language=feedback.language
                )
            )
    session.flush()
