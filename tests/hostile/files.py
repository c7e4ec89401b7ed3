"""Files that are meant to break what reads them: archives that grow, XML that reaches out, tables
that are none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from tests.hostile.listed import UNUSABLE, Hostile

XML = "application/xml"
_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCUMENTS = {
    "an entity of a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "an entity of another host": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]><a>&x;</a>',
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]><a>&l9;</a>',
    "an entity in a parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]><a/>',
    "a definition of another host": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "entities that grow by squares": f'<!DOCTYPE a [<!ENTITY x "{"a" * 50_000}">]><a>{"&x;" * 50_000}</a>',
    "a file that is included": '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include '
    'href="file:///etc/passwd" parse="text"/></a>',
    "a stylesheet of another host": '<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?><a/>',
    "100,000 elements in each other": "<a>" * 100_000 + "</a>" * 100_000,
    "a tag that does not end": "<a " + "b='c' " * 50_000,
}  # fmt: skip


def archive(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, data in members.items():
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def lying(data: bytes, size: int) -> bytes:
    """An archive whose every file says that it unpacks to ``size`` bytes."""
    made = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = made.find(mark)
        while at >= 0:
            made[at + place : at + place + 4] = size.to_bytes(4, "little")
            at = made.find(mark, at + 4)
    return bytes(made)


def _encrypted() -> bytes:
    made = bytearray(archive({"a.csv": b"text\r\nwords\r\n"}))
    # The flag that says so, in both headers.
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def _books() -> dict[str, tuple[str, bytes]]:
    zeros = b"0" * (4 * 1024 * 1024)
    book = {"xl/workbook.xml": b"<workbook/>"}
    full = book | {f"xl/worksheets/sheet{n}.xml": zeros for n in range(4)}
    laughs = f'<?xml version="1.0"?>{DOCUMENTS["a billion laughs"]}'.encode()
    file = f'<?xml version="1.0"?>{DOCUMENTS["an entity of a file"]}'.encode()
    return {
        "a workbook that grows to gigabytes": (
            "t.xlsx", lying(archive(full), 0xFFFF_FF00),
        ),
        "a workbook that says it grows by a byte": ("t.xlsx", lying(archive(full), 1)),
        "a workbook of laughs": ("t.xlsx", archive(book | {"xl/sharedStrings.xml": laughs})),
        "a workbook of a file": ("t.xlsx", archive(book | {"xl/worksheets/sheet1.xml": file})),
        "a workbook of no sheets": ("t.xlsx", archive({"[Content_Types].xml": b"<Types/>"})),
        "a document of laughs": ("t.docx", archive({"word/document.xml": laughs})),
        "a document of a file": ("t.docx", archive({"word/document.xml": file})),
        "a document that grows": (
            "t.docx", lying(archive({"word/document.xml": zeros}), 0x7FFF_FFFF),
        ),
        "an archive in an archive": ("t.xlsx", archive({"a.zip": archive({"b.zip": zeros})})),
        "an archive of ways out": ("t.xlsx", archive({"../../../tmp/evil.txt": b"evil"})),
        "an archive of 20,000 names": ("t.xlsx", archive({f"{n}.xml": b"" for n in range(20_000)})),
        "an encrypted archive": ("t.xlsx", _encrypted()),
        "half an archive": ("t.xlsx", archive(book)[:-30]),
        "the start of an archive": ("t.docx", b"PK\x03\x04" + b"\x00" * 100),
        "a program": ("t.xlsx", b"\x7fELF\x02\x01\x01" + b"\x00" * 200),
    }  # fmt: skip


def files() -> Iterator[Hostile]:
    kind = "XML"
    for short, body in DOCUMENTS.items():
        yield _uploaded(kind, short, "t.xml", f'<?xml version="1.0"?>{body}'.encode())
    kind = "Archives"
    for short, (name, data) in _books().items():
        yield _uploaded(kind, short, name, data)
    kind = "Tables and lists"
    for short, name, data in (
        ("NUL only", "t.csv", b"\x00" * 10_000),
        ("one line of 70 MB of quotes", "t.csv", b'"' * (1 << 20)),
        ("20,000 columns", "t.csv", b",".join(b"c%d" % n for n in range(20_000)) + b"\r\n"),
        ("lists in lists, 100,000 deep", "t.json", b"[" * 100_000),
        ("a pickle", "t.json", b"\x80\x04\x95\x28\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix"),
        ("YAML that runs", "t.yaml", b"!!python/object/apply:os.system ['id']\n"),
        ("a picture", "t.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 100),
        ("nothing but a byte order mark", "t.csv", b"\xef\xbb\xbf"),
    ):
        yield _uploaded(kind, short, name, data)
    yield Hostile(
        kind, "nothing at all", "POST", "/api/imports?name=t.csv", 422, send={"content": b""}
    )
    for name, value in (
        ("format", "../../etc/passwd"), ("format", "__class__"), ("timezone", "../../etc/passwd"),
        ("timezone", "Nowhere/Town"), ("map", "text"), ("channel", "x"),
    ):  # fmt: skip
        path = f"/api/imports?name=t.csv&{name}={quote(value, safe='')}"
        send = {"content": b"text\r\nwords\r\n"}
        yield Hostile(kind, f"{name}={value}", "POST", path, 422, send=send)

    path = "/api/imports?name=t.csv&map=__class__=x"
    yield Hostile(
        kind, "map=__class__=x", "POST", path, 201, UNUSABLE, {"content": b"text\r\nwords\r\n"},
        holds=lambda place: place.is_unusable(),
    )  # fmt: skip


def _uploaded(kind: str, short: str, name: str, data: bytes) -> Hostile:
    return Hostile(
        kind, f"{short} as {name}", "POST", f"/api/imports?name={name}", 201, UNUSABLE,
        {"content": data}, holds=lambda place: place.is_unusable(),
    )  # fmt: skip
