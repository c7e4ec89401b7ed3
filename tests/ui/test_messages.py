"""Every word of the pages stands in both catalogues, and only there."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from vocloop_ui.i18n import LANGUAGES
from vocloop_ui.view import TEMPLATES, environment

UI = Path(__file__).parents[2] / "ui"
# Read aloud or shown as they are: the name, file ends, digits, languages in their own words.
NAMES = {"vocloop", "English", "日本語", "· vocloop", "make demo"}
NAMES |= {"vocloop users add", "Authorization: Bearer voc_…"}
TELLING = {"aria-label", "title", "placeholder", "alt", "data-label", "data-offline", "label"}


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", UI / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def used() -> Catalog:
    return tool().extracted()


def ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in catalogue if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_what_is_used_and_nothing_else(language: str, used: Catalog) -> None:
    catalogue = tool().catalogue_of(language)
    assert ids(used) - ids(catalogue) == set(), "run python ui/messages.py"
    assert ids(catalogue) - ids(used) == set(), "run python ui/messages.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_same_holes(language: str) -> None:
    for message in tool().catalogue_of(language):
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        assert all(strings), message.id
        assert not message.fuzzy, message.id
        holes = {hole for text in originals for hole in re.findall(r"%\(\w+\)s", text)}
        for text in strings:
            assert set(re.findall(r"%\(\w+\)s", text)) <= holes, message.id
            if language == "ja":
                assert set(re.findall(r"%\(\w+\)s", text)) == holes, message.id


def test_japanese_is_written_as_the_style_page_asks() -> None:
    for message in tool().catalogue_of("ja"):
        text = "".join(message.string)
        assert not re.search("[０-９（）]", text), f"half-width digits and brackets: {text}"
        assert "様" not in text.replace("お客様", ""), text


class Words(HTMLParser):
    """What a reader would see or hear of a template once its code is taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skip += tag == "kbd"
        self.found += [value or "" for name, value in attrs if name in TELLING]

    def handle_endtag(self, tag: str) -> None:
        self.skip -= tag == "kbd"

    def handle_data(self, data: str) -> None:
        if not self.skip:
            self.found.append(data)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_speaks_past_the_catalogue(path: Path) -> None:
    source = re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL
    )
    words = Words()
    words.feed(source)
    spoken = {text.strip() for text in words.found}
    assert {text for text in spoken if re.search(r"[^\W\d_]", text)} <= NAMES


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_every_template_compiles(path: Path) -> None:
    environment("en").get_template(str(path.relative_to(TEMPLATES)))
