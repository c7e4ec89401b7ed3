"""A talk between people: who asks, who answers, and the text that says so on every turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from vocloop.intake.sentences import is_japanese
from vocloop.intake.turns import asks, speaker

# Who puts a question in so many of his turns asks; who puts fewer than the second answers.
_ASKING, _ANSWERING = 0.6, 0.34
_QUESTION = re.compile(
    r"[?？][」』\"'）)]*$|(?:です|ます|でした|ました|でしょう|ません)か[。.]?$|(?:ください|下さい)[。.]?$"
)
# Word and Otter write who speaks, and when, on a line of its own above the words.
_STAMPED = re.compile(
    r"(?P<who>[^\s:：\d][^:：\n]{0,30}?)[ \t\u3000]{1,10}(?:\d{1,2}:)?\d{1,2}:\d{2}[ \t]*"
)
_ROLE_BEFORE = re.compile(
    r"(?i:interviewer|moderator|facilitator|聞き手|インタビュ[アー]ー?|司会|質問者|モデレータ[ー]?"
    r"|ファシリテータ[ー]?)[\s(（]"
)
# "Q1. …" and "A. …", one under the other.
_ASKED = re.compile(r"(?P<who>[QAqaＱＡ問答]\d{0,2})[.．、)）]\s*(?P<words>\S.*)")
# A chat as LINE saves it: when, who and what, tabs between.
_CHAT = re.compile(
    r"(?:午前|午後|[AP]M)?\d{1,2}:\d{2}(?::\d{2})?\t(?P<who>[^\t:：\n]{1,24})\t(?P<words>.*)"
)
_ROW = re.compile(r"(?P<who>[^\t:：\n]{1,24})\t(?P<words>[^\t]*\S[^\t]*)\t*")
# What is no message, or none in words.
_NO_WORDS = re.compile(
    r"\[(?:スタンプ|写真|動画|ファイル|アルバム|ボイスメッセージ|Sticker|Photo|Video|File|Album)\]"
    r"|☎.*|内容|発言(?:内容)?|コメント|Words|Text|\[LINE\].*|保存日時[:：].*"
    r"|\d{4}[/.]\d{1,2}[/.]\d{1,2} ?[(（].{1,3}[)）]"
)
_ROLE_OF_NAME = re.compile(r"[(（].*?[)）]|さん$|様$|氏$")


@dataclass(frozen=True)
class Speaker:
    """``asking``: one's own side, whose turns are context; None when nothing tells."""

    name: str
    turns: int
    asking: bool | None

    @property
    def has_role(self) -> bool:
        """Whether the name is a role (聞き手, Customer), not a person's."""
        return asks(self.name) is not None


def speakers(text: str, told: Collection[str] = (), present: Collection[str] = ()) -> list[Speaker]:
    """Who speaks in ``text``, in the order of their first turns. ``told`` are names that are known
    to ask, ``present`` names that are known to be there.

    All of one answer are told apart from those who ask by what they are called, else by 様, else
    by their questions; when that settles nothing, ``asking`` is None for all of them.
    """
    spoken = [turn for line in text.split("\n") if (turn := speaker(line))]
    counts = Counter(who for who, _ in spoken)
    # A heading such as "課題:" stands once; who speaks speaks again, or is said to be there, or
    # is named right below whoever asks.
    known = {*told, *present}
    answering = {
        who for (before, _), (who, _) in pairwise(spoken) if _role(before) or bare(before) in told
    }
    found = [
        who
        for who, count in counts.items()
        if count > 1 or who in answering or bare(who) in known or _role(who) is not None
    ]
    asking = _asking(found, spoken, counts, told) if len(found) > 1 else None
    return [
        Speaker(who, counts[who], asks(who) if asking is None else who in asking) for who in found
    ]


def _role(who: str) -> bool | None:
    """Whether one asks or answers by what they are called: 聞き手, but 司会 太郎 too."""
    named = asks(who)
    if named is None and _ROLE_BEFORE.match(who):
        return True
    return named


def labelled(text: str, people: Sequence[Speaker]) -> str:
    """``text`` with 聞き手 or Interviewer before the turns of those who ask and お客様 or Customer
    before the others, so that statements are cut from the customer's turns alone and no speaker's
    name is kept. The text itself as long as nobody is known to ask."""
    asking = {each.name: each.asking for each in people}
    if not any(asking.values()):
        return text
    asker, customer = ("聞き手", "お客様") if is_japanese(text) else ("Interviewer", "Customer")
    lines = text.split("\n")
    for index, line in enumerate(lines):
        found = speaker(line)
        if found and found[0] in asking:
            lines[index] = f"{asker if asking[found[0]] else customer}: {found[1]}"
    return "\n".join(lines)


def corrected(people: Sequence[Speaker], asking: Collection[str]) -> list[Speaker]:
    """The same people, of whom those named in ``asking`` ask: as a person says it."""
    return [replace(each, asking=each.name in asking) for each in people]


def beside_their_words(text: str) -> str:
    """``Name  0:09`` above what was said becomes ``Name: …`` before it, and so does what else
    stands for a speaker: ``Q.`` and ``A.``, the columns of a saved chat."""
    text = "\n".join(_spoken(text.split("\n")))
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


def _spoken(lines: list[str]) -> list[str]:
    asked = [_ASKED.fullmatch(line.strip()) for line in lines]
    if len({match["who"][0].upper() for match in asked if match}) == 2:
        return [
            f"{match['who']}: {match['words']}" if match else line
            for match, line in zip(asked, lines, strict=True)
        ]
    said = [_CHAT.fullmatch(line) for line in lines]
    if not any(said):
        said = _rows(lines)
    if sum(map(bool, said)) < 2:
        return lines
    return [
        f"{match['who'].strip()}: {match['words']}" if match else line
        for match, line in zip(said, lines, strict=True)
        if not _NO_WORDS.fullmatch((match["words"] if match else line).strip())
    ]


def _rows(lines: list[str]) -> list[re.Match[str] | None]:
    """Rows of a table of who and what, which one knows by a name that stands in several."""
    found = [_ROW.fullmatch(line) for line in lines]
    counts = Counter(match["who"].strip() for match in found if match)
    several = {who for who, count in counts.items() if count > 1}
    again = {who for who in counts if asks(who) is not None} | several
    return [
        match if match and several and match["who"].strip() in again else None for match in found
    ]


def chatting(text: str) -> set[str]:
    """Who writes in a saved chat; nobody in any other text."""
    return {match["who"].strip() for line in text.split("\n") if (match := _CHAT.fullmatch(line))}


def is_question(words: str) -> bool:
    return _QUESTION.search(words) is not None


def bare(name: str) -> str:
    """A name without its honorific and what stands in brackets."""
    return _ROLE_OF_NAME.sub("", name.strip()).strip()


def _asking(
    found: list[str], spoken: list[tuple[str, str]], counts: Counter[str], told: Collection[str]
) -> set[str] | None:
    asking = {who for who in found if _role(who) or bare(who) in told}
    if not asking and any(who.endswith("様") for who in found):
        # One's own people are never 様.
        asking = {who for who in found if not who.endswith("様") and asks(who) is None}
    if asking:
        return asking
    questions = Counter(who for who, words in spoken if is_question(words.strip()))
    shares = {who: questions[who] / counts[who] for who in found}
    asking = {who for who in found if shares[who] >= _ASKING}
    if not asking or any(_ANSWERING < share < _ASKING for share in shares.values()):
        return None
    return asking
