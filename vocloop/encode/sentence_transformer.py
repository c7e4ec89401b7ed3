"""Any model that sentence-transformers can load, from a folder or by its Hugging Face name."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vocloop.encode.port import Progress
from vocloop.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Texts in a second of one core, best of six runs of the default model, for batches of 32, 48, 64:
# 72, 65, 63 of 500 banking questions (en) and 45, 42, 43 of 500 vehicle defects (ja).
_BATCH_SIZE = 32

# The prompt of the E5 family for comparing texts with each other (their model cards). The
# instruction-tuned ones among them want none in front of plain texts.
_E5_PROMPT = "query: "
_E5_NAME = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])")

Precision = Literal["auto", "float32", "bfloat16"]

# The first and the last bytes of a file tell models apart: training changes every weight.
_FINGERPRINT_BYTES = 1 << 16


class SentenceTransformerEncoder:
    """An Encoder over a SentenceTransformer.

    ``model`` is a folder or a Hugging Face name; a folder is read without any network access.
    ``name`` replaces the identity that is otherwise the Hugging Face name, or the folder's name
    with a fingerprint of its files. ``precision``: what it works in; "auto" is the faster on this
    processor (docs/decisions/0019). Raises EncoderError when the model can't be loaded.
    """

    def __init__(
        self, model: str | Path, *, name: str | None = None, precision: Precision = "auto"
    ) -> None:
        import torch  # here, as it takes seconds: only who encodes waits for it

        folder = _folder(model)
        self._model = load_model(model)
        if precision == "auto":
            able = torch.cpu.get_capabilities()
            # As vectors they were faster than float32 on AMD (which has SSE4a), slower on Intel.
            quicker = able.get("amx_bf16") or (able.get("avx512_bf16") and able.get("sse4a"))
            precision = "bfloat16" if quicker and not torch.cuda.is_available() else "float32"
        if precision == "bfloat16":
            self._model.bfloat16()
        self._torch, self._threads = torch, torch.get_num_threads()
        # Tokenisers keep the padding of the call they are in; two threads at once break that.
        self._lock = Lock()
        self.prompt = _prompt(
            self._model.prompts, self._model.default_prompt_name, _family(model, folder)
        )
        self.name = name or (f"{folder.name}@{_fingerprint(folder)}" if folder else str(model))
        self.dimensions = int(self._vectors(["a"]).shape[1])

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """See Encoder.encode. Characters that UTF-8 can't hold (lone surrogates) become "?"."""
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        vectors = np.empty((len(clean), self.dimensions), dtype=np.float32)
        done = 0
        for batch in _batches(self._lengths(clean)):
            vectors[batch] = self._vectors([clean[index] for index in batch])
            done += len(batch)
            if progress:
                progress(done, len(clean))
        return vectors

    def _lengths(self, texts: list[str]) -> list[int]:
        """Tokens of each text; without a Hugging Face tokeniser its bytes, as a stand-in."""
        from transformers import PreTrainedTokenizerBase

        tokenizer = self._model.tokenizer
        if not texts or not isinstance(tokenizer, PreTrainedTokenizerBase):
            return [len(text.encode()) for text in texts]
        with self._lock:
            tokens = tokenizer(texts, truncation=True, max_length=self._model.max_seq_length)
        return [len(ids) for ids in tokens["input_ids"]]

    def _vectors(self, batch: list[str]) -> NDArray[np.float32]:
        with self._lock, self._torch.inference_mode():
            # One text is too little to share: 5 % slower alone, but threads that helped turn in
            # circles for more, and took half of the time of a search by numpy right after it.
            self._torch.set_num_threads(self._threads if len(batch) > 1 else 1)
            try:
                raw = self._model.encode(
                    batch, prompt=self.prompt, batch_size=len(batch), show_progress_bar=False
                )
            finally:
                # It is the process's own: the next model reads it.
                self._torch.set_num_threads(self._threads)
        vectors = np.asarray(raw, dtype=np.float32)
        # Here and not in the model: half-precision models do not reach length 1 themselves.
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        usable = np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)
        if not usable.all():
            text = batch[int(np.flatnonzero(~usable)[0])]
            raise EncoderError(
                f"the model gave no usable vector for the text {text[:60]!r};"
                " set VOCLOOP_ENCODER_MODEL to another model"
            )
        unit: NDArray[np.float32] = vectors / lengths
        return unit


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts in batches of like length, since each is padded to its batch's longest.

    Longest first: what does not fit into memory fails at once.
    """
    order = sorted(range(len(lengths)), key=lambda index: lengths[index], reverse=True)
    start = 0
    while start < len(order):
        longest = lengths[order[start]]
        batch = order[start : start + _BATCH_SIZE]
        # One long text among short ones would make all of them long: no more than three tenths of a
        # batch may be padding. With a half, E5 took an eighth longer for 150 texts.
        batch = [index for index in batch if lengths[index] * 10 >= longest * 7]
        yield batch
        start += len(batch)


def load_model(model: str | Path) -> SentenceTransformer:
    """Load a folder (without any network access) or a Hugging Face name, silently.

    Raises EncoderError that says what to do.
    """
    from sentence_transformers import SentenceTransformer

    folder = _folder(model)
    try:
        with quiet():
            return SentenceTransformer(str(folder or model), local_files_only=folder is not None)
    except Exception as error:  # the libraries below raise kinds of their own
        raise EncoderError(_cant_load(model, folder, error)) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' bars and sentence-transformers' note on prompts off the terminal.

    Only these two: any other message is about the model and worth reading.
    """
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    def is_worth_reading(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Default prompt name is set to")

    loggers = [logging.getLogger(base.__module__) for base in SentenceTransformer.__mro__]
    had_bar = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    for logger in loggers:
        logger.addFilter(is_worth_reading)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(is_worth_reading)
        if had_bar:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _folder(model: str | Path) -> Path | None:
    """The folder that ``model`` names, or None for a Hugging Face name."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    # Hugging Face names are "name" or "owner/name"; anything else was meant as a folder.
    if isinstance(model, Path) or not re.fullmatch(r"[\w-][\w.-]*(/[\w.-]+)?", model):
        raise EncoderError(
            f"encoder model {str(model)!r} is not a folder;"
            " set VOCLOOP_ENCODER_MODEL to a model's folder or Hugging Face name"
        )
    return None


def _prompt(prompts: dict[str, str | None], default: str | None, family: str) -> str:
    """The model's own default prompt, else its "query" prompt, else its family's, else none."""
    for name in (default, "query"):
        # Models without prompts have empty ones.
        if name and prompts.get(name):
            return prompts[name] or ""
    family = family.lower()
    return _E5_PROMPT if _E5_NAME.search(family) and "instruct" not in family else ""


def _family(model: str | Path, folder: Path | None) -> str:
    """What is known of the model's origin: its name, and the one noted when it was saved."""
    if folder is None:
        return str(model)
    # Hugging Face's cache keeps a model as models--owner--name/snapshots/<commit>.
    name = folder.parent.parent.name if folder.parent.name == "snapshots" else folder.name
    try:
        noted = json.loads((folder / "config.json").read_text("utf-8")).get("_name_or_path", "")
    except (OSError, ValueError):
        return name
    return f"{name} {noted}"


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.name.startswith(".") or path.suffix == ".md" or not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(_FINGERPRINT_BYTES))
            file.seek(max(0, size - _FINGERPRINT_BYTES))
            digest.update(file.read())
    return digest.hexdigest()[:12]


def _cant_load(model: str | Path, folder: Path | None, error: Exception) -> str:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    if folder:
        return (
            f"encoder model in {folder} can't be loaded ({reason});"
            " set VOCLOOP_ENCODER_MODEL to the folder of a sentence-transformers model"
        )
    return (
        f"encoder model {str(model)!r} can't be loaded from Hugging Face ({reason});"
        " go online once so that it can be downloaded,"
        " or set VOCLOOP_ENCODER_MODEL to the folder of a model on this machine"
    )
