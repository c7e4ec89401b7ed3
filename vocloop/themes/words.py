"""Words of a text, as a reader would name them: Japanese by Sudachi, English by stem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

# Verbs and nouns that carry no problem: in every second sentence of any support mail.
_EMPTY_JA = frozenset(
    "為る 有る 居る 成る 出来る 言う 思う 行く 来る 見る 御座る 致す 下さる 頂く 貰う 呉れる 無い 良い 事 物 "
    "時 所 場合 方 様 為 分 中 後 前 際 度 点 形 何 誰 此れ 其れ 今 毎回 今回 現在 状態 お願い 願う 宜しい 有り難う "
    "弊社 御社 貴社 私 我々 今日 昨日 明日 先週 今週 来週 先月 今月 来月 毎月 毎日 毎週 分かる 教える 困る "
    "知れる 置く 仕舞う 掛かる 掛ける 付く 付ける 出る 入る 同じ 多い 一つ 二つ 他 全て 全部 自分 人 皆".split()
)
_EMPTY_EN = ENGLISH_STOP_WORDS | frozenset(
    "just get got getting does did doing don didn doesn isn wasn can couldn won wouldn shouldn ve ll "
    "re im ive its thing things really also like one two make makes made need needs want wants use "
    "used using please thanks thank hi hello dear regards know told said says say going went way let "
    "still even every time times day days week weeks month months today yesterday help new".split()
)
_LATIN = re.compile(r"[a-z][a-z'’\-]*[a-z0-9]|[a-z]", re.IGNORECASE)
_HAS_WORD = re.compile(r"[ぁ-んァ-ヶ一-龥a-zA-Z]")
_NOUN_LIKE = {"名詞", "接頭辞", "接尾辞"}


@cache
def _sudachi() -> Any:  # noqa: ANN401 - sudachipy ships no types
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


@cache
def _stemmer() -> Any:  # noqa: ANN401 - snowballstemmer ships no types
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def words(text: str, language: str) -> list[tuple[str, str]]:
    """Content words of ``text`` as (key, surface): the key joins inflections and spellings, the
    surface is what a person reads. Adjacent nouns also come joined, as the compound they are."""
    return _japanese(text) if language == "ja" else _english(text)


def _japanese(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    run: list[tuple[str, str]] = []  # nouns that stand side by side
    verb = ""  # the surface of the verb just before, the first half of a compound: 書き + 出す

    def close() -> None:
        content = [(k, s) for k, s in run if k not in _EMPTY_JA]
        if len(run) in {2, 3} and content:
            found.append(("".join(k for k, _ in run), "".join(s for _, s in run)))
        run.clear()

    for piece in _sudachi().tokenize(text):
        kind = piece.part_of_speech()
        surface, key = piece.surface(), piece.normalized_form()
        usable = bool(_HAS_WORD.search(surface)) and kind[1] not in {"数詞", "助数詞可能", "代名詞"}
        if kind[0] in _NOUN_LIKE and usable:
            run.append((key, surface))
            if kind[0] == "名詞" and kind[1] != "非自立可能" and key not in _EMPTY_JA:
                found.append((key, surface))
            continue
        close()
        before, verb = verb, surface if kind[0] == "動詞" else ""
        if kind[0] not in {"動詞", "形容詞", "形状詞"} or not usable:
            continue
        if kind[1] != "非自立可能" and key not in _EMPTY_JA:
            found.append((key, piece.dictionary_form()))
        elif kind[0] == "動詞" and before and found:
            found[-1] = (before + key, before + key)
    close()
    return [(k, s) for k, s in found if len(s) > 1 or re.match(r"[一-龥]", s)]


def _english(text: str) -> list[tuple[str, str]]:
    tokens = [t.lower().replace("’", "'") for t in _LATIN.findall(text)]
    tokens = [t.removesuffix("'s") for t in tokens]
    stems = _stemmer().stemWords(tokens)
    content = [t not in _EMPTY_EN and t.split("'")[0] not in _EMPTY_EN and len(t) > 2 for t in tokens]
    found = [(s, t) for s, t, c in zip(stems, tokens, content, strict=True) if c]
    for i in range(len(tokens) - 1):
        if content[i] and content[i + 1]:
            found.append((f"{stems[i]} {stems[i + 1]}", f"{tokens[i]} {tokens[i + 1]}"))
    return found


def counted(texts: Sequence[str], language: str) -> Iterable[set[tuple[str, str]]]:
    """The distinct words of each text."""
    return (set(words(t, language)) for t in texts)
