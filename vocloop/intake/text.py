"""A customer's words without what carried them: markup, control characters, mail furniture."""

from __future__ import annotations

import re
import unicodedata

from vocloop.intake.markup import looks_like_html, text_of

_NEWLINES = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# C0 and C1 controls but tab and newline; zero-width spaces, word joiner, byte order mark, soft
# hyphen; directional marks, which can make a text read differently from what it says.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ufeff]"
)
# Joiners spell words in some scripts and build emoji; between these characters they do nothing.
_IDLE_JOINER = re.compile("(?:^|(?<=[\\sA-Za-z0-9\u3000-\u30ff\u3400-\u9fff]))[\u200c\u200d]+")
_BLANK_LINES = re.compile(r"\n{3,}")

# How far from the end a signature is looked for.
_SIGNATURE_LINES = 15
_NAME_LINES = 7
_NAME_CHARACTERS = 60

_QUOTED = re.compile(r"\s{0,3}[>＞]")
# "On … wrote:" in the languages that vocloop knows, and the Japanese forms of common mailers.
_ANSWER_HEAD = re.compile(
    r"On\s.{5,200}\swrote:|Am\s.{5,200}\sschrieb\b.{0,100}:|Le\s.{5,200}\sa écrit\s?:"
    r"|El\s.{5,200}\sescribió:|.{0,120}のメール[:：]|.{1,150}(?:さん|様|氏)?(?:は|が|より)?書きました[:：。]"
    r"|\d{4}(?:年|[-/]).{5,120}[<＜][^<>＜＞\s]+@[^<>＜＞\s]+[>＞][:：]"
)
_CUT_HERE = re.compile(
    r"\s*[-_－―ー=]{2,}\s*(?:Original Message|Forwarded message|Original Appointment|元のメッセージ"
    r"|転送(?:された)?メッセージ|Ursprüngliche Nachricht|Message d'origine)\s*[-_－―ー=]{2,}\s*",
    re.IGNORECASE,
)
_HEAD_FIRST = re.compile(r"\*?(?:From|差出人|送信者|Von|De)\*?\s?[:：]\*?\s?\S", re.IGNORECASE)
_HEAD_MORE = re.compile(
    r"\*?(?:Sent|Date|To|Cc|Subject|送信日時|日時|日付|宛先|件名|Gesendet|An|Betreff|Envoyé|À|Objet)"
    r"\*?\s?[:：]",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"Sent from (?:my|Mail|Outlook|Yahoo)\b.{0,60}|Get Outlook for .{0,40}"
    r"|(?:私の)?(?:iPhone|iPad|Android|スマートフォン|Outlook).{0,20}から(?:の)?送信.{0,10}"
    r"|.{0,20}Outlook.{0,20}を入手.{0,10}|Von meinem .{1,30} gesendet|Envoyé de mon .{1,30}",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-─━═＝=_＿*＊~～－―‐+＋◆◇■□☆★◎○●・.]{5,}\s*")
_CONTACT = re.compile(
    r"\b(?:tel|fax|phone|mobile|e-?mail|mail|url)\b|電話|携帯|〒|株式会社|\(株\)|㈱|有限会社|https?://|www\."
    r"|[\w.+-]+@[\w-]+\.\w|\d{2,4}[-‐－]\d{2,4}[-‐－]\d{3,4}|\+\d[\d ]{6,}"
    r"|\b(?:Inc|Ltd|GmbH|LLC|Corp)\b",
    re.IGNORECASE,
)
_CLOSER = re.compile(
    r"(?:(?:best|kind|kindest|warm|warmest|with best|with kind|many|thanks and|thank you and)\s+)?"
    r"(?:regards|wishes|thanks|sincerely|cheers|br|thx)(?:\s+(?:in advance|a lot|so much|again))?"
    r"[,.!]?"
    r"|(?:yours|sincerely|respectfully)(?:\s+(?:sincerely|faithfully|truly|yours))?[,.!]?"
    r"|thank you(?: (?:in advance|very much|so much))?[,.!]?|all the best[,.!]?|warmly[,.!]?"
    r"|mit freundlichen grüßen[,.!]?|cordialement[,.!]?|敬具|以上(?:です)?[。]?"
    r"|(?:以上[、,]?)?(?:何卒|どうぞ|どうか)?(?:よろしく|宜しく)(?:お願い|御願い).{0,12}[。！!]?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。！？!?]\s*|(?:\w+[\s,]+){3,}.*[a-z]\.\s*")
