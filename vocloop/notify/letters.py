"""Words for people: a template by language and topic, as plain text and as HTML.

A template is plain text with $names. Its first line is the subject; after it come blocks, one a
line: ``# `` a heading, ``- `` an item of a list, ``> `` a quotation, ``=> `` a link (address, then
words), anything else a paragraph. A block whose $names are all empty is left out, and one that
holds a list is repeated. Names are filled in after the blocks are told apart, so that no value can
become mark-up.
"""

from __future__ import annotations

import html
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vocloop_models import Theme, titles

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("ja", "en")
_MARKS = {"# ": "heading", "- ": "item", "> ": "quote", "=> ": "link"}
_HTML = {
    "heading": "<h2>{}</h2>",
    "quote": "<blockquote>{}</blockquote>",
    "paragraph": "<p>{}</p>",
}

Values = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Block:
    kind: str  # heading, item, quote, link or paragraph
    text: str


def letter(language: str, name: str, values: Values) -> Letter:
    """The letter ``name`` in ja or en."""
    _, *lines = _template(language, name).splitlines()
    told = {key: value if isinstance(value, str) else list(value) for key, value in values.items()}
    heading = subject(language, name, told)
    blocks = [block for line in lines if line.strip() for block in _filled(line.strip(), told)]
    blocks = _sections(blocks)
    return Letter(heading, _as_text(blocks), _as_html(language, heading, blocks))


def title(named: Theme, language: str) -> str:
    """What a theme is called; words that say so where it has neither title nor keywords."""
    return titles.called(named, language)[0] or words(language)["say"]["unnamed"]


def subject(language: str, name: str, values: Values) -> str:
    """Of the letter ``name``."""
    first = _template(language, name).split("\n", 1)[0]
    return " ".join(string.Template(first).substitute(_single(values)).split())


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """What single values are called: verdicts, steps, headings."""
    with (FOLDER / language / "words.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _template(language: str, name: str) -> str:
    return (FOLDER / language / f"{name}.txt").read_text("utf-8")


@cache
def _skeleton() -> string.Template:
    return string.Template((FOLDER / "letter.html").read_text("utf-8"))


def _single(values: Values) -> dict[str, str]:
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _filled(line: str, values: Values) -> list[Block]:
    kind, text = "paragraph", line
    for mark, marked in _MARKS.items():
        if line.startswith(mark):
            kind, text = marked, line[len(mark) :]
    template = string.Template(text)
    names = template.get_identifiers()
    if names and not any(values[name] for name in names):
        return []
    many = [name for name in names if not isinstance(values[name], str)]
    if not many:
        return [Block(kind, template.substitute(_single(values)))]
    return [
        Block(kind, template.substitute(_single(values) | {many[0]: each}))
        for each in values[many[0]]
    ]


def _sections(blocks: Sequence[Block]) -> list[Block]:
    """Without headings that have nothing beneath."""
    following = [block.kind for block in blocks[1:]] + ["heading"]
    return [
        block
        for block, after in zip(blocks, following, strict=True)
        if block.kind != "heading" or after not in ("heading", "link")
    ]


def _as_text(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    previous = ""
    for block in blocks:
        lines = block.text.splitlines() or [""]
        written = {
            "heading": f"■ {block.text}",
            "item": "・" + "\n  ".join(lines),
            "quote": "\n".join(f"> {each}" for each in lines),
            "link": "\n".join(reversed(_link(block.text))),
        }.get(block.kind, block.text)
        tight = block.kind == previous == "item" or previous == "heading"
        parts += ["" if tight or not parts else "\n", written, "\n"]
        previous = block.kind
    return "".join(parts)


def _as_html(language: str, subject: str, blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    listing = False
    for block in blocks:
        if listing is not (block.kind == "item"):
            listing = not listing
            parts.append("<ul>" if listing else "</ul>")
        safe = html.escape(block.text).replace("\n", "<br>")
        if block.kind == "item":
            parts.append(f"<li>{safe}</li>")
        elif block.kind == "link":
            address, told = (html.escape(each) for each in _link(block.text))
            parts.append(f'<p><a href="{address}">{told}</a></p>')
        else:
            parts.append(_HTML[block.kind].format(safe))
    if listing:
        parts.append("</ul>")
    return _skeleton().substitute(
        language=language, subject=html.escape(subject), body="\n".join(parts)
    )


def _link(text: str) -> tuple[str, str]:
    address, _, told = text.partition(" ")
    return address, told
