"""What stands below the words of a mail: closing formula, name, department, addresses."""

from __future__ import annotations

import re

# How far from the end a signature between rules is looked for.
_RULED_LINES = 15
_NAME_LINES = 7
_LONGEST_LINE = 60
# A name that stands right under the words, without a blank line between.
_LONGEST_NAME = 24
# So far down a writer says who he is.
_OPENING = 200

DEPARTMENT = (
    r"部|課|室|係|科|局|班|院|センター|チーム|グループ|支店|支社|工場|本社|担当|事務所|窓口|総務|経理|人事|法務|購買|営業"
    r"|企画|推進|統括|情シス|システム|財務|管理|監査|広報|開発|品質|労務|秘書|庶務|資材|教育|現場"
)
_SENT_FROM = re.compile(
    r"Sent from (?:my|Mail|Outlook|Yahoo)\b.{0,60}|Get Outlook for .{0,40}"
    r"|(?:私の)?(?:iPhone|iPad|Android|スマートフォン|Outlook).{0,20}から(?:の)?送信.{0,10}"
    r"|.{0,20}Outlook.{0,20}を入手.{0,10}|Von meinem .{1,30} gesendet|Envoyé de mon .{1,30}",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-─━═┏┓┗┛＝=_＿*＊~～－―‐+＋◆◇■□☆★◎○●・.]{5,}\s*")
_CONTACT = re.compile(
    r"\b(?:tel|fax|phone|mobile|e-?mail|mail|url)\b|電話|携帯|内線|〒|株式会社|\(株\)|㈱|有限会社|https?://|www\."
    r"|[\w.+-]+@[\w-]+\.\w|\d{2,4}[-‐－]\d{2,4}[-‐－]\d{3,4}|\+\d[\d ]{6,}|\(\d{3}\) \d{3}-\d{4}"
    r"|\b(?:Inc|Ltd|GmbH|LLC|Corp)\b",
    re.IGNORECASE,
)
_CLOSER = re.compile(
    r"(?:(?:with |my )?(?:best|kind|kindest|warm|warmest|many|friendly)?[ ]?(?:thanks|thank you)?"
    r"(?: and)? ?(?:best|kind|warm)? ?(?:regards|rgds|wishes)(?: from .{1,40})?"
    r"|(?:many )?(?:thanks|thank you|thx)(?: (?:kindly|in advance|a lot|a million|so much|very much"
    r"|again|for .{1,40}))?(?: and (?:best |kind )?regards)?"
    r"|cheers|br|best|warmly|cordially|respectfully|sincerely|all the best|take care"
    r"|yours(?: (?:sincerely|faithfully|truly))?|(?:sincerely|respectfully|faithfully) yours"
    r"|(?:viele |liebe |beste )?grüße|mit freundlichen grüßen(?: / .{1,30})?|cordialement"
    r"|敬具|草々|かしこ|以上(?:です)?"
    r"|(?:以上[、,]?)?(?:何卒|何とぞ|どうぞ|どうか)?(?:よろしく|宜しく)(?:お願い|御願い).{0,12})[,.。！!]?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。！？!?]\s*|(?:\w+[\s,]+){3,}.*[a-z]\.\s*")
