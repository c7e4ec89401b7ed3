"""A packed model small enough to write by hand, and the real one, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vocloop.encode.packing import packed
from vocloop.encode import Encoder, load_encoder


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "tiny-q4.bin"
    path.write_bytes(packed())
    return path


@pytest.fixture(scope="session")
def encoder(model_cache: Path) -> Encoder:
    return load_encoder("e5", model_cache, "float32")
