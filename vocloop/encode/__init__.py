"""Encode: texts in Japanese and English become vectors of one space."""

from __future__ import annotations

from pathlib import Path

from vocloop.encode.offline import identity, prepare_default
from vocloop.encode.pair import PairEncoder
from vocloop.encode.port import Encoder, Progress
from vocloop.encode.sentence_transformer import SentenceTransformerEncoder
from vocloop.encode.universal import UniversalEncoder

__all__ = ["Encoder", "Progress", "load_encoder", "prepare_default"]

# The offline models: a pair by default, or the first of it alone.
DEFAULT, E5 = "default", "e5"
# E5's vectors lie in a narrow cone: centred they are less than half as long as the other's. With
# this share both move a theme alike (measured: .37 and .34 after centring on banking77).
BALANCE = 0.92


def load_encoder(model: str | None, cache: Path) -> Encoder:
    """Load ``model``: a folder, a Hugging Face name, or one that needs no network: "default"
    (None, ""), a pair of multilingual-e5-small and the Universal Sentence Encoder, or "e5".

    E5's folder is prepared in ``cache`` first if need be.
    Raises EncoderError when the model can't be found, read or used.
    """
    if model and model not in {DEFAULT, E5}:
        return SentenceTransformerEncoder(model)
    folder = prepare_default(cache)
    e5 = SentenceTransformerEncoder(folder, name=identity(folder))
    return e5 if model == E5 else PairEncoder(e5, UniversalEncoder(), BALANCE)
