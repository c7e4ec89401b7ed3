"""Who speaks in the notes of a talk: the customer's turns are feedback, the others context."""

from __future__ import annotations

import re

_TURN = re.compile(
    r"\s*(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s*)?[【\[(（<＜]?(?P<who>[^\s:：】\])）>＞][^:：】\])）>＞\n]{0,24}?)[】\])）>＞]?"
    r"\s*[:：]\s*(?P<words>.*)"
)
_ASKS = re.compile(
    r"(?:interviewer|moderator|agent|support(?: agent)?|csm|staff|operator|counsell?or|facilitator"
    r"|host|sales|rep|q\d{0,2}|question|us|vendor|聞き手|インタビュ[アー]ー?|質問者?|問|司会|進行|担当者?"
    r"|弊社|当社|営業|サポート"
    r"|オペレータ[ー]?|カウンセラー|相談員|モデレータ[ー]?|ファシリテータ[ー]?|問\d{0,2})",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:customer|client|interviewee|user|caller|respondent|participant|a\d{0,2}|answer|guest"
    r"|speaker ?\d{0,2}"
    r"|お客(?:様|さま|さん)?|顧客|利用者|ユーザー?|回答者?|答|答え|話し手|話者\d{0,2}|発言者\d{0,2}|参加者\d{0,2}|先方|クライアント|相談者|ご担当者?(?:様)?|答\d{0,2})",
    re.IGNORECASE,
)
# A turn of nothing but this answers the interviewer and says nothing else.
_NODS = re.compile(
    r"(?:はい|ええ|うん|そうです(?:ね|か)?|そうそう|どうぞ|よろしくお願いします"
    r"|sure|yes|yeah|no|right|ok(?:ay)?|of course|please do|go ahead|exactly|hello|hi)[。、.,!！]?",
    re.IGNORECASE,
)


def speaker(line: str) -> tuple[str, str] | None:
    """Who speaks on this line and the words; None if nobody is named."""
    match = _TURN.fullmatch(line)
    return (match["who"].strip(), match["words"]) if match else None


def asks(who: str) -> bool | None:
    """Whether a speaker's name is that of one who asks (True) or answers (False); None when it
    is a person's."""
    if _ASKS.fullmatch(who):
        return True
    return False if _ANSWERS.fullmatch(who) else None


def turns(text: str) -> list[str] | None:
    """What the customer said, one string a turn; None if the text is no dialogue."""
    spoken: list[tuple[bool, list[str]]] = []
    asked = answered = False
    for line in text.split("\n"):
        match = _TURN.fullmatch(line)
        who = match["who"].strip() if match else ""
        role = asks(who) if match else None
        if match and role is not None:
            spoken.append((role, [match["words"]]))
            asked, answered = asked or role, answered or not role
            continue
        if not spoken:
            spoken.append((False, []))
        spoken[-1][1].append(line)
    if not (asked or answered):
        return None
    heard = ["\n".join(lines) for asker, lines in spoken if not asker]
    return [turn for turn in heard if turn.strip() and not _NODS.fullmatch(turn.strip())] or None
