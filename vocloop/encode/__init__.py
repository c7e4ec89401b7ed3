"""Encode: texts in Japanese and English become vectors of one space."""

from __future__ import annotations

from pathlib import Path

from vocloop.encode.offline import identity, prepare_default
from vocloop.encode.port import Encoder, Progress
from vocloop.encode.sentence_transformer import SentenceTransformerEncoder

__all__ = ["Encoder", "Progress", "load_encoder", "prepare_default"]


def load_encoder(model: str | None, cache: Path) -> Encoder:
    """Load ``model``: a folder, a Hugging Face name, or the offline default.

    None, "" and "default" mean the default, which is prepared in ``cache`` first if need be.
    Raises EncoderError when the model can't be found, read or used.
    """
    if not model or model == "default":
        folder = prepare_default(cache)
        return SentenceTransformerEncoder(folder, name=identity(folder))
    return SentenceTransformerEncoder(model)
