"""What a note, a mail or an event says, put together when it is read or sent."""

from __future__ import annotations

import datetime as dt
import string
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.notify import digests, unsubscribe
from vocloop.notify.hearing import words_for
from vocloop.notify.letters import Letter, Values, letter, subject, title, words
from vocloop_models import (
    BacklogItem,
    Customer,
    Decision,
    EventKind,
    LoopEvent,
    Message,
    Note,
    Recipient,
    RecipientKind,
    Record,
    Theme,
    Topic,
    item_themes,
    pairs,
)

Row = TypeVar("Row", bound=Record)

DIGESTS = (Topic.WEEKLY, Topic.MONTHLY)
ABOUT_ITEMS = (
    EventKind.DECISION_RECORDED,
    EventKind.ITEM_SHIPPED,
    EventKind.ITEM_REOPENED,
    EventKind.REVIEW_CLOSED,
)


def say(language: str, name: str, **values: object) -> str:
    template = string.Template(words(language)["say"][name])
    return template.substitute({key: str(value) for key, value in values.items()})


def mail(session: Session, message: Message, recipient: Recipient) -> tuple[Letter, str] | None:
    """The letter and the link that stops more of its kind; None when there is nothing to tell."""
    topic = message.topic or Topic.HEARD
    stop = unsubscribe.address(session, recipient, topic)
    if recipient.kind is RecipientKind.CONTACT:
        written = _to_contact(session, message, recipient, topic)
        if written is None:
            return None
        name, values = f"contact_{topic.value}", written
    elif topic in DIGESTS:
        found = digests.contents(session, topic, message.detail["period"], recipient)
        if found is None:
            return None
        name, values = topic.value, found
    elif topic is Topic.HEARD:
        theme = session.get_one(Theme, message.theme_id)
        name, values = topic.value, _theme(theme, recipient)
    else:
        name, values = topic.value, _item(session, message, recipient.language, topic)
    return letter(recipient.language, name, {**values, "unsubscribe": stop}), stop


def note(session: Session, read: Note, recipient: Recipient) -> dict[str, Any]:
    """Subject, text and link of a note, in its reader's language."""
    if read.topic is Topic.HEARD:
        values = _theme(session.get_one(Theme, read.theme_id), recipient)
    else:
        values = _item(session, read, recipient.language, read.topic)
    made = letter(recipient.language, read.topic.value, {**values, "unsubscribe": "", "link": ""})
    customer = session.get(Customer, read.customer_id) if read.customer_id else None
    told = _subject(read, recipient.language, str(values["title"]), customer)
    return {"subject": told, "text": made.text, "link": values["link"]}


def subjects(session: Session, notes: Sequence[Note], recipient: Recipient) -> list[str]:
    """Of each note, as note() tells it, in a few queries however many they are."""
    language = recipient.language
    themes = _by_id(session, Theme, [each.theme_id for each in notes])
    items = _by_id(session, BacklogItem, [each.item_id for each in notes])
    customers = _by_id(session, Customer, [each.customer_id for each in notes])
    told = []
    for each in notes:
        if each.topic is Topic.HEARD:
            about = title(themes[each.theme_id], language)
        else:
            about = pairs.own(language, items[each.item_id].title)
        customer = customers.get(each.customer_id)
        told.append(_subject(each, language, about, customer))
    return told


def _subject(read: Note, language: str, about: str, customer: Customer | None) -> str:
    if read.task:
        name = customer.name if customer else words(language)["say"]["forgotten"]
        return say(language, "task", customer=name, title=about)
    verdict = words(language)["verdict"].get(read.detail.get("verdict") or "", "")
    return subject(language, read.topic.value, {"title": about, "verdict": verdict})


def _by_id(
    session: Session, table: type[Row], ids: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID | None, Row]:
    known: Any = table
    found = session.exec(select(table).where(col(known.id).in_({*ids} - {None})))
    return {each.id: each for each in found}  # type: ignore[attr-defined]


def event(session: Session, told: LoopEvent) -> dict[str, Any]:
    """An event as other programs get it."""
    body: dict[str, Any] = {
        "id": str(told.id),
        "type": told.kind.value,
        "timestamp": told.at.isoformat(),
        "data": {"subject_id": str(told.subject_id), **told.detail},
    }
    item = _item_of(session, told)
    theme = session.get(Theme, told.subject_id) if item is None else None
    if item is not None:
        body["data"]["item"] = {
            "id": str(item.id),
            "number": item.number,
            "title": item.title,
            "state": item.state.value,
        }
    elif theme is not None:
        body["data"]["theme"] = {
            "id": str(theme.id),
            "number": theme.number,
            "title_ja": theme.title_ja,
            "title_en": theme.title_en,
        }
    return body


