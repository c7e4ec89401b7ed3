"""Jira's wiki text without its marks. https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa"""

from __future__ import annotations

import re

_MARKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\{(?:code|noformat|quote|panel|color|anchor)(?::[^{}\n]{0,200})?\}"), ""),
    # An image or a file: its name says nothing that the customer said.
    (re.compile(r"(?<!\S)!(?:[^\s!|][^!|\n]{0,200})\.\w{2,5}(?:\|[^!\n]{0,200})?!(?!\w)"), ""),
    (re.compile(r"\[\^[^\]\n]{1,200}\]"), ""),
    (re.compile(r"\[(?P<words>[^\[\]|\n]{1,500})\|[^\[\]\n]{1,2000}\]"), r"\g<words>"),
    (re.compile(r"\[(?P<words>(?:https?://|mailto:)[^\[\]|\s]{1,2000})\]"), r"\g<words>"),
    (re.compile(r"^h[1-6]\.[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^bq\.[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[*#]{1,6}[ \t]+(?=\S)", re.MULTILINE), "- "),
    (re.compile(r"(?<![\w*])\*(?P<words>[^\s*](?:[^*\n]{0,300}[^\s*])?)\*(?![\w*])"), r"\g<words>"),
    (re.compile(r"(?<![\w_])_(?P<words>[^\s_](?:[^_\n]{0,300}[^\s_])?)_(?![\w_])"), r"\g<words>"),
    (re.compile(r"\{\{(?P<words>[^{}\n]{1,300})\}\}"), r"\g<words>"),
)


def plain(text: str) -> str:
    """``text`` as its reader sees it; pictures and attachments are left out."""
    for pattern, words in _MARKS:
        text = pattern.sub(words, text)
    return text.strip()
