"""What comes out of a folder of exports, row by row, to be compared with the files by eye.

    python benchmarks/exports.py FOLDER [--beside] [--timezone Asia/Tokyo]

prints a Markdown table: one line a row, with the values as they will be stored, or the reason why
it is refused. With ``--beside`` the files are read together, as ``vocloop ingest FOLDER/*`` does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import find, record
from vocloop.intake.files import Row, open_rows
from vocloop.intake.records import FeedbackIn

_SHOWN = ("line", "id", "said at", "customer", "contact", "rating", "priority", "tags", "language")
_SHOWN_CHARACTERS = 60


def rows_of(path: Path, beside: Sequence[Path], zone: ZoneInfo) -> tuple[str, list[list[str]]]:
    """(format and encoding, one list of cells a row); the last cell is the text or the reason."""
    rows: list[list[str]] = []
    with open_rows(path, beside=beside) as opened:
        for entry in opened.entries:
            if not isinstance(entry, Row):
                rows.append(
                    [str(entry.line), *[""] * (len(_SHOWN) - 1), f"refused: {entry.reason}"]
                )
                continue
            try:
                names = find("feedback", entry.values)
                voice = record(names, entry.values, timezone=zone, source=path.stem)
            except InvalidInputError as error:
                rows.append([str(entry.line), *[""] * (len(_SHOWN) - 1), f"refused: {error}"])
                continue
            assert isinstance(voice, FeedbackIn)  # noqa: S101 - asked for feedback above
            rows.append(_cells(entry.line, voice))
        return f"{opened.format}, {opened.encoding}", rows


def _cells(line: int, voice: FeedbackIn) -> list[str]:
    customer = voice.customer
    rating = f"{voice.rating:g} {voice.rating_scale}" if voice.rating is not None else ""
    return [
        str(line),
        voice.external_id or "(by content)",
        voice.said_at.isoformat() if voice.said_at else "",
        " ".join(filter(None, (customer.external_id, customer.name))) if customer else "",
        voice.contact or "",
        rating,
        str(voice.priority or ""),
        ", ".join(voice.tags),
        voice.language or "",
        voice.text,
    ]


def _shown(cell: str) -> str:
    flat = " ".join(cell.split()).replace("|", "\\|")
    return flat if len(flat) <= _SHOWN_CHARACTERS else f"{flat[:_SHOWN_CHARACTERS]}…"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--beside", action="store_true", help="read the files together")
    parser.add_argument("--timezone", default="Asia/Tokyo", help="zone of times that name none")
    given = parser.parse_args()
    files = sorted(each for each in given.folder.iterdir() if each.suffix not in {".md", ".py"})
    zone = ZoneInfo(given.timezone)
    taken = refused = 0
    for path in files:
        beside = [each for each in files if each != path] if given.beside else []
        try:
            what, rows = rows_of(path, beside, zone)
        except InvalidInputError as error:
            print(f"\n### {path.name}\n\nrefused as a whole: {error}")
            continue
        print(f"\n### {path.name} ({what})\n")
        print(f"| {' | '.join((*_SHOWN, 'text'))} |\n|{'---|' * (len(_SHOWN) + 1)}")
        for row in rows:
            print(f"| {' | '.join(map(_shown, row))} |")
            refused += row[-1].startswith("refused: ")
            taken += not row[-1].startswith("refused: ")
    print(f"\n{len(files)} files: {taken} voices, {refused} rows refused")


if __name__ == "__main__":
    main()
