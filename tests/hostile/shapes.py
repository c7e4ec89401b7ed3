"""Values that are no values: numbers and days that can't be, letters that are none, bodies that are
too deep, too large, or not what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.hostile.listed import IGNORED, KEPT, REFUSED, Hostile, shown
from tests.hostile.words import voice
from vocloop.intake.records import MOST_TAGS

JSON = {"Content-Type": "application/json"}
NUMBERS = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "9" * 400, "-1", "true", '"8"',
    "0x10", "1_000", "[]", "{}", "null", "1.5e3x",
)  # fmt: skip
DAYS = (
    "2026-02-30", "0000-01-01", "99999-01-01", "-2026-01-01", "2026-13-01", "2026-01-01T25:00",
    "2026-01-01T00:00:00+99:00", "2026-W99", "1e9", "٢٠٢٦-٠١-٠١", "昨日", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:60Z",
)  # fmt: skip
LETTERS = {
    "right-to-left override": "abc\u202egnp.exe",
    "isolates without end": "\u2066\u2067\u2068 words",
    "zero-width joiners only, then a word": "\u200b\u200c\u200d\u2060\ufeffword",
    "tag characters that hide words": "plain" + "".join(chr(0xE0000 + ord(c)) for c in "secret"),
    "one letter that becomes eighteen": "\ufdfa" * 500,
    "a letter with 500 marks": "e" + "\u0301" * 500,
    "variation selectors": "word" + "\ufe0f" * 300,
    "private letters": "\ue000\uf8ff words",
    "no characters": "\ufffe\uffff words",
    "a planet of other letters": "\U0010ffff\U000f0000 words",
    "wide letters": "ＤＲＯＰ　ＴＡＢＬＥ",
    "letters that look like others": "раураl is slow",
    "control characters": "a\x01\x02\x07\x1b[31mred\x7f",
    "line and paragraph separators": "a\u2028b\u2029c",
    "half-width sounds": "ﾎﾟｼﾞｼｮﾝ ｶﾞ ﾋﾗｶﾅｲ",
    "soft hyphens": "s\u00adc\u00adr\u00adi\u00adp\u00adt",
}
NOT_UTF8 = {
    "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "half a surrogate": b"\xed\xa0\x80",
    "beyond the last character": b"\xf4\x90\x80\x80",
    "a stray continuation": b"\x80",
    "a letter cut off": b"\xe3\x81",
    "Latin-1": "café".encode("latin-1"),
    "Shift JIS": "注文".encode("shift_jis"),
}


def shapes() -> Iterator[Hostile]:
    yield from _numbers()
    yield from _letters()
    yield from _bodies()
    yield from _types()
    yield from _fields()


def _numbers() -> Iterator[Hostile]:
    kind = "Numbers"
    for number in NUMBERS:
        status = 400 if number in ("0x10", "1_000", "1.5e3x") else 422
        status = 200 if number in ("1e-400", "-1", "true", '"8"', "null") else status
        # A row of intake and a measure: one read by us, one by the framework.
        yield Hostile(
            kind, f"target: {shown(number)}", "PUT", "/api/customers/{customer_id}/measures",
            status, "taken as a number" if status == 200 else REFUSED,
            {"content": f'{{"name": "x", "level": "kgi", "target": {number}}}', "headers": JSON},
        )  # fmt: skip
    for number in ("0", "-1", "201", "1e2", "９９９９", "9" * 30, "NaN", ""):
        yield Hostile(
            kind, f"limit={shown(number)}", "GET", f"/api/feedback?limit={quote(number)}", 422
        )
    kind = "Days"
    for day in DAYS:
        yield Hostile(
            kind,
            shown(day),
            "POST",
            "/api/feedback",
            422,
            send=voice("Said on no day", said_at=day),
        )
    for day in DAYS[:4]:
        path = f"/api/success/numbers?since={quote(day)}"
        yield Hostile(kind, f"since={shown(day)}", "GET", path, 422)


def _letters() -> Iterator[Hostile]:
    kind = "Letters"
    for short, text in LETTERS.items():
        yield Hostile(
            kind, short, "POST", "/api/feedback", 201, KEPT, voice(f"{text} and more"),
            holds=lambda place: "\u202e" not in place.kept() and "\x1b" not in place.kept(),
        )  # fmt: skip
    nul = "a\x00b"
    for name in ("text", "external_id", "product", "title", "submitted_by"):
        send = voice("Words") | {"json": {"text": "Words", "source": "x", name: nul}}
        yield Hostile(kind, f"NUL in {name}", "POST", "/api/feedback", 422, send=send)
    for path in (
        "/api/customers?q=%00", "/api/search?text=%00", "/customers?q=%00", "/search?text=%00",
        "/api/saved-views?page=%00", "/hand-in/customers?customer=%00", "/api/feedback?source=%00",
        "/api/voices?by=%00", "/api/departments/%00/inbox", "/api/connectors/%00", "/inbox/%00",
    ):  # fmt: skip
        yield Hostile(kind, "NUL in an address", "GET", path, 400)
    surrogate = '{"text": "half \\ud800 a letter", "source": "hostile"}'
    send = {"content": surrogate, "headers": JSON}
    yield Hostile(kind, "lone surrogate, escaped", "POST", "/api/feedback", 422, send=send)
    for name, path in (
        ("goal", "/api/goals"), ("person", "/api/people"), ("user", "/api/users"),
    ):  # fmt: skip
        body = '{"name": "\\udc00", "login": "x", "roles": ["agent"], "metric": "own", "target": 1}'
        send = {"content": body, "headers": JSON}
        yield Hostile(kind, f"lone surrogate as the name of a {name}", "POST", path, 422, send=send)
    for short, broken in NOT_UTF8.items():
        body = b'{"text": "' + broken + b'", "source": "hostile"}'
        send = {"content": body, "headers": JSON}
        status = 422 if short == "half a surrogate" else 400
        yield Hostile(kind, f"{short}, not UTF-8", "POST", "/api/feedback", status, send=send)


def _bodies() -> Iterator[Hostile]:
    kind = "Bodies"

    def sent(body: str | bytes) -> dict[str, Any]:
        return {"content": body, "headers": JSON}

    for short, body, status in (
        ("lists in lists, 100,000 deep", "[" * 100_000 + "]" * 100_000, 400),
        ("objects in objects, 20,000 deep", '{"a":' * 20_000 + "1" + "}" * 20_000, 400),
        ("lists that do not end", "[" * 1_000, 400),
        ("nothing", "", 422),
        ("blanks", " " * 10_000, 400),
        ("null", "null", 422),
        ("a list", "[1, 2]", 422),
        ("words", '"words"', 422),
        ("two documents", "{} {}", 400),
        ("a comment", '{/* */"text": "a"}', 400),
        ("single quotes", "{'text': 'a'}", 400),
        ("8 MiB and a byte", " " * (8 * 1024 * 1024 + 1), 413),
    ):  # fmt: skip
        yield Hostile(kind, short, "POST", "/api/feedback", status, send=sent(body))
    many = {"rows": [{"text": "a", "source": "b"}] * 1_001}
    yield Hostile(kind, "1,001 rows", "POST", "/api/feedback:batch", 422, send={"json": many})
    long = {"a million letters of words": 1_000_000, "200,001 letters of words": 200_001}
    for short, count in long.items():
        yield Hostile(kind, short, "POST", "/api/feedback", 422, send=voice("a" * count))
    for name, most in (("title", 500), ("external_id", 200), ("product", 200), ("source", 100)):
        send = {"json": {"text": "a", "source": "b", name: "a" * (most + 1)}}
        yield Hostile(
            kind, f"{most + 1} letters as {name}", "POST", "/api/feedback", 422, send=send
        )
    unknown = {"text": "a", "source": "b"} | {f"x{n}": n for n in range(50_000)}
    yield Hostile(kind, "50,000 fields", "POST", "/api/feedback", 422, send={"json": unknown})
    for short, tags in (
        ("100,000 tags", [f"tag {n}" for n in range(100_000)]),
        ("tags in tags, 300 deep", json.loads("[" * 300 + "]" * 300)),
        ("a tag of a million letters", ["a" * 1_000_000]),
    ):
        yield Hostile(
            kind, short, "POST", "/api/feedback", 201, "taken with the tags that may be",
            voice(f"With {short}", tags=tags), holds=lambda place: place.tags() <= MOST_TAGS,
        )  # fmt: skip
    send = sent('\ufeff{"text": "Words after a mark", "source": "hostile", "language": "en"}')
    short = "a byte order mark before it"
    yield Hostile(kind, short, "POST", "/api/feedback", 201, IGNORED, send)
    form = {"login": "a" * 1_000_000, "password": "b"}
    yield Hostile(
        kind, "a login of a million letters", "POST", "/sign-in", 401, send={"data": form}
    )
    form = {"login": "a", "password": "b" * 1_000_000}
    short = "a password of a million letters"
    yield Hostile(kind, short, "POST", "/sign-in", 401, send={"data": form})


def _types() -> Iterator[Hostile]:
    kind = "What a body says that it is"
    good = json.dumps({"text": "Words", "source": "hostile", "language": "en"})
    for content_type, body, status in (
        ("text/plain", good, 422),
        ("text/html", good, 422),
        ("application/xml", "<feedback/>", 422),
        ("application/x-www-form-urlencoded", "text=a&source=b", 422),
        ("multipart/form-data", good, 422),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n", 422),
        ("application/json; charset=utf-16", b"\xff\xfe{\x00", 400),
        ("application/json; charset=utf-7", "+AHsAfQ-", 400),
        ("application/x-yaml", "!!python/object/apply:os.system ['id']", 422),
        ("application/x-python-serialize", b"\x80\x04\x95", 422),
        ("application/json", b"\x1f\x8b\x08\x00", 400),
        ("application/msgpack", b"\x81\xa4text\xa1a", 422),
    ):  # fmt: skip
        send = {"content": body, "headers": {"Content-Type": content_type}}
        yield Hostile(kind, content_type, "POST", "/api/feedback", status, send=send)
    send = {"content": b"\x1f\x8b\x08\x00", "headers": JSON | {"Content-Encoding": "gzip"}}
    yield Hostile(kind, "Content-Encoding: gzip", "POST", "/api/feedback", 400, send=send)


def _fields() -> Iterator[Hostile]:
    kind = "Fields that nobody asked for"
    for name, value in (
        ("id", "01890000-0000-7000-8000-000000000000"), ("state", "themed"), ("__class__", "x"),
        ("__proto__", {"admin": True}), ("constructor", {}), ("received_at", "2020-01-01"),
        ("customer_id", "{customer_id}"), ("is_admin", True),
    ):  # fmt: skip
        send = voice("Words", **{name: value})
        yield Hostile(kind, f"{name} of a voice", "POST", "/api/feedback", 422, send=send)
    for name, value in (("password_hash", "x"), ("subject", "x"), ("active", True)):
        body = {"login": "new", "name": "New", "roles": ["agent"], name: value}
        send = {"json": body}
        yield Hostile(kind, f"{name} of a user", "POST", "/api/users", 422, send=send)
    for name in ("restricted", "import_id"):
        send = {"json": {"rows": [{"name": "みなも", name: True}]}}
        yield Hostile(
            kind, f"{name} of a customer", "POST", "/api/customers:upsert", 200, REFUSED, send,
            holds=lambda place: bool(place.answer.json()["refused"] == 1),
        )  # fmt: skip
    kind = "The same name twice"
    body = '{"text": "first", "text": "Second words", "source": "hostile", "language": "en"}'
    send = {"content": body, "headers": JSON}
    yield Hostile(kind, "text, text", "POST", "/api/feedback", 201, "the last one holds", send)
    body = '{"users": [], "users": ["nobody@minamo.example"]}'
    send = {"content": body, "headers": JSON}
    yield Hostile(
        kind, "users, users", "PUT", "/api/customers/{customer_id}/access", 404, send=send
    )
    for path, status in (
        ("/api/feedback?limit=1&limit=100000", 422), ("/api/feedback?limit=100000&limit=1", 200),
        ("/api/feedback?state=themed&state=x", 422),
    ):  # fmt: skip
        effect = "the last one holds" if status == 200 else REFUSED
        yield Hostile(kind, path.partition("?")[2], "GET", path, status, effect)
    yield Hostile(kind, "q[]=x&q[$ne]=1", "GET", "/api/customers?q[]=x&q[$ne]=1", 200, IGNORED)