_GREETING = re.compile(
    r"\s*(?:"
    r"(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))\b"
    r"(?:[ ,]+[\w.'’&-]+){0,5}\s*[,.!:;，、]?[ \t]*(?:\n+|$)"
    r"|(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|team|all|everyone|support))?"
    r"[,.!][ \t\n]+"
    r"|(?:いつも|平素(?:より|は)?|日頃(?:より|は)?|大変|格別の?|[、\s])*+"
    r"お世話(?:に|様に|さまに)?(?:なって(?:おり|い)|なり|な)ます[。．！!、]?\s*"
    r"|お世話(?:様|さま)です[。．！!]?\s*|お疲れ(?:様|さま)です[。．！!]?\s*"
    r"|(?:こんにちは|こんばんは|おはようございます|はじめまして|初めまして)[。．！!、]?\s*"
    r"|[^\n。、]{1,30}(?:御中|様|さま|各位)[、,]?[ \t\u3000]*\n+"
    r")",
    re.IGNORECASE,
)
# "ABCの田中です。": a name has no particle in it, which tells it from "画面の表示が変です。".
_SELF = re.compile(
    r"\s*[^。\n]{0,40}?(?:の|[\s\u3000、])?[^。、\sがはをにもでの]{1,12}"
    r"(?:です|と申します|でございます)(?:[。．]\s*|\s*\n+|\s*$)"
)
_GREETING_ROUNDS = 6


def clean(text: str) -> str:
    """``text`` in NFC (never NFKC: the customer's own letters stay) without markup, invisible and
    control characters; newlines are ``\\n``, at most one blank line in a row, ends trimmed."""
    plain = text_of(text) if looks_like_html(text) else text
    plain = _NEWLINES.sub("\n", plain)
    plain = _IDLE_JOINER.sub("", _INVISIBLE.sub("", plain))
    plain = unicodedata.normalize("NFC", plain)
    plain = _trim_line_ends(plain)
    return _BLANK_LINES.sub("\n\n", plain).strip()


def _trim_line_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


def strip_mail(text: str) -> str:
    """``text`` without quoted replies, signature and greeting; all of it if nothing else is there.

    Works on the output of ``clean``. The greeting goes only at the top, the signature only at
    the end, so that words between are never touched.
    """
    lines = _without_quotes(text.split("\n"))
    lines = _without_signature(lines)
    rest = _without_greeting("\n".join(lines)).strip()
    return rest or text


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if _QUOTED.match(line):
            index += 1
            continue
        head = _answer_head(lines, index)
        if head:
            index += head
            if _next_is_quoted(lines, index):
                continue
            if any(kept_line.strip() for kept_line in kept):
                return kept
            continue
        cut = 1 if _CUT_HERE.fullmatch(line) else 0
        block = _head_block(lines, index + cut)
        if cut or block:
            if any(kept_line.strip() for kept_line in kept):
                return kept
            # A forwarded mail with nothing above it: what was forwarded is the voice.
            index += cut + block
            continue
        kept.append(line)
        index += 1
    return kept


def _answer_head(lines: list[str], index: int) -> int:
    """How many lines (0, 1 or 2: mailers wrap it) the "On … wrote:" at ``index`` takes."""
    line = lines[index].strip()
    if _ANSWER_HEAD.fullmatch(line):
        return 1
    if index + 1 < len(lines) and line.startswith(("On ", "Am ", "Le ", "El ")):
        return 2 if _ANSWER_HEAD.fullmatch(f"{line} {lines[index + 1].strip()}") else 0
    return 0


def _next_is_quoted(lines: list[str], index: int) -> bool:
    for line in lines[index : index + 3]:
        if line.strip():
            return _QUOTED.match(line) is not None
    return False


def _head_block(lines: list[str], index: int) -> int:
    """How many lines the "From: … Sent: … Subject: …" block at ``index`` takes; 0 if there is
    none. One "From:" alone is a sentence of the customer."""
    if index >= len(lines) or not _HEAD_FIRST.match(lines[index].strip()):
        return 0
    end = index + 1
    while end < len(lines) and _HEAD_MORE.match(lines[end].strip()):
        end += 1
    return end - index if end - index >= 2 else 0


def _without_signature(lines: list[str]) -> list[str]:
    lines = _trim(lines)
    for index, line in enumerate(lines):
        if index and line.rstrip() in {"--", "－－"}:
            lines = _trim(lines[:index])
            break
    while len(lines) > 1 and _SENT_FROM.fullmatch(lines[-1].strip()):
        lines = _trim(lines[:-1])
    first = max(1, len(lines) - _SIGNATURE_LINES)
    for index in range(first, len(lines)):
        if _RULE.fullmatch(lines[index]) and _is_signature(lines[index + 1 :]):
            lines = _trim(lines[:index])
            break
    first = max(1, len(lines) - _NAME_LINES - 2)
    for index in range(first, len(lines)):
        if _CLOSER.fullmatch(lines[index].strip()) and _are_names(lines[index + 1 :]):
            return _trim(lines[:index])
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


def _are_names(block: list[str]) -> bool:
    words = [line.strip() for line in block if line.strip()]
    return len(words) <= _NAME_LINES and all(
        len(line) <= _NAME_CHARACTERS and (_CONTACT.search(line) or not _SENTENCE_END.search(line))
        for line in words
    )


def _without_greeting(text: str) -> str:
    position = 0
    for _ in range(_GREETING_ROUNDS):
        match = _GREETING.match(text, position)
        if match is None and position:
            match = _SELF.match(text, position)
        if match is None or match.end() == position:
            break
        position = match.end()
    return text[position:]
