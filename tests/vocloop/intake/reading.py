"""Files read the way ``vocloop ingest`` reads them, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import find, record
from vocloop.intake.files import FileFormat, Row, open_rows
from vocloop.intake.records import FeedbackIn

TOKYO = ZoneInfo("Asia/Tokyo")


def read(
    path: Path, *, file_format: FileFormat | None = None, beside: Sequence[Path] = ()
) -> tuple[list[FeedbackIn], list[tuple[int, str]], str, str]:
    """(voices, refused rows as (line, reason), format, encoding)."""
    voices: list[FeedbackIn] = []
    refused: list[tuple[int, str]] = []
    with open_rows(path, file_format=file_format, beside=beside) as opened:
        for entry in opened.entries:
            if not isinstance(entry, Row):
                refused.append((entry.line, entry.reason))
                continue
            try:
                found = record(
                    find("feedback", entry.values), entry.values, timezone=TOKYO, source="s"
                )
            except InvalidInputError as error:
                refused.append((entry.line, str(error)))
                continue
            assert isinstance(found, FeedbackIn)
            voices.append(found)
        return voices, refused, opened.format, opened.encoding
