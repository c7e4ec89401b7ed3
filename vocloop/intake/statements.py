"""Feedback cut into statements: one complaint, wish or praise each, the unit of clustering."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vocloop.intake.language import UNKNOWN, language_of
from vocloop.intake.text import strip_mail
from vocloop_models import Channel

# The encoder reads about 500 tokens, but the meaning of longer statements blurs.
LONGEST_STATEMENT = 400
# One loud transcript must not fill a theme: what is beyond is joined, never dropped.
MOST_STATEMENTS = 40
# Up to here a survey answer is one thought, whatever its punctuation.
SHORT_ANSWER = 200
# A sentence below this leans on the one before it.
_SHORT_SENTENCE = 25
# A bullet is the writer's own cut: it joins its neighbour only when it is a mere word.
_SHORT_BULLET = 5
# Mailers wrap near 72 columns, Japanese ones near 35 characters: a line this long that does not
# end its sentence goes on in the next.
_WRAPPED_LATIN, _WRAPPED_JAPANESE = 60, 30

_NOTES = frozenset({Channel.INTERVIEW, Channel.CALL, Channel.MEETING})

_BULLET = re.compile(
    r"\s*(?:[-*•‣・●○◦▪■□◆◇►▶※](?![-*])\s*|[(（]?\d{1,2}[)）]\s*|\d{1,2}\.\s+|[①-⑳]\s*)(?=\S)"
)
_STOP = re.compile(r"[。．｡！？!?.…]+[」』）)\]】\"'”’]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:mr|mrs|ms|dr|prof|st|no|nos|vs|etc|e\.g|i\.e|eg|ie|approx|inc|ltd|co|corp|dept"
    r"|fig|ver|v|est|min|max|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[a-z]|[a-z]\.[a-z])$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 8
_ENDED = re.compile(r"[。．｡！？!?.…:：;；][」』）)\]】\"'”’]*\s*$")
_JAPANESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_FORMULA = re.compile(
    r"(?:(?:以上|では|それでは|お手数(?:を?おかけ(?:いた|致)?し(?:て(?:おり)?)?ますが)?|お忙しいところ(?:恐れ入りますが|恐縮ですが)?"
    r"|恐れ入りますが|ご確認の(?:ほど|程)?|ご対応の(?:ほど|程)?|ご検討の(?:ほど|程)?|ご回答の(?:ほど|程)?|何卒|どうぞ|どうか|引き続き|今後とも)[、,\s]*)*"
    r"(?:(?:よろしく|宜しく)(?:お願い|御願い|おねがい)?(?:(?:いた|致)?します|申し上げます|ます)?|以上(?:です|となります|になります)?"
    r"|(?:いつも|平素より|大変)*お世話(?:になって(?:おり|い)ます|になります|様です|さまです)|お疲れ(?:様|さま)です"
    r"|(?:いつも|誠に|本当に|どうも|早速の?ご対応)?(?:ありがとう|有難う|有り難う)(?:ございます|ございました|御座います)?|感謝(?:いた|致)?します"
    r"|失礼(?:いた|致)?します|(?:ご)?(?:確認|対応|検討|回答|返信|連絡|教示)?(?:を|の(?:ほど|程))?お(?:願い|待ち)(?:(?:いた|致)?します|しております|申し上げます)"
    r"|お手数(?:を?おかけ)(?:(?:いた|致)?します|しますが)?|こんにちは|こんばんは|おはようございます|はじめまして|初めまして)"
    r"|(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))(?:[ ,]+[\w'’&.-]+){0,3}"
    r"|(?:many |kind |best |warm )?(?:thanks|thank you|thx|cheers|regards|wishes)"
    r"(?: (?:so|very) much| a lot| again)?(?: in advance)?"
    r"(?: for (?:your|the|all your) (?:quick )?"
    r"(?:help|support|time|assistance|attention|reply|response))?(?: in advance)?"
    r"|please (?:advise|help|assist|let me know|fix(?: this| it)?(?: asap)?|look into (?:this|it))"
    r"|(?:i |we )?(?:look|looking) forward to (?:your (?:reply|response|answer)|hearing from you)"
    r"(?: soon)?|(?:any|your) help (?:is|would be) (?:much |greatly )?appreciated"
    r"|(?:i )?hope (?:you are|you're|this finds you) (?:doing )?well",
    re.IGNORECASE,
)
_FORMULA_ENDS = " \t\u3000。．.!！,、…~～♪"
_OPENER = re.compile(
    r"(?:(?:this|it|that|these|those|they|so|therefore|because|then|and|but|however|instead|otherwise"
    r"|hence|thus|as a result|for example|for instance|which|it's|that's|same)\b"
    r"|(?:(?:そ|こ|あ)(?:の|れ|こ|ちら|ういった|んな|うした)|そのため|なので|ですので|ですから|だから|したがって|従って|そして|それで|すると|しかし|ただし?"
    r"|でも|ですが|けれど|なぜなら|というのも|例えば|たとえば|つまり|結果|その結果|おかげで|特に|同様))",
    re.IGNORECASE,
)
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
    r"(?:customer|client|interviewee|user|caller|respondent|participant|a\d{0,2}|answer|guest|speaker"
    r"|お客(?:様|さま|さん)?|顧客|利用者|ユーザー?|回答者?|答|答え|話し手|参加者|先方|クライアント|相談者|ご担当者?(?:様)?|答\d{0,2})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StatementIn:
    text: str
    language: str


@dataclass
class _Sentence:
    text: str
    bullet: bool = False  # begins a list item
    alone: bool = False  # begins another speaker's turn


def split(text: str, *, channel: Channel, language: str | None = None) -> list[StatementIn]:
    """The statements of a cleaned text, in its order; never none.

    ``language`` is that of the whole feedback if it is known; statements too short to tell take
    it. Greetings, thanks and closing formulas go, and so do an interviewer's turns, unless
    nothing else is there. Linear in the length of ``text``.
    """
    language = language or language_of(text)
    if channel is Channel.SURVEY and len(text) <= SHORT_ANSWER:
        return [StatementIn(_joined(text.split("\n")), language)]
    turns = _turns(text) if channel in _NOTES else None
    if turns is None:
        turns = [text if channel in _NOTES else strip_mail(text)]
    sentences: list[_Sentence] = []
    for turn in turns:
        found = _sentences(turn)
        if found:
            found[0].alone = True
            sentences.extend(found)
    wordy = [
        s for s in sentences if not _FORMULA.fullmatch(s.text.strip(" \t\u3000。．.!！,、…~～♪"))
    ]
    pieces = _grouped(wordy or sentences) or [text.strip()]
    return [StatementIn(piece, _language(piece, language)) for piece in _capped(pieces)]


def _turns(text: str) -> list[str] | None:
    """What the customer said, one string a turn; None if the text is no dialogue."""
    turns: list[tuple[bool, list[str]]] = []
    asked = answered = False
    for line in text.split("\n"):
        match = _TURN.fullmatch(line)
        who = match["who"].strip() if match else ""
        asks = bool(match) and _ASKS.fullmatch(who) is not None
        answers = bool(match) and _ANSWERS.fullmatch(who) is not None
        if match and (asks or answers):
            turns.append((asks, [match["words"]]))
            asked, answered = asked or asks, answered or answers
            continue
        if not turns:
            turns.append((False, []))
        turns[-1][1].append(line)
    if not (asked or answered):
        return None
    heard = ["\n".join(lines) for asks, lines in turns if not asks]
    return [turn for turn in heard if turn.strip()] or None


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    for unit, bullet in _units(text):
        for number, sentence in enumerate(_cut(unit)):
            found.append(_Sentence(sentence, bullet=bullet and number == 0))
    return found


def _units(text: str) -> list[tuple[str, bool]]:
    """Lines, wrapped ones put together again, with whether each is a list item."""
    units: list[tuple[list[str], bool]] = []
    previous = ""
    for raw in text.split("\n"):
        line = raw.strip()
        match = _BULLET.match(line)
        if match:
            units.append(([line[match.end() :]], True))
        elif line and previous and units and _goes_on(previous, line):
            units[-1][0].append(line)
        elif line:
            units.append(([line], False))
        previous = line
    return [(_joined(lines), bullet) for lines, bullet in units]


def _goes_on(previous: str, line: str) -> bool:
    if _ENDED.search(previous[-12:]):
        return False
    if _JAPANESE.match(previous[-1]):
        return len(previous) >= _WRAPPED_JAPANESE or previous[-1] in "、，"
    return line[0].islower() or previous[-1] == "," or len(previous) >= _WRAPPED_LATIN


def _joined(lines: list[str]) -> str:
    """Lines as one: Japanese needs no space at the seam, Latin does."""
    out: list[str] = []
    last = ""
    for line in (part.strip() for part in lines):
        if not line:
            continue
        if last and not (_JAPANESE.match(last) or _JAPANESE.match(line[0])):
            out.append(" ")
        out.append(line)
        last = line[-1]
    return "".join(out)


def _cut(unit: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for match in _STOP.finditer(unit):
        if not _ends_sentence(unit, match):
            continue
        pieces.append(unit[start : match.end()])
        start = match.end()
    pieces.append(unit[start:])
    return [part for piece in pieces if piece.strip() for part in _shortened(piece.strip())]


def _ends_sentence(unit: str, match: re.Match[str]) -> bool:
    marks, after = match[0], unit[match.end() : match.end() + 2]
    if not after:
        return True
    if marks[0] in "。．｡！？":
        # 「…です。」と表示される: the sentence goes on after the quotation.
        quoted = marks[-1] in '」』）)】"”'
        return not (quoted and "\u3041" <= after[0] <= "\u3096")
    if not after[0].isspace():
        return marks[0] in "!?…" and _JAPANESE.match(after[0]) is not None
    following = after[1:2]
    if following.islower():
        return False
    before = unit[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start()]
    return not (marks == "." and _ABBREVIATION.search(before))


def _shortened(sentence: str) -> list[str]:
    """Pieces of at most LONGEST_STATEMENT characters, cut at a comma or space where there is one
    in the second half."""
    pieces = []
    start = 0
    while len(sentence) - start > LONGEST_STATEMENT:
        end = start + LONGEST_STATEMENT
        half = start + LONGEST_STATEMENT // 2
        cut = max(sentence.rfind(mark, half, end) for mark in "、,;；，")
        if cut < 0:
            cut = max(sentence.rfind(mark, half, end) for mark in " \u3000")
        cut = cut + 1 if cut >= 0 else end
        pieces.append(sentence[start:cut].strip())
        start = cut
    pieces.append(sentence[start:].strip())
    return [piece for piece in pieces if piece]


def _grouped(sentences: list[_Sentence]) -> list[str]:
    groups: list[list[str]] = []
    length = 0
    for sentence in sentences:
        text = sentence.text
        if groups and length + len(text) < LONGEST_STATEMENT and _leans(sentence, length):
            groups[-1].append(text)
            length += len(text) + 1
            continue
        groups.append([text])
        length = len(text)
    return [_joined(group) for group in groups]


def _leans(sentence: _Sentence, before: int) -> bool:
    """Whether a sentence belongs to the group of ``before`` characters that it follows."""
    if sentence.bullet or sentence.alone:
        return len(sentence.text) < _SHORT_BULLET or before < _SHORT_BULLET
    if len(sentence.text) < _SHORT_SENTENCE or before < _SHORT_SENTENCE:
        return True
    return _OPENER.match(sentence.text) is not None


def _capped(pieces: list[str]) -> list[str]:
    limit = LONGEST_STATEMENT
    while len(pieces) > MOST_STATEMENTS:
        limit *= 2
        packed: list[list[str]] = []
        length = 0
        for piece in pieces:
            if packed and length + len(piece) <= limit:
                packed[-1].append(piece)
                length += len(piece)
                continue
            packed.append([piece])
            length = len(piece)
        pieces = [_joined(group) for group in packed]
    return pieces


# Below this a Latin fragment ("OK", an error code) says less than the feedback around it.
_TELLING_CHARACTERS = 20


def _language(piece: str, whole: str) -> str:
    """Another language than that of the whole feedback only where the script changes: single
    sentences are too short to tell German from Dutch."""
    japanese = _JAPANESE.search(piece) is not None
    if japanese == (whole in {"ja", "zh", "ko"}):
        return whole
    if not japanese and len(piece) < _TELLING_CHARACTERS:
        return whole
    found = language_of(piece)
    return whole if found == UNKNOWN else found
