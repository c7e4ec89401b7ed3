"""The words of lexicon.toml: which of them a text holds, and which of them it takes back."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate

# What a voice says stands at its beginning; a megabyte of log below it must not cost seconds.
SCAN_CHARACTERS = 4_000
# How far a negation reaches: before an English word, after a Japanese one.
REACH_EN, REACH_JA = 18, 8

_KANA_OR_KANJI = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_NO_EN = re.compile(
    r"(?:\bnot|n't|\bno|\bnever|\bwithout|\bneither|\bnor|\bhardly)\s(?:\w+\s){0,2}$"
)
_NO_JA = re.compile(
    "^[^、。！？\n]{0,4}?(?:ない|なく|なかっ|ません|無い|無く|無かっ|なし|ず(?:に|、|。))"
)
# "It would be good if", "good, but": praise that is taken back in the same breath.
_BUT_JA = re.compile(
    "^[^、。！？\n]{0,5}?(?:が、|が |けど|けれど|のに|だが|ですが|ますが|かと思|はず|ほうが|方が)"
)


@dataclass(frozen=True)
class Signal:
    """What words of one kind say; ``weight`` in log-odds. lexicon.toml explains the rest."""

    name: str
    weight: float
    negatable: bool
    ja: tuple[str, ...]
    en: tuple[str, ...]
    inverse: str | None = None


def _load() -> dict[str, Signal]:
    table = tomllib.loads((files("vocloop.score") / "lexicon.toml").read_text("utf-8"))
    return {
        name: Signal(
            name,
            float(entry["weight"]),
            entry["negatable"],
            tuple(entry["ja"]),
            tuple(entry["en"]),
            entry.get("inverse"),
        )
        for name, entry in table.items()
    }


SIGNALS: Mapping[str, Signal] = _load()


def heard(texts: Sequence[str], languages: Sequence[str]) -> list[dict[str, int]]:
    """How often the words of each signal are heard in each text, by the signal's name.

    English (``en``) is read with the English words, even where it quotes a Japanese screen; any
    other text with the Japanese ones if it holds kana or kanji, and with the English ones if not.
    All texts of a language are read as one: a call of the engine costs more than a statement."""
    found: list[dict[str, int]] = [{} for _ in texts]
    lowered = [text[:SCAN_CHARACTERS].lower().replace("’", "'") for text in texts]
    japanese = [
        language != "en" and bool(_KANA_OR_KANJI.search(text))
        for text, language in zip(lowered, languages, strict=True)
    ]
    for language in ("ja", "en"):
        chosen = [i for i, ja in enumerate(japanese) if ja == (language == "ja")]
        starts = [0, *accumulate(len(lowered[i]) + 1 for i in chosen)]
        joined = "\n".join(lowered[i] for i in chosen)
        pattern, signals = _words(language)
        for match in pattern.finditer(joined):
            if language == "en" and joined[match.start() - 1 : match.start()].isalpha():
                continue
            name = _meant(joined, match, language, signals[match.group()])
            if name is not None:
                words = found[chosen[bisect_right(starts, match.start()) - 1]]
                words[name] = words.get(name, 0) + 1
    return found


def _meant(text: str, match: re.Match[str], language: str, signal: Signal) -> str | None:
    """The name of the signal that the word speaks for where it stands."""
    if language == "en":
        # Not beyond the line: texts are joined by line breaks.
        before = text[max(0, match.start() - REACH_EN) : match.start()].rpartition("\n")[2]
        if signal.negatable and _NO_EN.search(before):
            return signal.inverse
        return signal.name
    after = text[match.end() : match.end() + REACH_JA]
    name = signal.inverse if signal.negatable and _NO_JA.match(after) else signal.name
    if name == "praise" and _BUT_JA.match(after):
        return None
    return name


@cache
def _words(language: str) -> tuple[re.Pattern[str], dict[str, Signal]]:
    """All words of a language as one pattern, and the signal of each word.

    The pattern is a trie: tried one after the other, the words take six times as long."""
    signals: dict[str, Signal] = {}
    for signal in SIGNALS.values():
        for entry in signal.ja if language == "ja" else signal.en:
            for word in _spelled(entry):
                signals.setdefault(word, signal)
    return re.compile(_trie(list(signals))), signals


def _spelled(entry: str) -> Iterator[str]:
    """Each spelling of an entry: "a(?:b|c)" is "ab" and "ac"."""
    before, bracket, rest = entry.partition("(?:")
    if not bracket:
        yield entry
        return
    choices, _, after = rest.partition(")")
    for choice in choices.split("|"):
        yield from (before + choice + tail for tail in _spelled(after))


def _trie(words: Sequence[str]) -> str:
    """A pattern that matches the longest of the words, split by first letter at each step."""
    tails: dict[str, list[str]] = {}
    for word in words:
        if word:
            tails.setdefault(word[0], []).append(word[1:])
    if not tails:
        return ""
    branches = "|".join(re.escape(head) + _trie(rest) for head, rest in sorted(tails.items()))
    return f"(?:{branches}){'?' if '' in words else ''}"
