"""Japanese sentences as titles: clauses that can stand alone, ended as a plain statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from vocloop.themes.prose import LONGEST_TITLE, balanced, width
from vocloop.themes.words import sudachi

# A title begins with neither: connectives, asides, greetings, when it was, who speaks.
_CONNECTIVES = (
    "また|そして|加えて|ただ|しかし|でも|あと|なお|それと|それから|それで|それに|ついでに(?:言うと)?|ちなみに|なので|ですので"
    "|だから|しかも|さらに|特に|やはり|やっぱり|実は|実際|とにかく|とりあえず|本当に|正直(?:に申しますと|に言うと|なところ)?"
    "|うーん|えっと|ええ|はい|いいえ|いや|まあ"
)
_GREETINGS = (
    "お世話になって(?:おり|い)ます|お疲れ(?:様|さま)です|こんにちは|はじめまして|すみません"
    "|恐れ入ります"
)
_WHEN = "毎回|今回|先日|先ほど|昨日|今日|本日|今朝|いつも|たまに|時々|最近"
_WHO = "(?:私|僕|弊社|当社|自社|うち|我々|こちら|現場)(?:の方|側)?(?:としては|では|は|も|だと)"
_OPENING = re.compile(
    rf"^(?:逆に|加えて|[^、。：:0-9０-９]{{1,5}}[：:]|(?:{_CONNECTIVES}|{_GREETINGS}|{_WHEN}|{_WHO})"
    r"(?:[、,。！!\s]+|(?<=は)|(?<=も)|(?<=だと)|(?<=言うと)))"
)
# What no title ends with: requests and thanks to whoever reads the ticket.
_CLOSING = re.compile(
    r"(?:お世話に|お願い|願い|教えて|いかが|どう|どうすれば|ありがとう|感謝|すみません|申し訳|よろしく|宜しく|幸い"
    r"|ご(?:相談|質問|連絡|確認|教示|回答|対応|検討|返信))[^、]{0,12}$"
)
# Without what went before they say nothing.
_POINTING = re.compile(
    r"^(?:これ|それ|あれ|この|その|あの|ここ|そこ|こう|そう|こんな|そんな|他|ほか)"
)
# Ends like a predicate, but only says how or why: により, に対し, にも関わらず.
_IN_PASSING = re.compile(
    r"(?:(?:に|と)(?:より|因り|よって|対し|関し|つき|伴い|際し|沿い|あたり|当たり|応じ|反し|加え|とり|し"
    r"|も?(?:関わ|かかわ|拘)らず)|を(?:通じ|めぐり|巡り|始め|はじめ|除き|問わず|とわず)"
    r"|にお(?:い|く|ける?)|のみならず"
    r"|思わず|相変わらず|あいかわらず|(?:^|[、 ])まず|必ず|とりあえず)$"
)
_SUBORDINATE = {"が", "けど", "けれど", "けれども", "から", "し", "と", "て", "で", "のに"}
_WISHES = {"ください", "下さい"}
_A_ROW = dict(zip("うくぐすつぬぶむる", "わかがさたなばまら", strict=True))
# Plain verbs for those of politeness.
_PLAIN = {"おる": "いる", "いたす": "する", "致す": "する", "ござる": "ある", "なさる": "する"}


def titles(sentence: str) -> Iterator[str]:
    """Every row of neighbouring clauses of a ``sentence`` that can stand alone and fits a list,
    in plain form (止まりました → 止まる). None is cut inside a clause."""
    clauses = _clauses(_bare(sentence))
    for start, end in combinations(range(len(clauses) + 1), 2):
        pieces = [p for clause in clauses[start:end] for p in clause]
        title = ended(pieces, whole=end == len(clauses))
        if title is None:
            continue
        title = _bare(title).strip(" 　、,。.・-*「」『』")
        fits = 0 < width(title) <= LONGEST_TITLE and balanced(title)
        if fits and not _CLOSING.search(title):
            yield title


def pointing(title: str) -> bool:
    return bool(_POINTING.match(title))


def _bare(sentence: str) -> str:
    before = ""
    while before != sentence:
        before, sentence = sentence, _OPENING.sub("", sentence.strip(" 　。.、,・-*>"), count=1)
    return sentence


def _clauses(sentence: str) -> list[list[Any]]:
    """Pieces of Sudachi, parted behind each comma that follows a predicate."""
    clauses: list[list[Any]] = [[]]
    for piece in sudachi().tokenize(sentence):
        clauses[-1].append(piece)
        if piece.part_of_speech()[1] in {"読点", "句点"} or piece.surface() in {"、", "，", ","}:
            clauses.append([])
    return [clause for clause in clauses if clause]


def ended(pieces: list[Any], *, whole: bool) -> str | None:
    """The text of ``pieces`` with a plain ending, or None where it can't end there. ``whole``: the
    sentence ends there by itself, perhaps with a noun."""
    rest = list(pieces)
    while rest and _dropped(rest):
        # What is said of a noun with です is said in full.
        whole = whole or rest[-1].part_of_speech()[0] == "助動詞"
        rest.pop()
    if not rest:
        return None
    polite = _unpolite(rest)
    if polite is not None:
        return polite
    kind = rest[-1].part_of_speech()
    if kind[0] in {"動詞", "形容詞"} or (kind[0] == "助動詞" and kind[4] != "助動詞-ダ"):
        return _predicate_ended(rest)
    text = "".join(p.surface() for p in rest)
    if kind[0] in {"名詞", "接尾辞", "形状詞"}:
        fits = whole and kind[2] != "副詞可能" and kind[1] not in {"数詞", "助動詞語幹"}
        return text if fits or (_is_action(rest[-1]) and _has_object(rest)) else None
    return text if kind[0] == "助動詞" and whole and kind[5].startswith("終止形") else None


def _predicate_ended(rest: list[Any]) -> str | None:
    """A clause that ends with a verb or adjective, in a form that ends a sentence: 停止し → 停止,
    進まず → 進まない, 遅く → 遅い."""
    last, form = rest[-1], rest[-1].part_of_speech()[5]
    text = "".join(p.surface() for p in rest)
    if _IN_PASSING.search(text):
        return None
    if form.startswith(("終止形", "連体形", "意志推量形")) or last.surface() in _WISHES:
        return text
    if not form.startswith("連用形"):
        return None
    before = text[: len(text) - len(last.surface())]
    if last.dictionary_form() in {"ぬ", "ず"} and len(rest) > 1:
        verb = rest[-2]
        start = "".join(p.surface() for p in rest[:-2])
        return start + negative(verb.dictionary_form(), verb.part_of_speech()[4])
    if last.dictionary_form() == "する" and len(rest) > 1 and _is_action(rest[-2]):
        return before
    ended_with = str(last.dictionary_form())
    return before + _PLAIN.get(ended_with, ended_with)


def _dropped(rest: list[Any]) -> bool:
    """Whether the last piece is no part of the statement: stops, ね (not か), ので, です, ため."""
    last, kind = rest[-1], rest[-1].part_of_speech()
    surface = last.surface()
    if kind[0] in {"補助記号", "空白"} or surface in {"でし", "でしょう"}:
        return True
    if kind[1] == "終助詞" or len(rest) < 2:
        return bool(kind[1] == "終助詞" and surface != "か")
    before = rest[-2]
    ahead = before.part_of_speech()
    if kind[1] in {"接続助詞", "準体助詞"}:
        return _predicate(before) and (kind[1] == "準体助詞" or surface in _SUBORDINATE)
    if surface in {"で", "です", "だ"} and kind[0] == "助動詞":
        polite = surface == "です" or ahead[0] in {"形容詞", "助動詞"}
        return polite or ahead[1] == "準体助詞"
    told_by = surface == "ため" and ahead[5].startswith("連体形")
    return bool(told_by or (surface == "た" and before.surface() == "でし"))


def _unpolite(rest: list[Any]) -> str | None:
    """止まります, 止まりました → 止まる; 止まりません(でした) → 止まらない; None for plain ones."""
    at = next((i for i in range(len(rest) - 1, 0, -1) if _is_masu(rest[i])), None)
    if at is None:
        return None
    tail = "".join(p.surface() for p in rest[at:])
    if tail not in {"ます", "ました", "ません", "ませんか", "ますか"}:
        return None
    verb = rest[at - 1]
    start = "".join(p.surface() for p in rest[: at - 1])
    said, ask = str(verb.dictionary_form()), "か" if tail.endswith("か") else ""
    base = _PLAIN.get(said, said)
    if "せん" not in tail:
        return start + base + ask
    # None of the plain verbs is inflected as the polite one that it stands for (おる, いる).
    return start + negative(base, verb.part_of_speech()[4] if base == said else "") + ask


def negative(verb: str, conjugation: str) -> str:
    """動かす → 動かさない. ``verb`` in its dictionary form."""
    irregular = {"する": "しない", "ある": "ない", "くる": "こない", "来る": "来ない"}
    if verb in irregular:
        return irregular[verb]
    if verb.endswith("する"):
        return verb[:-2] + "しない"
    if conjugation.startswith("五段") and verb[-1] in _A_ROW:
        return verb[:-1] + _A_ROW[verb[-1]] + "ない"
    return verb[:-1] + "ない"


def _is_masu(piece: Any) -> bool:
    return bool(piece.part_of_speech()[0] == "助動詞" and piece.dictionary_form() == "ます")


def _predicate(piece: Any) -> bool:
    return bool(piece.part_of_speech()[0] in {"動詞", "形容詞", "助動詞"})


def _is_action(piece: Any) -> bool:
    return bool(piece.part_of_speech()[2] in {"サ変可能", "サ変形状詞可能"})


def _has_object(rest: list[Any]) -> bool:
    return any(p.part_of_speech()[1] == "格助詞" and p.surface() in "がを" for p in rest)