_ENDS = re.compile(r"[。．！？!?.…:：)）」]\s*$")
# Kanji, katakana and Latin letters only: a Japanese sentence has hiragana.
_JAPANESE_NAME = re.compile(
    "(?=.*[\u3400-\u9fff])[\u3400-\u9fff々ァ-ヶーA-Za-z0-9\\s\u3000／/・|（）()〔〕「」、,.&-]{1,30}"
)
_LATIN_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?:[ ,]+(?:[^\W\d_a-z][\w.'’-]*|&|and|the|whiteboard|of|de|van|von|bin))*"
)
_TITLE = re.compile(r"[^\W\d_a-z(].*[^.!?:,]|.*\b[^\W\d_a-z]\.")
_SPLIT_NAME = re.compile(r"[\s\u3000／/・（）()〔〕|]+")


def without_signature(lines: list[str], *, introduced: str, mail: bool) -> list[str]:
    """``lines`` without what is signed below them; the first line always stays.

    ``introduced`` is the text with its greeting, where the writer may have said his name;
    ``mail``: a greeting or a quotation was found, so that a bare name under the last sentence is
    taken for one.
    """
    lines = _trim(lines)
    for index, line in enumerate(lines):
        if index and line.rstrip() in {"--", "－－"}:
            lines = _trim(lines[:index])
            break
    while len(lines) > 1 and _SENT_FROM.fullmatch(lines[-1].strip()):
        lines = _trim(lines[:-1])
    first = max(1, len(lines) - _RULED_LINES)
    for index in range(first, len(lines)):
        if _RULE.fullmatch(lines[index]) and _is_signature(lines[index + 1 :]):
            lines = _trim(lines[:index])
            break
    lines = _without_block(lines, introduced)
    lines = _without_closer(lines)
    if mail and len(lines) > 1 and _is_bare_name(lines[-1], lines[-2]):
        lines = _trim(lines[:-1])
    return lines


def _trim(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _is_signature(block: list[str]) -> bool:
    words = [line for line in block if line.strip() and not _RULE.fullmatch(line)]
    if not words:
        return True  # a rule at the very end
    sentences = sum(1 for line in words if _SENTENCE_END.search(line))
    return any(_CONTACT.search(line) for line in words) and sentences * 3 <= len(words)


def _without_closer(lines: list[str]) -> list[str]:
    first = max(1, len(lines) - _NAME_LINES - 2)
    for index in range(first, len(lines)):
        if _CLOSER.fullmatch(lines[index].strip()) and _are_names(lines[index + 1 :]):
            return _without_closer(_trim(lines[:index]))
    return lines


def _are_names(block: list[str]) -> bool:
    words = [line.strip() for line in block if line.strip()]
    return len(words) <= _NAME_LINES and all(
        len(line) <= _LONGEST_LINE and (_CONTACT.search(line) or not _SENTENCE_END.search(line))
        for line in words
    )


def _without_block(lines: list[str], introduced: str) -> list[str]:
    """Off goes the last paragraph if it is made of names, departments and addresses."""
    start = len(lines)
    while start and lines[start - 1].strip() and len(lines) - start <= _NAME_LINES:
        start -= 1
    if start < 1 or start == len(lines) or lines[start - 1].strip():
        return lines
    block = [line.strip() for line in lines[start:]]
    above = _trim(lines[:start])
    if not above or not _all_short(block):
        return lines
    contact = any(_CONTACT.search(line) for line in block)
    if contact or _are_people(block, above, introduced):
        return above
    return lines


def _all_short(block: list[str]) -> bool:
    return all(
        len(line) <= _LONGEST_LINE
        and line[0] not in "・-*>①"
        and (_CONTACT.search(line) is not None or not _SENTENCE_END.search(line))
        and not line.endswith(("。", "?", "？", "!", "！", ":", "："))
        for line in block
    )


def _are_people(block: list[str], above: list[str], introduced: str) -> bool:
    named = [line for line in block if not _CLOSER.fullmatch(line)]
    if named and all(_JAPANESE_NAME.fullmatch(line) for line in named):
        return (
            any(re.search(DEPARTMENT, line) or _introduced(line, introduced) for line in named)
            and _ENDS.search(above[-1]) is not None
        )
    if not named or not _LATIN_NAME.fullmatch(named[0].strip(" ,")):
        return False
    return (
        len(named) <= 4
        and all(_TITLE.fullmatch(line) for line in named[1:])
        and _ENDS.search(above[-1]) is not None
        # One word in capitals ("Error") may be all that an answer says.
        and (len(named) > 1 or len(named[0].split()) <= 4)
    )


def _introduced(line: str, text: str) -> bool:
    """Whether a part of the name was said in the opening: "総務の佐伯です"."""
    parts = [part for part in _SPLIT_NAME.split(line) if part]
    said = text[:_OPENING]
    return any(re.search(f"{re.escape(part)}(?:です|と申し|でございます)", said) for part in parts)


def _is_bare_name(line: str, before: str) -> bool:
    name = line.strip()
    if len(name) > _LONGEST_NAME or not _ENDS.search(before):
        return False
    latin = _LATIN_NAME.fullmatch(name) is not None and len(name.split()) <= 3
    parts = [part for part in _SPLIT_NAME.split(name) if part]
    japanese = (
        _JAPANESE_NAME.fullmatch(name) is not None
        and len(parts) > 1
        and re.search(DEPARTMENT, name) is not None
    )
    return latin or japanese
