"""HTML to text, in one pass, for any input.

Mail and help-desk exports hold fragments, not documents. ``html.parser`` was not taken because
its time grows with the square of the length on unclosed constructs (``<!--<!--<!--…``).
"""

from __future__ import annotations

import html
import re

# A tag that only markup has: a text that speaks of "<b>" or "a < b" is not HTML.
_SIGN = re.compile(
    r"<(?:!doctype\s+html|html|body|br\s*/?|p|div|hr\s*/?)(?:\s[^<>]*)?>"
    r"|</(?:a|b|i|u|em|strong|span|font|td|th|tr|table|ul|ol|li|h[1-6]|pre|code|blockquote|p|div"
    r"|body|html|style|script)\s*>",
    re.IGNORECASE,
)
# Every attempt ends at the next "<" at the latest, so the whole scan is linear; the quantifiers
# are possessive for the same reason.
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)"
    r"""(?P<rest>(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+|[^<>]*+)>|<!--|<[!?][^<>]*+>"""
)
_BLOCKS = frozenset(
    {"p", "div", "br", "hr", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
    | {"blockquote", "section", "article", "header", "footer", "dl", "dt", "dd", "form", "body"}
)
_CELLS = frozenset({"td", "th"})
_DROPPED = frozenset({"script", "style", "head", "template", "title", "noscript"})
_SPACES = re.compile(r"[ \t\r\n\f]+")


def looks_like_html(text: str) -> bool:
    return "<" in text and _SIGN.search(text) is not None


def text_of(source: str) -> str:
    """The text a reader would see: blocks on their own lines, list items after "- ", character
    references resolved; scripts, styles and comments left out. Never raises."""
    out: list[str] = []
    position = 0
    preformatted = 0
    # Ends that do not come any more are not searched a second time.
    endless: set[str] = set()
    lowered = source.lower() if source.isascii() else _ascii_lower(source)
    while True:
        match = _TAG.search(source, position)
        if match is None:
            break
        out.append(_words(source[position : match.start()], keep_spaces=preformatted > 0))
        position = match.end()
        name = (match["name"] or "").lower()
        if match[0] == "<!--":
            position = _after(lowered, "-->", position, endless)
            continue
        if name in _DROPPED and not match["close"]:
            position = _after_closing(lowered, name, position, endless)
            continue
        if name == "pre":
            preformatted = max(0, preformatted + (-1 if match["close"] else 1))
        if name == "li":
            out.append("" if match["close"] else "\n- ")
        elif name in _BLOCKS:
            out.append("\n")
        elif name in _CELLS:
            out.append(" ")
    out.append(_words(source[position:], keep_spaces=preformatted > 0))
    lines = "".join(out).split("\n")
    return "\n".join(line.strip(" \t") for line in lines)


def _words(chunk: str, *, keep_spaces: bool) -> str:
    # Spaces are folded before references are resolved: "&#10;" is meant as a new line.
    return html.unescape(chunk if keep_spaces else _SPACES.sub(" ", chunk))


def _ascii_lower(source: str) -> str:
    """Lower-case ASCII letters only: str.lower() changes the length of some letters."""
    return source.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})


def _after(lowered: str, end: str, position: int, endless: set[str]) -> int:
    if end in endless:
        return position
    found = lowered.find(end, position)
    if found < 0:
        endless.add(end)
        return position
    return found + len(end)


def _after_closing(lowered: str, name: str, position: int, endless: set[str]) -> int:
    start = _after(lowered, f"</{name}", position, endless)
    if start == position:
        return position
    closing = lowered.find(">", start)
    return closing + 1 if closing >= 0 else start
