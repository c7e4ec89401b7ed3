"""Interview notes and transcripts: plain text, .docx, .vtt and .srt, one voice a file; a mail or
a chat that was saved as text.

Lines on top such as ``日時: 2024年10月5日`` or ``Company: ABC`` tell when and with whom.
Whoever asks is renamed to 聞き手 or Interviewer, everyone else to お客様 or Customer, so that
statements are cut from the customer's turns alone and no speaker's name is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from vocloop.intake.columns import FIELD_KEYS
from vocloop.intake.formats.port import Format, Refused, Texts, Values
from vocloop.intake.formats.values import voice
from vocloop.intake.rows import key
from vocloop.intake.sentences import width
from vocloop.intake.text import clean
from vocloop.intake.transcript import (
    bare,
    beside_their_words,
    chatting,
    is_question,
    labelled,
    speakers,
)

_TOLD = re.compile(r"[-・*#]*\s*(?P<name>[^:：\t]{1,30})[:：\t]\s*(?P<value>\S.*)")
_ASKERS = frozenset(
    {
        "interviewer",
        "interviewers",
        "interviewedby",
        "moderator",
        "聞き手",
        "インタビュアー",
        "インタビュア",
    }
    | {"質問者", "司会", "ファシリテーター", "実施者", "当社", "弊社", "弊社参加者", "当社参加者"}
)
_PRESENT = frozenset(
    {"participants", "attendees", "参加者", "出席者", "interviewee", "話し手", "対象者"}
)
_META = ("said_at", "customer_id", "customer", "contact", "title", "product", "language")
_DATES = frozenset(
    {"interviewdate", "dateandtime", "実施日", "実施日時", "開催日", "面談日", "インタビュー日"}
)
# A customer's own turn may begin with these, so they tell only beside something that does tell.
_ALSO_SPEAKERS = frozenset({"customer", "client", "contact", "顧客", "お客様"})
_RANGE = re.compile(r"\s*(?:[〜～~–—]|\s-\s|から).*")
_BETWEEN = re.compile(r"[,、;；/／・&]|\sand\s")
_OURS = re.compile(
    r"[(（](?:当社|弊社|自社|聞き手|司会|interviewer|moderator|host|us)[)）]", re.IGNORECASE
)
_DAY_TEXT = (
    r"(?P<day>(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}))"
    r"[ ]?(?:[(（](?:[月火水木金土日]|[A-Za-z]{3})[)）])?"
)
_DAY = re.compile(_DAY_TEXT)
_DAY_BEHIND = re.compile(rf"[^\d。.!?！？]{{1,40}}[ \u3000]{_DAY_TEXT}")
_MAIL_LINE = re.compile(r"(?P<name>[^:：]{1,12})[ ]?[:：][ ]?(?P<value>.*)")
_MAIL_NAMES = {
    key(name): field
    for field, names in {
        "from": "From,差出人,送信者",
        "to": "To,宛先,Reply-To",
        "cc": "Cc,Bcc",
        "said_at": "Date,Sent,日時,送信日時,日付",
        "subject": "Subject,件名",
    }.items()
    for name in names.split(",")
}
_MAILBOX = re.compile(r"(?P<name>[^<>]*)[<＜]?(?P<address>[^\s<>＜＞@]+@[^\s<>＜＞@]+)[>＞]?")
_MOST_TOLD_LINES = 20
_ENDS = ("。", ".", "?", "？", "!", "！")
_LONGEST_TITLE = 60
_LONGEST_NAME = 24  # in columns (sentences.width)


def _read(text: str) -> Iterator[Values | Refused]:
    mail = _mail(text)
    if mail is not None:
        yield mail
        return
    told, names, askers, body = _head(text)
    words = beside_their_words(clean(body))
    if not words:
        yield Refused("holds no words")
        return
    people = speakers(words, told=askers, present=[*names, *chatting(body)])
    spoken = [each.name for each in people if not each.has_role]
    words = labelled(words, people)
    yield voice(text=words, channel="interview", names=[*names, *askers, *spoken], **told)


@dataclass
class _Head:
    """What the lines on top tell, by field, and the people named there, those who ask apart."""

    told: dict[str, str] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    askers: list[str] = field(default_factory=list)

    def take(self, name: str, value: str) -> bool:
        """Whether a line "name: value" belongs here."""
        if name in _ASKERS or name in _PRESENT or name in FIELD_KEYS["names"]:
            if not _is_list_of_people(value):
                return False
            for each in filter(bare, _BETWEEN.split(value)):
                ours = name in _ASKERS or _OURS.search(each)
                (self.askers if ours else self.names).append(bare(each))
            return True
        known = _field(name)
        if known is None:
            return False
        if name in _ALSO_SPEAKERS:
            if known in self.doubtful or width(value) > 60 or value.endswith(_ENDS):
                return False
            self.doubtful[known] = value
            return True
        self.told.setdefault(known, value)
        return True

    def fields(self) -> dict[str, str]:
        """What is told, but only if one line at least can't be a speaker's turn."""
        if not (self.told or self.names or self.askers):
            return {}
        found = self.doubtful | self.told
        if "said_at" in found:
            found["said_at"] = _RANGE.sub("", found["said_at"])
        if "contact" in found:
            self.names.append(found.pop("contact"))  # a name is no id; it is redacted
        return found


def _head(text: str) -> tuple[dict[str, str], list[str], list[str], str]:
    """What the lines on top tell (by field), the people named there, those of them who ask, and
    the rest of the text."""
    lines = text.split("\n")
    heads = Counter(
        key(match["name"]) for line in lines if (match := _TOLD.fullmatch(line.strip()))
    )
    head, taken, title = _Head(), 0, ""
    for index, line in enumerate(lines[:_MOST_TOLD_LINES]):
        match = _TOLD.fullmatch(line.strip())
        if not line.strip():
            continue
        if match is None and not (taken or title) and width(line) <= _LONGEST_TITLE:
            title = line.strip("#* \r")
            continue
        name = key(match["name"]) if match else ""
        # Who is named again and again speaks.
        if match is None or heads[name] > 1 or not head.take(name, match["value"].strip()):
            break
        taken = index + 1
    told = head.fields()
    if "said_at" not in told:
        told |= _dated(lines)
    if not (told or head.names or head.askers):
        return {}, [], [], text
    if title:
        told.setdefault("title", title)
    return told, head.names, head.askers, "\n".join(lines[taken:])


def _dated(lines: list[str]) -> dict[str, str]:
    """The day that stands on a line of its own near the top, or ends the first line (インタビュー
    2024/10/05). A heading of a day is taken out of ``lines``: nobody said it."""
    filled = [index for index, line in enumerate(lines[:_MOST_TOLD_LINES]) if line.strip()]
    for index in filled:
        line = lines[index].strip(" #*\t\r")
        pattern = _DAY_BEHIND if index == filled[0] else _DAY
        if match := pattern.fullmatch(line) or _DAY.fullmatch(line):
            lines[index] = ""
            return {"said_at": match["day"]}
    return {}


def _mail(text: str) -> Values | Refused | None:
    """A mail as one saves or copies it: who, when and about what on top; None for other text."""
    lines = clean(text).split("\n")
    head: dict[str, str] = {}
    for line in lines:
        match = _MAIL_LINE.fullmatch(line.strip())
        name = _MAIL_NAMES.get(key(match["name"])) if match else None
        if match is None or name is None or name in head:
            break
        head[name] = match["value"].strip()
    if "from" not in head or len(head) < 3:
        return None
    words = "\n".join(lines[len(head) :]).strip()
    if not words:
        return Refused("is a mail without words")
    person = _MAILBOX.fullmatch(head["from"])
    return voice(
        text=words,
        title=head.get("subject"),
        channel="mail",
        said_at=head.get("said_at"),
        email=person["address"] if person else None,
        names=[(person["name"] or "").strip('" ') if person else head["from"]],
    )


def _is_list_of_people(value: str) -> bool:
    """Whether these are names, not what somebody says."""
    if is_question(value) or value.endswith(_ENDS):
        return False
    return all(width(bare(each)) <= _LONGEST_NAME for each in _BETWEEN.split(value))


def _field(name: str) -> str | None:
    if name in _DATES:
        return "said_at"
    return next((each for each in _META if name in FIELD_KEYS[each]), None)


FORMAT = Format("interview", texts=Texts(_read))
