"""Feedback cut into statements, the unit of clustering.

A statement is one complaint, wish, question or praise that a reader understands alone (METHOD.md,
section 4). Customers keep to one matter far more often than they change it, so the sentences of a
text stay together until it says that it turns: a turning word (ところで, また、, also, by the
way), a list of wishes, another speaker's turn, a long paragraph after a long paragraph.
tests/vocloop/intake/test_marked.py holds this against texts marked by hand.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from vocloop.intake.kinds import kind_of_statement
from vocloop.intake.language import UNKNOWN, language_of
from vocloop.intake.mail import strip_mail
from vocloop.intake.sentences import (
    LONGEST_SENTENCE,
    Sentence,
    is_japanese,
    joined,
    sentences,
    together,
    width,
)
from vocloop.intake.turns import turns
from vocloop_models import Channel, StatementKind

LONGEST_STATEMENT = LONGEST_SENTENCE
# A longer matter is told in several statements of about this many characters.
_USUAL_LENGTH = 300
# One loud transcript must not fill a theme: what is beyond is joined, never dropped.
MOST_STATEMENTS = 40
# Up to here a survey answer is one thought, whatever its punctuation.
SHORT_ANSWER = 200
# Widths are in columns (sentences.width). What is below this means nothing alone.
_FRAGMENT = 25
# A list item is the writer's own cut: it joins its neighbour only when it is a mere word.
_MERE_WORD = 9
# An answer below this leans on the question that is left out, and so on the answer before it.
_SHORT_TURN, _SHORT_LEANING_TURN = 50, 80
# Two paragraphs are two matters when each has room to tell one. Most second paragraphs of mails
# are shorter: they ask when the matter of the first will be mended.
_LONG_PARAGRAPH = 160
# Below this a sentence in the other script is a name, an error message or a polite word.
_OTHER_SCRIPT = 40

_NOTES = frozenset({Channel.INTERVIEW, Channel.CALL, Channel.MEETING})

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
    r"|(?:i )?hope (?:you are|you're|this finds you) (?:doing )?well"
    r"|(?:ほかは?|他は?|その他は?)?[、\s]*特に(?:な(?:し|い(?:です)?)|ありません|ございません)|なし(?:です)?"
    r"|(?:nothing|none|no) (?:else|other comments?|more|further comments?)|no comments?|n/a|none",
    re.IGNORECASE,
)
_FORMULA_ENDS = " \t\u3000。．.!！,、…~～♪"
_TURNS_AWAY = re.compile(
    r"(?:ところで|また[、,]|それと|それから[、,]|加えて|これとは別|そのほか|ほかに(?:も|は)"
    r"|他に(?:も|は)|余談|ちなみに|ついでに|ついでながら|あと(?!で|から|少し|一|もう|は?\d|何)|(?:もう|あと)(?:一|１|1|ひと)(?:つ|点)"
    r"|(?:二|三|四|２|３|４|2|3|4)(?:つ目|点目)|一方|あわせて[、,]|併せて[、,]"
    r"|(?:and |but |oh,? (?:and )?)?(?:also|another (?:thing|point|issue|matter|problem|wish"
    r"|request|question)|separately|by the way|btw"
    r"|on (?:a|an)(?:other)? (?:\w+ )?(?:note|matter|subject)"
    r"|on the (?:downside|plus side|other hand)|one (?:more|other) (?:thing|point|question|wish)"
    r"|in addition|additionally|incidentally|on top(?: of (?:that|it))?|apart from that"
    r"|secondly|thirdly|second,|third,|unrelated(?:ly)?|while (?:i am|i'm|we are|we're) at it"
    r"|as an aside|plus,)(?=\W))",
    re.IGNORECASE,
)
# Even a sentence that says no more than this turns.
_PLAINLY_ANOTHER = re.compile(
    r"(?:なお、?|あと、?|それと、?)?(?:別件|別の(?:話|件)|話(?:は|が)?(?:変|か)わ)"
    r"|(?:another|one more) (?:thing|point|question)\W|on another (?:note|matter|subject)\W",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"(?:追伸|P\.\s?S\.?|PS)[ \u3000:：、,.]*(?:$|(?<=\W))", re.IGNORECASE)
_OPENER = re.compile(
    r"(?:(?:this|it|that|these|those|they|so|therefore|because|then|and|but|however|instead|otherwise"
    r"|hence|thus|as a result|for example|for instance|which|it's|that's|same)\b"
    r"|(?:(?:そ|こ|あ)(?:の|れ|こ|ちら|ういった|んな|うした)|そのため|なので|ですので|ですから|だから|したがって|従って|そして|それで|すると|しかし|ただし?"
    r"|でも|ですが|けれど|なぜなら|というのも|例えば|たとえば|つまり|結果|その結果|おかげで|特に|同様))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StatementIn:
    """``kind`` is None in languages other than Japanese and English."""

    text: str
    language: str
    kind: StatementKind | None = None


def split(text: str, *, channel: Channel, language: str | None = None) -> list[StatementIn]:
    """The statements of a cleaned text, in its order; never none.

    ``language`` is that of the whole feedback if it is known; statements too short to tell take
    it. Greetings, signatures, thanks and closing formulas go, and so do quoted mails and an
    interviewer's turns, unless nothing else is there. Linear in the length of ``text``.
    """
    language = language or language_of(text)
    if channel is Channel.SURVEY and len(text) <= SHORT_ANSWER:
        return [_statement(joined(part.split("\n")), language) for part in _answers(text)]
    spoken = turns(text) if channel in _NOTES else None
    found: list[Sentence] = []
    if spoken is None:
        found = sentences(text if channel in _NOTES else strip_mail(text))
    else:
        for turn in spoken:
            said = sentences(turn)
            if said:
                said[0].turn = True
                found.extend(said)
    wordy = [each for each in found if not _FORMULA.fullmatch(each.text.strip(_FORMULA_ENDS))]
    pieces = [piece for group in _grouped(wordy or found) for piece in _evenly(group)] or [
        text.strip()
    ]
    if len(pieces) > MOST_STATEMENTS:
        pieces = _capped(pieces)
    return [_statement(piece, _language(piece, language)) for piece in pieces]


def _statement(text: str, language: str) -> StatementIn:
    return StatementIn(text, language, kind_of_statement(text, language))


def _answers(text: str) -> list[str]:
    """Each open answer of a survey stands in a paragraph of its own (formats/questions.py)."""
    return [part for part in text.split("\n\n") if part.strip()] or [text]


def _grouped(found: list[Sentence]) -> list[list[str]]:
    """Sentences by the matter they are about."""
    groups: list[list[str]] = []
    before = 0  # width of the last group
    postscript = False
    for section in _sections(found):
        widths = [width(sentence.text) for sentence in section]
        rest = sum(widths)
        for number, sentence in enumerate(section):
            words, own = sentence.text, widths[number]
            mark = _POSTSCRIPT.match(words)
            if mark:
                words, postscript = words[mark.end() :], True
            if not words:
                continue
            begins = before >= _FRAGMENT and rest >= _FRAGMENT
            begins = begins and (postscript or _turns_away(words, own))
            if number == 0 and groups:
                begins = begins or _is_apart(sentence, before, rest)
            if groups and not begins and not _other_script(words, groups[-1][-1]):
                groups[-1].append(words)
                before += own
            else:
                groups.append([words])
                before = own
            postscript = False
            rest -= own
    return groups


def _turns_away(words: str, own: int) -> bool:
    if _PLAINLY_ANOTHER.match(words):
        return True
    return own >= _FRAGMENT and _TURNS_AWAY.match(words) is not None


def _sections(found: list[Sentence]) -> list[list[Sentence]]:
    """Sentences by list item, turn and paragraph."""
    sections: list[list[Sentence]] = []
    for sentence in found:
        cut = sentence.item or sentence.turn or sentence.paragraph or sentence.after_list
        if cut or not sections:
            sections.append([])
        sections[-1].append(sentence)
    return sections


def _is_apart(first: Sentence, before: int, own: int) -> bool:
    """Whether a section of ``own`` columns is another matter than the ``before`` columns above."""
    if first.turn:
        short = _SHORT_LEANING_TURN if _OPENER.match(first.text) else _SHORT_TURN
        return own >= short and before >= _FRAGMENT
    if first.item:
        return own >= _MERE_WORD and before >= _MERE_WORD and not first.heads_list
    if first.after_list:
        return own >= _FRAGMENT and not _OPENER.match(first.text)
    long = before >= _LONG_PARAGRAPH and own >= _LONG_PARAGRAPH
    return first.paragraph and long and not _OPENER.match(first.text)


def _other_script(words: str, last: str) -> bool:
    """Whether a sentence leaves the language of the one before it: often the same said twice."""
    if words.isascii() == last.isascii() or min(width(words), width(last)) < _OTHER_SCRIPT:
        return False
    return is_japanese(words) != is_japanese(last)


def _evenly(group: list[str]) -> list[str]:
    """A group as statements of at most LONGEST_STATEMENT characters, none of them a mere rest."""
    whole = together(group)
    if len(whole) <= LONGEST_STATEMENT:
        return [whole]
    share = len(whole) / math.ceil(len(whole) / _USUAL_LENGTH)
    parts: list[list[str]] = [[]]
    length = 0
    done = 0
    for sentence in group:
        size = len(sentence) + 1
        full = done + length + size / 2 > share * len(parts)
        if parts[-1] and (full or length + size > LONGEST_STATEMENT):
            parts.append([])
            done, length = done + length, 0
        parts[-1].append(sentence)
        length += size
    return [together(part) for part in parts]


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
        pieces = [together(group) for group in packed]
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
