"""Which language a text is in: by script where the script decides, by words where they do, by
the lingua detector for the rest.

tests/vocloop/intake/test_language.py names the accuracy that is held."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNKNOWN = "und"

# The start of a text decides: measured on long tickets, more changed no answer.
_READ_CHARACTERS = 600
# One Japanese character says about as much as four Latin letters (error messages quoted in a
# Japanese sentence are long), so Latin must be this many times more to win over kana.
_LATIN_PER_KANA = 4
# Japanese runs of kanji without any kana are titles and keywords; a longer one is Chinese.
_LONGEST_KANJI_ONLY = 14
# Words below this number are too few for lingua: English, the most frequent, gets the doubt.
_FEW_WORDS = 6
# In few words another language must be this much likelier than English (lingua's confidence).
_CLEARLY = 0.5

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a]")
_OTHER = re.compile("[\u0370-\u10ff\u1200-\u1dff]")
_CHINESE = re.compile(
    "[们这吗呢你您她没请说为个时过还让给从东样关开问题这嗎妳您們這個請說還沒啊吧哪]"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Function words of each language. Words of two languages ("do", "die", "no", "me") may stand in
# one list only if the other language's sentences hold plenty of others.
_FUNCTION_WORDS = {
    "en": "the and of to that this it's it for you your my have has had not are were be been with"
    " from how what why when where which can can't could should would do does did don't doesn't"
    " didn't i'm i've i'd there their they we our us would will won't just get got any if but or"
    " by as after before because please help need want know out up about only still i is a so no"
    " all am",
    "de": "der das und ist nicht ich wir sie ein eine einen mit für auf von zu den dem des im bei"
    " wie kann können werden wird haben sehr oder aber auch ihre ihr unser unsere über",
    "fr": "le la les et est pas je nous vous une des du dans pour que qui sur avec ce cette mon ma"
    " notre votre au aux il sont plus être nos",
    "es": "el la los las y es por con para una del se lo como mi que de en un su nuestro nuestra"
    " está más al sus",
    "pt": "os não um uma em da dos das que com seu sua você para por de nosso nossa está mais ao"
    " são se ao pela pelo",
    "it": "il che di non per sono del della con è un una le la mi si gli nel alla più nostro ho",
    "nl": "het een niet van ik wij voor met zijn dat deze te en de aan ook naar maar wordt",
}
_LANGUAGES_OF = {
    word: tuple(code for code, words in _FUNCTION_WORDS.items() if word in words.split())
    for words in _FUNCTION_WORDS.values()
    for word in words.split()
}
# So many function words, and twice as many as of any other language, need no detector.
_PLENTY = 3


def language_of(text: str) -> str:
    """ISO 639-1 code among en ja zh ko de fr es pt it nl, or "und" when there are no letters or
    a script of none of these. Deterministic."""
    text = text[:_READ_CHARACTERS]
    if text.isascii():
        return _latin(text)
    kana = len(_KANA.findall(text))
    han = len(_HAN.findall(text))
    latin = len(_LATIN.findall(text))
    hangul = len(_HANGUL.findall(text))
    if kana and (kana + han) * _LATIN_PER_KANA >= latin and kana + han >= hangul:
        return "ja"
    if hangul * _LATIN_PER_KANA > latin and hangul >= han + kana:
        return "ko"
    if han and han * _LATIN_PER_KANA >= latin:
        chinese = _CHINESE.search(text) or han > _LONGEST_KANJI_ONLY
        return "zh" if chinese else "ja"
    if len(_OTHER.findall(text)) > latin:
        return UNKNOWN
    return _latin(text)


def _latin(text: str) -> str:
    words = [word.replace("’", "'") for word in _WORD.findall(text.lower())]
    if not any(len(word) > 1 for word in words):
        return UNKNOWN
    votes = Counter(code for word in words for code in _LANGUAGES_OF.get(word, ()))
    leaders = votes.most_common(2)
    first, most = leaders[0] if leaders else ("en", 0)
    second = leaders[1][1] if len(leaders) > 1 else 0
    if most >= _PLENTY and most >= 2 * second:
        return first
    if text.isascii() and not second and first == "en" and (most or len(words) < 2):
        return "en"
    return _by_lingua(text, few=len(words) < _FEW_WORDS)


def _by_lingua(text: str, *, few: bool) -> str:
    values = {
        value.language.iso_code_639_1.name.lower(): value.value
        for value in _detector().compute_language_confidence_values(text)
    }
    best = max(values, key=lambda code: (values[code], code))
    if values[best] == 0:
        return UNKNOWN
    if few and values[best] - values["en"] < _CLEARLY:
        return "en"
    return best


@cache
def _detector() -> LanguageDetector:
    # Imported and built at the first text that needs it: the models take a second to load.
    from lingua import Language, LanguageDetectorBuilder

    # Its accurate mode: on banking77 the fast one is 3 points worse.
    return LanguageDetectorBuilder.from_languages(
        Language.ENGLISH,
        Language.GERMAN,
        Language.FRENCH,
        Language.SPANISH,
        Language.PORTUGUESE,
        Language.ITALIAN,
        Language.DUTCH,
    ).build()