def line(session: Session, told: LoopEvent, language: str) -> tuple[str, str]:
    """An event in one line for people, and where it is shown."""
    item = _item_of(session, told)
    theme = session.get(Theme, told.subject_id) if item is None else None
    link = _link_of_item(session, item.id) if item is not None else ""
    if theme is not None:
        link = link_of(theme.id)
    return _happened(told, language, item, theme).line, link


@dataclass(frozen=True)
class Happened:
    """An event as people read it. ``about``: the title of its theme or item, ``number`` theirs,
    ``ending`` what was decided; "" of all that it does not have."""

    what: str
    about: str
    number: str
    ending: str

    @property
    def line(self) -> str:
        about = " ".join(part for part in (self.number, self.about) if part)
        return " — ".join(part for part in (self.what, about, self.ending) if part)


def happened(session: Session, events: Sequence[LoopEvent], language: str) -> list[Happened]:
    """Each event as it is read, in two queries however many they are."""
    items = _by_id(session, BacklogItem, [e.subject_id for e in events if e.kind in ABOUT_ITEMS])
    themes = _by_id(session, Theme, [e.subject_id for e in events if e.kind not in ABOUT_ITEMS])
    return [
        _happened(each, language, items.get(each.subject_id), themes.get(each.subject_id))
        for each in events
    ]


def _happened(
    told: LoopEvent, language: str, item: BacklogItem | None, theme: Theme | None
) -> Happened:
    about = number = ""
    if item is not None:
        about, number = pairs.own(language, item.title), f"B-{item.number:04d}"
    elif theme is not None:
        about, number = title(theme, language), f"T-{theme.number:04d}"
    verdict = told.detail.get("verdict")
    ending = words(language)["verdict"][verdict] if verdict else ""
    return Happened(words(language)["event"][told.kind.value], about, number, ending)


def link_of(theme_id: uuid.UUID | None) -> str:
    base = settings().public_url.rstrip("/")
    return f"{base}/themes/{theme_id}" if base and theme_id else base


def _theme(theme: Theme, recipient: Recipient) -> Values:
    shown = title(theme, recipient.language)
    other = {theme.title_ja, theme.title_en} - {shown, None}
    return {
        "name": recipient.name,
        "title": shown,
        "other_title": " / ".join(str(each) for each in other),
        "link": link_of(theme.id),
    }


def _item(session: Session, told: Message | Note, language: str, topic: Topic) -> Values:
    item = session.get_one(BacklogItem, told.item_id)
    event = session.get_one(LoopEvent, told.event_id)
    detail, vocabulary = told.detail, words(language)
    texts = words_for(session, event, topic)
    values = {
        "title": pairs.own(language, item.title),
        "number": f"B-{item.number:04d}",
        "words": texts.get(language) or next(iter(texts.values()), ""),
        "link": _link_of_item(session, item.id),
        "step": vocabulary["next_step"].get(detail.get("next_step") or "", ""),
        "verdict": vocabulary["verdict"].get(detail.get("verdict") or "", ""),
        "reason": "",
        "agree": "",
    }
    for name in ("voices", "customers", "tasks"):
        values[name] = say(language, name, n=detail[name]) if detail.get(name) else ""
    if detail.get("decision"):
        decision = session.get_one(Decision, uuid.UUID(detail["decision"]))
        answer = "yes" if decision.agree_as_customer else "no"
        values["reason"] = decision.rationale
        values["agree"] = say(language, answer, reason=decision.agree_reason).strip()
    return values


def _to_contact(
    session: Session, message: Message, recipient: Recipient, topic: Topic
) -> Values | None:
    language = recipient.language
    if topic is Topic.HEARD:
        day = dt.date.fromisoformat(message.detail["day"])
        return {"day": digests.shown_day(day, language)}
    texts = words_for(session, session.get_one(LoopEvent, message.event_id), topic)
    if not texts:
        return None
    # Never translated silently: what is there in another language is sent as it is, and says so.
    own = texts.get(language)
    notice = "" if own else words(language)["say"]["other_language"]
    return {"words": own or next(iter(texts.values())), "notice": notice}


def _item_of(session: Session, told: LoopEvent) -> BacklogItem | None:
    return session.get(BacklogItem, told.subject_id) if told.kind in ABOUT_ITEMS else None


def _link_of_item(session: Session, item_id: uuid.UUID) -> str:
    links = item_themes()
    theme_id = session.exec(
        select(links.c.theme_id)
        .where(links.c.item_id == item_id)
        .order_by(links.c.share.desc(), links.c.theme_id)
        .limit(1)
    ).first()
    return link_of(theme_id)
