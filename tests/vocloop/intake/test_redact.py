"""Personal data does not come through; words that hold none are not touched."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.intake.privacy import Privacy
from vocloop.intake.records import FeedbackIn
from vocloop.intake.redact import rampart, redact
from vocloop.intake.redact.checks import aadhaar, cpf, dni, iban, luhn, my_number, nhs, resident_cn
from vocloop.intake.redact.rampart import rampart_names
from vocloop.intake.redact.recogniser import recogniser
from vocloop.intake.redact.spans import fold
from vocloop.intake.redact.sudachi import sudachi_names
from vocloop_models import PersonalData

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def loaded(name: str) -> ModuleType:
    """benchmarks/ holds scripts, not a package; they know each other by their plain names."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


planted = loaded("planted")
planted_names = loaded("planted_names")
CASES = list(planted.cases())


def one(text: str, **more: Any) -> str:
    return redact([text], **more).texts[0]


def test_planted_personal_data_does_not_come_through() -> None:
    kinds = Counter(case.kind for case in CASES)
    leaks = Counter(case.kind for case in CASES if planted.leaks(case, one))
    assert len(CASES) >= 400
    assert 1 - leaks.total() / len(CASES) >= 0.98
    assert {kind: 1 - leaks[kind] / n for kind, n in kinds.items() if leaks[kind] / n > 0.05} == {}


def test_sentences_without_personal_data_are_not_touched() -> None:
    touched = [text for text in planted.CLEAN if one(text) != text]
    assert len(touched) <= 0.02 * len(planted.CLEAN), touched


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([case.text for case in CASES] + list(planted.CLEAN)), max_size=3),
    st.text(max_size=30),
)
def test_redacting_again_changes_nothing(parts: list[str], between: str) -> None:
    once = one(between.join(parts))
    assert one(once) == once


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_can_be_redacted(text: str) -> None:
    found = redact([text])
    shown = re.sub(r"\[(?:[A-Z]+)-\d+\]", "", found.texts[0])
    assert len(shown) <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("田中様と田中太郎様", "[PERSON-1]様と[PERSON-1]様"),
        ("taro@example.jp と TARO@example.jp", "[EMAIL-1] と [EMAIL-1]"),
        ("090-1234-5678、０９０１２３４５６７８", "[PHONE-1]、[PHONE-1]"),
        ("taro@a.example / jiro@a.example", "[EMAIL-1] / [EMAIL-2]"),
    ],
)
def test_the_same_thing_has_the_same_number(text: str, expected: str) -> None:
    assert one(text, people=["田中太郎"]) == expected


def test_title_and_words_share_their_numbers() -> None:
    found = redact(["taro@a.example の件", "jiro@a.example と taro@a.example"])
    assert found.texts == ["[EMAIL-1] の件", "[EMAIL-2] と [EMAIL-1]"]
    assert found.originals == {"[EMAIL-1]": "taro@a.example", "[EMAIL-2]": "jiro@a.example"}


def test_numbers_go_on_behind_placeholders_that_are_there() -> None:
    assert one("[EMAIL-3] and taro@a.example") == "[EMAIL-3] and [EMAIL-4]"


@pytest.mark.parametrize("name", ["サポート", "Support Team", "4711", "p1", "Customer", "a"])
def test_a_role_or_an_id_is_no_name(name: str) -> None:
    text = f"The {name} answered. {name}に聞いた。Support, サポート, Team, 4711"
    assert one(text, people=[name]) == text


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "注文番号ではなくカード4111-1111-1111-1111です",
        "お電話は０３（１２３４）５６７８へ",
        "〒150-0041 東京都渋谷区神南1-2-3",
    ],
)
def test_width_and_separators_do_not_hide_a_number(text: str) -> None:
    assert not re.search(r"\d{3}", fold(one(text)))


def test_a_recogniser_finds_names_that_no_list_knows() -> None:
    text = "鶴見さんと四十物谷さんに聞いた。お客さんは待っている。"
    assert "鶴見" in one(text)
    assert "鶴見" not in one(text, recognise=sudachi_names)
    assert "お客さん" in one(text, recognise=sudachi_names)


@pytest.mark.model
def test_english_names_that_no_list_knows_do_not_come_through() -> None:
    cases = planted_names.cases(60)
    recognised = partial(one, recognise=rampart_names)
    leaks = [case.text for case in cases if planted.leaks(case, recognised)]
    assert len(leaks) <= 0.05 * len(cases), leaks
    assert sum(planted.leaks(case, one) for case in cases) > 0.8 * len(cases)


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        "Jenkins fails after the Apollo release.",
        "Ernst & Young and Morgan Stanley ask for the audit log.",
        "Paris and Sydney are missing from the drop-down.",
        "MARIA DB and Maria DB are one.",
        "神田祭の日に来店が増えます。",
        "",
    ],
)
def test_products_companies_and_places_are_not_taken_for_people(text: str) -> None:
    assert rampart_names(text) == []


@pytest.mark.model
def test_a_name_is_found_wherever_a_long_text_has_it() -> None:
    filler = "The export stops half way and nobody says why. " * 30
    for before in (0, 430, 470, 900):
        text = filler[:before] + " We asked Thandiwe Balakrishnan to look. " + filler
        assert rampart_names(text) == ["Thandiwe Balakrishnan"]


def test_what_a_row_calls_its_product_or_company_is_no_person() -> None:
    def recognise(text: str) -> list[str]:
        return [name for name in ("Thandiwe Moyo", "Thandiwe", "Ngozi") if name in text]

    guard = Privacy(b"k" * 32, PersonalData.REDACT, {}, recognise)
    words = "Ngozi says that Thandiwe is slow."
    row = FeedbackIn(text=words, source="s", product="Thandiwe Cloud")
    assert guard.protect(row).row.text == "[PERSON-1] says that Thandiwe is slow."


def test_a_recogniser_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rampart, "find_spec", lambda _: None)
    with pytest.raises(InvalidInputError, match=r'pip install "vocloop\[names\]"'):
        recogniser("both")


def test_check_digits_are_those_of_the_standards() -> None:
    assert luhn("4242424242424242")
    assert not luhn("4242424242424241")
    assert my_number("123456789018")
    assert not my_number("123456789012")
    assert iban("GB82WEST12345698765432")
    assert not iban("GB82WEST12345698765433")
    assert aadhaar("234123412346")
    assert cpf("11144477735")
    assert dni("12345678Z")
    assert nhs("9434765919")
    assert resident_cn("11010519491231002X")
