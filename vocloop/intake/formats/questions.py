"""Answers of a survey: which are words, which a rating, which tell who answers.

What a question asks is read from its title; where a table tells nothing of its questions' kinds,
the answers tell: words that differ are open, words that repeat are choices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vocloop.intake.formats.port import Refused, Values
from vocloop.intake.formats.values import first, line, voice
from vocloop.intake.sentences import width
from vocloop.intake.text import clean

# Columns of answers at least this wide (sentences.width) are written, not chosen.
_WRITTEN = 30
# So wide an answer may be a choice; narrower ones are when nothing says that they are open.
_SHORT = 16
# What is longer is no title to read a scale from, and no number, address or link.
_LONGEST_TITLE, _LONGEST_VALUE = 500, 200
_SCALES = (("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7), ("stars", 1, 5))
_HIGHEST = {scale: high for scale, _, high in _SCALES}
# Figures of answers go no higher; what does is a code for "no answer", or a slip.
_WIDEST = 10

_ROLE_PATTERNS = {
    "nps": r"\bnps\b|net promoter|(?:likely|likelihood).*recommend|would you recommend"
    r"|勧め|薦め|すすめ|推奨度",
    "csat": r"\bcsat\b|satisf|満足",
    "ces": r"\bces\b|\beffort\b|how (?:easy|difficult)|easy (?:was|is) it|手間|労力"
    r"|簡単でしたか|しやす(?:かった|さ)",
    "stars": r"\bstars?\b|\brat(?:e|ing)\b|評価|星の数",
    "customer_id": r"(?:customer|account|company|client|organi[sz]ation)"
    r"[ _]?(?:id|no|number|code)\b|(?:顧客|取引先|会社|企業)\s?(?:ID|コード|番号)",
    "email": r"e-?mail|メール\s?アドレス|^メール$",
    "customer": r"(?:company|organi[sz]ation|account|business|client)(?:'s)?(?: name)?[?:]?$"
    r"|(?:your|which) (?:company|organi[sz]ation)|(?:貴社|御社|会社)名"
    r"|(?:会社|企業|法人|貴社|御社|勤務先|組織|団体)名?(?:を.*|は)?[?:]?$",
    "name": r"^(?:(?:your|first|last|full|family|given|nick|user) ?-?)*name[?:]?$"
    r"|what(?:'s| is) your (?:\w+ )?name|氏名|お?名前|ニックネーム|ご芳名|担当者名",
    "personal": r"\bphone\b|\btel\b|telephone|電話|住所|^address$|郵便|postal|zip code|\bage\b"
    r"|年齢|年代|gender|性別|birth|生年|\bip\b|latitude|longitude|緯度|経度|consent|同意|部署|役職"
    r"|department|job title|your role|(?:^|\W)id$",
}
_ROLES = {role: re.compile(each, re.IGNORECASE) for role, each in _ROLE_PATTERNS.items()}
# What only an open question says; it settles what its answers leave in doubt.
_OPEN = re.compile(
    r"comment|feedback|describe|explain|tell us|suggest|improve|\bwhy\b|reason|opinion|thoughts"
    r"|anything else|in your own words|open.?ended|how (?:can|could|do|did|would) "
    r"|what (?:do|did|would|could|should|can|is|are|was|were|problem|made|else)"
    r"|\bother\b.*specify|自由|記述|理由|ご?意見|ご?要望|ご?感想|コメント|教えて|お聞かせ|お書き"
    r"|改善|困|課題|具体|その他",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?P<number>-?\d+(?:\.\d+)?)(?:\s*(?:[-–—:.、=(]\s*\D.*|点|/\s*(?P<of>\d+)|[★☆]))?",
    re.DOTALL,
)
# The highest figure that a title offers: 1–5, "from 0 (never) to 10", 10点満点, 5段階, 7-point.
_OFFERED = re.compile(
    r"(?<![\d.])[01]\s?(?:\([^()]*\)\s?)?(?:[-–—~〜]|to\b|から)\s?(?P<last>\d{1,2})(?![\d.])"
    r"|\bout of (?P<all>\d{1,2})\b|(?<!\d)(?P<steps>\d{1,2})(?:点満点|段階|[- ]point\b)",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(
    r"[-\d.,:/\s%年月日時分]+|https?://\S+|[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|true|false|yes|no|y|n|はい|いいえ|null",
    re.IGNORECASE,
)


# Typed into a field that wants an answer by those who have none.
_NOTHING = re.compile(
    r"(?:no|none|nothing|nope|n/?a|not applicable|no comments?|nothing else|特に)?"
    r"(?:無し|なし|ない|ないです|ありません|ございません|ございませ|無い|無いです)?[\s。.!、,\-ー―*x×?？]*"
)


@dataclass(frozen=True)
class Answer:
    """``open`` says that the question took free words."""

    title: str
    value: str
    open: bool


@dataclass(frozen=True)
class Asked:
    """A question of a table: the column where its answers stand."""

    index: int
    title: str
    open: bool


def role_of(title: str) -> str | None:
    """What a question asks for: a scale's name, customer, customer_id, email, name, personal."""
    plain = unicodedata.normalize("NFKC", title[:_LONGEST_TITLE]).strip()
    return next((role for role, pattern in _ROLES.items() if pattern.search(plain)), None)


