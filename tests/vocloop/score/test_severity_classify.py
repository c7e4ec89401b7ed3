"""A zero-shot classifier of the transformers library stands in for the head when one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocloop.errors import EncoderError
from vocloop.score.severity_classify import LEVELS, SLOPE, zero_shot

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.model


def untrained(folder: Path, labels: list[str]) -> str:
    """A model of the right shape that knows nothing, and a vocabulary of letters."""
    letters = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(letters), "utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    shape = transformers.BertConfig(
        vocab_size=len(letters), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
    )  # fmt: skip
    transformers.BertForSequenceClassification(shape).save_pretrained(folder)
    return str(folder)


def test_each_text_gets_a_reading_between_the_lowest_and_the_highest_level(tmp_path: Path) -> None:
    read = zero_shot(untrained(tmp_path, ["contradiction", "neutral", "entailment"]))
    readings = read(["it is down", "", "thanks"])
    assert len(readings) == 3
    assert all(abs(reading.log_odds) <= SLOPE * (len(LEVELS) - 1) / 2 for reading in readings)


@pytest.mark.parametrize("model", ["/no/such/folder", ""])
def test_a_missing_model_is_told_with_the_setting_to_mend(tmp_path: Path, model: str) -> None:
    with pytest.raises(EncoderError, match="VOCLOOP_SEVERITY_MODEL"):
        zero_shot(model or str(tmp_path))


def test_a_model_that_infers_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="entailment"):
        zero_shot(untrained(tmp_path, ["bad", "good"]))
