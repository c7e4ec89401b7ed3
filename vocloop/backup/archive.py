"""A workspace in one file: a zip of one JSONL file a table, and manifest.json.

``unzip -p FILE tables/theme.jsonl | sha256sum`` gives the checksum that the manifest tells.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vocloop.backup import rows
from vocloop.backup.rows import Held
from vocloop.backup.snapshot import Snapshot
from vocloop.errors import InvalidInputError
from vocloop_models import now

_FORMAT = "vocloop-backup"
# Raise it when the lines or the manifest change, so that an older version refuses newer files.
_LAYOUT = 1
_MANIFEST = "manifest.json"
# Vectors hardly get smaller; a higher level only takes longer.
_LEVEL = 1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, NotImplementedError)


def _entry(table: str) -> str:
    return f"tables/{table}.jsonl"


def write_archive(source: Snapshot, path: Path, database: str) -> Mapping[str, Held]:
    """Write all tables to ``path``: whole, or not at all. Only its owner may read it: it holds the
    workspace's keys."""
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
                for name in source.columns:
                    with packed.open(_entry(name), "w", force_zip64=True) as entry:
                        for line in source.lines(name):
                            entry.write(line)
                packed.writestr(_MANIFEST, json.dumps(_manifest(source, database), indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return source.held


def _manifest(source: Snapshot, database: str) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "layout": _LAYOUT,
        "version": version("vocloop"),
        "revision": source.revision,
        "database": database,
        "made_at": now().isoformat(),
        "tables": {
            name: {"columns": source.columns[name], **vars(held)}
            for name, held in source.held.items()
        },
    }


class Archive:
    """A backup that is read. Raises InvalidInputError for a file that is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._packed = zipfile.ZipFile(path)
            manifest = json.loads(self._packed.read(_MANIFEST))
            known = manifest["format"] == _FORMAT
        except (*_DAMAGED, ValueError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise InvalidInputError(
                f"{path} can't be read as a backup of vocloop ({reason}); it may be cut off, or"
                " another kind of file"
            ) from error
        if not known or manifest["layout"] != _LAYOUT:
            raise InvalidInputError(
                f"{path} was made by vocloop {manifest.get('version')} in a form that this version"
                " does not know; restore it with that version"
            )
        self.version = str(manifest["version"])
        self.revision = str(manifest["revision"])
        self.made_at = str(manifest["made_at"])
        tables: Mapping[str, Any] = manifest["tables"]
        self.columns = {name: list(told["columns"]) for name, told in tables.items()}
        self.held = {name: Held(told["rows"], told["sha256"]) for name, told in tables.items()}

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._packed.close()

    def lines(self, name: str) -> Iterator[bytes]:
        with self._packed.open(_entry(name)) as entry:
            yield from entry

    def check(self) -> None:
        """Read all of it. Raises InvalidInputError that names every table that is not as it was
        written."""
        problems = [
            (name, problem) for name in self.columns if (problem := self._problem(name)) is not None
        ]
        if problems:
            raise InvalidInputError(
                f"{self.path} is damaged, nothing was restored; use another backup", problems
            )

    def _problem(self, name: str) -> str | None:
        wanted = self.held[name]
        try:
            found = rows.held(self.lines(name))
        except KeyError:
            return "is missing from the file"
        except _DAMAGED as error:
            return f"can't be unpacked ({error})"
        if found.rows != wanted.rows:
            return f"holds {found.rows:,} rows; {wanted.rows:,} were written"
        if found != wanted:
            return f"its checksum is {found.sha256[:12]}…; {wanted.sha256[:12]}… was written"
        return None
