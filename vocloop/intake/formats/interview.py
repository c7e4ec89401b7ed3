"""Interview notes and transcripts: plain text, .docx, .vtt and .srt, one voice a file.

Lines on top such as ``日時: 2024年10月5日`` or ``Company: ABC`` tell when and with whom.
Whoever asks is renamed to 聞き手 or Interviewer, everyone else to お客様 or Customer, so that
statements are cut from the customer's turns alone and no speaker's name is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from vocloop.intake.columns import FIELD_KEYS
from vocloop.intake.formats.port import Format, Refused, Texts, Values
from vocloop.intake.formats.values import voice
from vocloop.intake.rows import key
from vocloop.intake.sentences import is_japanese, width
from vocloop.intake.text import clean
from vocloop.intake.turns import asks, speaker

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
_ROLE_OF_NAME = re.compile(r"[(（].*?[)）]|さん$|様$|氏$")
_OURS = re.compile(
    r"[(（](?:当社|弊社|自社|聞き手|司会|interviewer|moderator|host|us)[)）]", re.IGNORECASE
)
# Word and Otter write who speaks, and when, on a line of its own above the words.
_STAMPED = re.compile(
    r"(?P<who>[^\s:：\d][^:：\n]{0,30}?)[ \t\u3000]{1,10}(?:\d{1,2}:)?\d{1,2}:\d{2}[ \t]*"
)
_MOST_TOLD_LINES = 20
_ENDS = ("。", ".", "?", "？", "!", "！")
_LONGEST_TITLE = 60
_LONGEST_NAME = 24  # in columns (sentences.width)
# Who puts a question in so many of his turns asks; who puts fewer than the second answers.
_ASKING, _ANSWERING = 0.6, 0.34
_QUESTION = re.compile(
    r"[?？][」』\"'）)]*$|(?:です|ます|でした|ました|でしょう|ません)か[。.]?$|(?:ください|下さい)[。.]?$"
)


def _read(text: str) -> Iterator[Values | Refused]:
    told, names, askers, body = _head(text)
    words = _beside_their_words(clean(body))
    if not words:
        yield Refused("holds no words")
        return
    words, speakers = _labelled(words, askers, names)
    yield voice(text=words, channel="interview", names=[*names, *askers, *speakers], **told)


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
            for each in filter(_bare, _BETWEEN.split(value)):
                ours = name in _ASKERS or _OURS.search(each)
                (self.askers if ours else self.names).append(_bare(each))
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
    if not (told or head.names or head.askers):
        return {}, [], [], text
    if title:
        told.setdefault("title", title)
    return told, head.names, head.askers, "\n".join(lines[taken:])


def _beside_their_words(text: str) -> str:
    """``Name  0:09`` above what was said becomes ``Name: …`` before it."""
    lines = text.split("\n")
    stamped = [_STAMPED.fullmatch(line) for line in lines]
    if sum(map(bool, stamped)) < 2:
        return text
    told: list[str] = []
    for line, match in zip(lines, stamped, strict=True):
        if match:
            told.append(f"{match['who']}: ")
        elif told and told[-1].endswith(": ") and line.strip():
            told[-1] += line
        elif line.strip():
            told.append(line)
    return "\n".join(told)


def _is_list_of_people(value: str) -> bool:
    """Whether these are names, not what somebody says."""
    if _QUESTION.search(value) or value.endswith(_ENDS):
        return False
    return all(width(_bare(each)) <= _LONGEST_NAME for each in _BETWEEN.split(value))


def _field(name: str) -> str | None:
    if name in _DATES:
        return "said_at"
    return next((each for each in _META if name in FIELD_KEYS[each]), None)


def _bare(name: str) -> str:
    return _ROLE_OF_NAME.sub("", name.strip()).strip()


def _labelled(text: str, told: list[str], present: list[str]) -> tuple[str, list[str]]:
    """``text`` with its speakers renamed, and the names they had."""
    lines = text.split("\n")
    spoken = [(index, found) for index, line in enumerate(lines) if (found := speaker(line))]
    counts = Counter(who for _, (who, _) in spoken)
    # A heading such as "課題:" stands once; who speaks speaks again, or is said to be there.
    known = {*told, *present}
    # Who is named right below whoever asks answers him.
    answering = {
        who
        for (_, (before, _)), (_, (who, _)) in pairwise(spoken)
        if asks(before) or _bare(before) in told
    }
    speakers = [
        who
        for who, count in counts.items()
        if count > 1 or who in answering or _bare(who) in known or asks(who) is not None
    ]
    if len(speakers) < 2:
        return text, [who for who in speakers if asks(who) is None]
    asking = [who for who in speakers if asks(who) or _bare(who) in told]
    if not asking and any(who.endswith("様") for who in speakers):
        # One's own people are never 様.
        asking = [who for who in speakers if not who.endswith("様") and asks(who) is None]
    if not asking:
        questions = Counter(who for _, (who, words) in spoken if _QUESTION.search(words.strip()))
        shares = {who: questions[who] / counts[who] for who in speakers}
        asking = [who for who in speakers if shares[who] >= _ASKING]
        if not asking or any(_ANSWERING < shares[who] < _ASKING for who in speakers):
            return text, [who for who in speakers if asks(who) is None]
    asker, customer = ("聞き手", "お客様") if is_japanese(text) else ("Interviewer", "Customer")
    for index, (who, words) in spoken:
        if who in speakers:
            lines[index] = f"{asker if who in asking else customer}: {words}"
    return "\n".join(lines), [who for who in speakers if asks(who) is None]


FORMAT = Format("interview", texts=Texts(_read))