def asked(titles: Sequence[str], head: Sequence[Sequence[str]], skip: Iterable[int]) -> list[Asked]:
    """The questions of a table by its first rows; ``skip`` are the columns of the tool itself."""
    own = set(skip)
    found: list[Asked] = []
    doubtful: list[int] = []
    for index, title in enumerate(titles):
        if index in own:
            continue
        cells = [row[index].strip() for row in head if index < len(row) and row[index].strip()]
        words = [
            cell for cell in cells if len(cell) > _LONGEST_VALUE or not _NO_WORDS.fullmatch(cell)
        ]
        role = role_of(title)
        asks_words = _OPEN.search(title[:_LONGEST_TITLE]) is not None
        # "Reason for your rating" asks for words, whatever word for a scale it uses.
        told = role in {"customer", "customer_id", "email", "name", "personal"}
        is_open = not told and bool(words) and len(words) * 2 >= len(cells)
        if not is_open and _is_beyond(role, cells):
            continue
        if is_open and not asks_words:
            differ = len(set(words)) * 2 > len(words)
            widest = max(map(width, words))
            is_open = differ and widest >= _WRITTEN
            if not is_open and len(set(words)) == len(words) and widest >= _SHORT / 2:
                doubtful.append(len(found))
        found.append(Asked(index, title, is_open or (not told and asks_words and not cells)))
    if doubtful and not any(each.open for each in found):
        # Nothing else holds words: the widest of the doubtful columns is taken for open.
        best = max(doubtful, key=lambda place: _widest(head, found[place].index))
        found[best] = Asked(found[best].index, found[best].title, open=True)
    return found


def _is_beyond(role: str | None, cells: Sequence[str]) -> bool:
    """Whether a column of a scale's name holds figures of a wider one, which no row alone tells."""
    high = _HIGHEST.get(role or "", _WIDEST)
    figures = (_FIGURE.fullmatch(cell) for cell in cells if len(cell) <= _LONGEST_VALUE)
    return any(high < float(figure["number"]) <= _WIDEST for figure in figures if figure)


def _widest(head: Sequence[Sequence[str]], index: int) -> int:
    return max((width(row[index]) for row in head if index < len(row)), default=0)


def answers_of(questions: Sequence[Asked], cells: Sequence[str]) -> list[Answer]:
    return [
        Answer(each.title, cells[each.index].strip(), each.open)
        for each in questions
        if each.index < len(cells) and cells[each.index].strip()
    ]


def response(answers: Sequence[Answer], **known: Any) -> Values | Refused:
    """One answered survey as one voice: the open answers are its words, a paragraph each.

    ``known`` is what the tool itself says and goes before what answers say."""
    told: dict[str, str] = {}
    ratings: dict[str, float] = {}
    words: list[Answer] = []
    for answer in answers:
        role = role_of(answer.title)
        value = unicodedata.normalize("NFKC", answer.value[: _LONGEST_VALUE + 1]).strip()
        figure = _FIGURE.fullmatch(value) if len(value) <= _LONGEST_VALUE else None
        scale = _scale(role, figure, answer.title)
        if scale:
            ratings.setdefault(scale, float(figure["number"]) if figure else 0)
        elif role in {"customer", "customer_id", "email", "name", "personal"}:
            told.setdefault(role, answer.value)
        elif answer.open and not _NOTHING.fullmatch(clean(answer.value).casefold()):
            words.append(answer)
    if not words:
        held = ", ".join(sorted({*told, *ratings})) or "no answer"
        return Refused(f"no open question is answered ({held} only): nothing was said in words")
    rated = next((scale for scale, _, _ in _SCALES if scale in ratings), None)
    single = words[0] if len(words) == 1 else None
    names = [*known.pop("names", ()), told.get("name")]
    email = first(known.pop("email", None), told.get("email"))
    rating, rating_scale = known.pop("rating", None), known.pop("rating_scale", None)
    if rating is None and rated:
        rating, rating_scale = ratings[rated], rated
    return voice(
        text="\n\n".join(dict.fromkeys(clean(answer.value) for answer in words)),
        title=known.pop("title", None) or (line(single.title) if single else None),
        channel="survey",
        customer_id=first(known.pop("customer_id", None), told.get("customer_id")),
        customer=first(known.pop("customer", None), told.get("customer")),
        contact=known.pop("contact", None),
        email=email,
        names=names,
        rating=rating,
        rating_scale=rating_scale,
        **known,
    )


def _scale(role: str | None, figure: re.Match[str] | None, title: str) -> str | None:
    """None too where title or answer says that the figures go up to another one."""
    if figure is None:
        return None
    value = float(figure["number"])
    offered = _OFFERED.search(unicodedata.normalize("NFKC", title[:_LONGEST_TITLE]))
    tops = {figure["of"], offered and (offered["last"] or offered["all"] or offered["steps"])}
    for scale, low, high in _SCALES:
        if role == scale and low <= value <= high and tops <= {None, str(high)}:
            return scale
    return None
