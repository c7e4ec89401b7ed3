"""A mail without what surrounds the customer's words: quotations, greeting, signature."""

from __future__ import annotations

import re

from vocloop.intake.signature import DEPARTMENT, without_signature

_QUOTED = re.compile(r"\s{0,3}[>＞]")
# "On … wrote:" in the languages that vocloop knows (the year is often left out), and the Japanese
# forms of common mailers.
_ANSWER_HEAD = re.compile(
    r"On\s.{5,200}\swrote.{0,60}:|Am\s.{5,200}\sschrieb\b.{0,100}:|Le\s.{5,200}\sa écrit\s?:"
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
# 「…」とのことでしたが: without what was quoted such a sentence means nothing.
_TAKES_UP = re.compile("と(?:の|伺|言|い[うわ]|書|聞)|では(?:困|な)|上記")
# The words of a subject line are often the only ones that name the matter; its label says nothing.
_SUBJECT = re.compile(
    r"(?:(?:件名|標題|表題|題名|タイトル|Subject|Betreff|Objet)\s?[:：]\s*)?"
    r"(?:(?:Re|RE|Fw|FW|Fwd|返信|転送)\s?[:：]\s*)*"
)
_GREETING = re.compile(
    r"\s*(?:"
    r"(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))\b"
    r"(?:[ ,]+[\w.'’&/-]+){0,5}[ \t]*(?:\([^()\n]{0,40}\)|（[^（）\n]{0,40}）)?"
    r"[\U0001f300-\U0001faff]?"
    r"\s*[,.!:;，、]?[ \t]*(?:\n+|$)"
    r"|(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|team|all|everyone|support"
    r"|guys|folks|again))?[,.!][ \t\n]+"
    r"|to whom it may concern[,.:]?[ \t]*\n+"
    r"|(?:いつも|平素(?:より|は)?|日頃(?:より|は)?|毎々|大変|格別の?|[、\s])*+"
    r"お世話(?:に|様に|さまに)?(?:なって(?:おり|い)|なり|な)ます(?!、?と)[。．！!、]?\s*"
    r"|お世話(?:様|さま)です[。．！!、]?\s*|お疲れ(?:様|さま)です[。．！!、]?\s*"
    r"|(?:いつも(?:大変)?|早速の?|迅速な?|ご?返信|ご?返答|ご?対応|ご?連絡|ご?回答|ご?調査|を|、)*"
    r"(?:ありがとう|有難う)(?:ございます|ございました)[。．！!、]?\s*"
    r"|(?:お手数を(?:お)?(?:かけ|掛け)(?:いた)?します(?!が)|前略|拝啓|緊急のご連絡)"
    r"[。．、\u3000 ]?\s*"
    r"|(?:こんにちは|こんばんは|おはようございます|はじめまして|初めまして)[。．！!、]?\s*"
    r"|[^\n。、]{1,30}(?:御中|様|さま|各位|方へ|皆様|ご?担当)(?:へ|の皆様)?(?:（[^（）\n]{0,20}）)?"
    r"[、,]?[ \t\u3000]*\n+"
    r")",
    re.IGNORECASE,
)
# "ABCの田中です。": a name is of kanji or katakana alone and no particle stands before it, which
# tells it from "三種類が必要です。" and "画面の表示が変です。".
_NO_NAME = (
    "状態|必要|連絡|報告|相談|提案|質問|要望|障害|不明|不便|同様|大変|問題|重要|必須|至急|希望"
    "|事象|現象|利用|不可|以上|以下|要請|確認|対応|件数|故障|不良|遅延|停止|失敗|原因|結果"
)
_NAME = rf"(?:[\u4e00-\u9fff々ヶ]{{1,4}}(?<!{_NO_NAME})|[ァ-ヶー]{{2,8}}(?<!エラー)(?<!バグ))"
_IS = r"(?:です|と申します|でございます)(?:[。．、]\s*|\s*\n+|\s*$)"
_SELF = re.compile(rf"\s*(?:[^。、\nがをはにで]{{0,25}}(?:の|[\s\u3000]))?{_NAME}{_IS}")
# Above any greeting only one who names a department is taken to introduce himself.
_SELF_FIRST = re.compile(
    rf"\s*[^\n。、がをは]{{0,20}}(?:{DEPARTMENT})[^\n。、がをはの]{{0,6}}の{_NAME}{_IS}"
)
_GREETING_ROUNDS = 6


def strip_mail(text: str) -> str:
    """``text`` without quoted replies, signature and greeting; all of it if nothing else is there.

    Works on the output of ``clean``. The greeting goes only at the top, the signature only at
    the end, so that words between are never touched. A quotation stays, in 「」, where the
    sentence below takes it up (とのことでしたが); of a subject line only the label goes.
    """
    lines = text.split("\n")
    written = _without_quotes(list(lines))
    above = "\n".join(written)
    words = _without_greeting(above)
    if "\n" in words:
        mail = len(words) < len(above) or len(written) < len(lines)
        words = "\n".join(without_signature(words.split("\n"), introduced=above, mail=mail))
    return words.strip() or text


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if _QUOTED.match(line):
            end = _past_quotation(lines, index)
            _take_up(lines, index, end)
            index = end
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
            # An answer may stand below what is marked as quoted.
            answered = _next_is_quoted(lines, index + cut + block)
            if not answered and any(kept_line.strip() for kept_line in kept):
                return kept
            # A forwarded mail with nothing above it: what was forwarded is the voice.
            index += cut + block
            continue
        kept.append(line)
        index += 1
    return kept


def _past_quotation(lines: list[str], index: int) -> int:
    while index < len(lines) and _QUOTED.match(lines[index]):
        index += 1
    return index


def _take_up(lines: list[str], start: int, end: int) -> None:
    """Puts the quotation ``lines[start:end]`` before the sentence below it that needs it."""
    below = end
    while below < len(lines) and below < end + 2 and not lines[below].strip():
        below += 1
    if below < len(lines) and _TAKES_UP.match(lines[below].strip()):
        words = "".join(line.lstrip(" >＞").strip() for line in lines[start:end])
        lines[below] = f"「{words}」{lines[below].strip()}"


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


def _without_greeting(text: str) -> str:
    """The words behind salutations, thanks and "ABCの田中です。"; a subject line stays above."""
    subject = _SUBJECT.match(text)
    if subject and subject.end():
        line, _, body = text[subject.end() :].partition("\n")
        return f"{line}\n{_without_greeting(body)}" if body else line
    position = 0
    for _ in range(_GREETING_ROUNDS):
        match = _GREETING.match(text, position)
        if match is None:
            introduces = _SELF if position else _SELF_FIRST
            match = introduces.match(text, position)
        if match is None or match.end() == position:
            break
        position = match.end()
    return text[position:]
