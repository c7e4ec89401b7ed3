"""Tables out of Excel workbooks (.xlsx), row by row."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from vocloop.errors import InvalidInputError
from vocloop.intake.rows import Cells, Refusal

# What the parts of a workbook or document may hold once unpacked. A million rows of tickets take
# about 300 MB; a bomb unpacks to a thousand times its size.
LARGEST_UNPACKED = 512 * 1024 * 1024
# Read whole into memory: the texts of a workbook, the body of a document.
LARGEST_PART = 128 * 1024 * 1024
_IN_MEMORY = ("xl/sharedStrings.xml", "xl/styles.xml", "word/document.xml")


def parts_of(stream: IO[bytes], name: str) -> list[str]:
    """The names in a zip archive. Raises InvalidInputError for a broken one, or one that would
    unpack to more than can be read."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise InvalidInputError(f"{name} is a broken archive ({error}); save it again") from error
    unpacked = sum(member.file_size for member in members)
    biggest = max((each.file_size for each in members if each.filename in _IN_MEMORY), default=0)
    if unpacked > LARGEST_UNPACKED or biggest > LARGEST_PART:
        raise InvalidInputError(
            f"{name} unpacks to {max(unpacked, biggest) // 2**20:,} MB, more than is read from an"
            " archive; save it as CSV"
        )
    if any(member.flag_bits & 1 for member in members):
        raise InvalidInputError(f"{name} is protected by a password; save it without one")
    return [member.filename for member in members]


def workbook_rows(stream: IO[bytes], name: str) -> Iterator[Cells | Refusal]:
    """The rows of the first sheet that holds any, and of others with the same header; of further
    sheets it is said that they were not read."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that nobody reads here
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises what its parts raise: KeyError, ParseError …
        raise InvalidInputError(
            f"{name} can't be read as a workbook ({_told(error)}); save it as CSV"
        ) from error
    try:
        header: list[str] | None = None
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()
            rows = _sheet(sheet, name)
            first = next(rows, None)
            if first is None:
                continue
            if header is None and isinstance(first, Cells):
                header = first.cells
                yield first
                yield from rows
            elif isinstance(first, Cells) and first.cells == header:
                yield from rows
            else:
                yield Refusal(
                    first.line,
                    f"sheet '{sheet.title[:60]}' has another header than the first and is not"
                    " read; save it as a file of its own",
                )
    finally:
        book.close()


def _sheet(sheet: Any, name: str) -> Iterator[Cells | Refusal]:
    number = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = [_written(value) for value in row]
                if any(cell.strip() for cell in cells):
                    yield Cells(number, cells)
    except Exception as error:  # noqa: BLE001 - a broken sheet breaks in whichever library reads it
        yield Refusal(number + 1, f"{name} breaks off here ({_told(error)}); save it as CSV")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200].splitlines()[0]


def _written(value: Any) -> str:
    """A cell as it would stand in a CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value)
