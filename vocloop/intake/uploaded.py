"""An uploaded file on the disk, for as long as it is read."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Engine, select
from sqlmodel import col

from vocloop.errors import InvalidInputError
from vocloop.intake.imports import get, read_options
from vocloop.intake.reader import Options
from vocloop.keys import workspace_cipher
from vocloop_models import ImportPart
from vocloop_models.database import reading, transaction

_FOLDER = "vocloop-import-"
_LOCK = ".lock"


@contextmanager
def on_disk(engine: Engine, import_id: uuid.UUID) -> Iterator[tuple[Options, Path]]:
    """The options of an import and its file, in a folder that only this user can read and no other
    worker has, gone afterwards. Raises InvalidInputError when the file is gone already; such an
    error inside does not tell where it lay."""
    with _folder(import_id) as folder:
        with transaction(engine) as session:
            cipher = workspace_cipher(session)
        with reading(engine) as session:
            job = get(session, import_id)
            path = folder / (Path(job.name).name[-100:] or "file")
            query = select(col(ImportPart.data)).where(col(ImportPart.import_id) == import_id)
            path.touch(mode=0o600)
            with path.open("wb") as stream:
                for data in session.scalars(query.order_by(col(ImportPart.number))):
                    stream.write(cipher.decrypt(data))
            options = read_options(job.options)
            if options.voices_only:
                options = replace(options, submitted_by=job.by)
        if not path.stat().st_size:
            raise InvalidInputError("the uploaded file is gone; upload it again")
        try:
            yield options, path
        except InvalidInputError as error:
            error.args = (str(error).replace(f"{folder}/", ""),)
            raise


@contextmanager
def _folder(import_id: uuid.UUID) -> Iterator[Path]:
    """A folder of one's own. Those that killed workers left of the import are removed: the locks in
    them went with their processes."""
    prefix = f"{_FOLDER}{import_id}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # Not another worker's, who has the lock.
        with suppress(OSError), FileLock(left / _LOCK, timeout=0):
            shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder,
        FileLock(Path(folder) / _LOCK),
    ):
        yield Path(folder)
