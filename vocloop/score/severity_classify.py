"""Severity from a zero-shot classifier of the ``transformers`` library, instead of the head.

Such a model (one fine-tuned on natural language inference, for example a multilingual XNLI model)
is asked how much each statement agrees with a sentence about every level of severity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vocloop.errors import EncoderError
from vocloop.score.severity_head import Reading

# One sentence a level, 0 to 4, as the levels are told apart in examples/severity/README.md.
LEVELS = (
    "praise or thanks; nothing is wrong",
    "a wish, a question or something cosmetic",
    "a small annoyance that one can work around",
    "a serious problem: something important fails, or costs time and money",
    "an emergency: work is blocked, or there is harm, danger, loss or a threat to leave",
)
TEMPLATE = "This message is about {}."
BATCH = 16
# Log-odds of one level, as of the head (its slope), around a level that hurts half.
SLOPE, MIDDLE = 1.25, 2.0

Classify = Callable[[Sequence[str]], list[Reading]]


def zero_shot(model: str) -> Classify:
    """A function from texts to readings by ``model``, a Hugging Face name or a folder.

    Raises EncoderError when the model can't be loaded or is none for inference."""
    advice = (
        "VOCLOOP_SEVERITY_MODEL names a Hugging Face model for zero-shot classification or its "
        "folder; leave it empty for the head that comes with vocloop"
    )
    try:
        from transformers import pipeline

        classify: Any = pipeline("zero-shot-classification", model=model, device=-1)
    except Exception as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise EncoderError(f"the model {model!r} can't be loaded ({said[0]}); {advice}") from error
    if classify.entailment_id == -1:
        raise EncoderError(
            f"the model {model!r} has no label 'entailment', so it can't classify; {advice}"
        )

    def read(texts: Sequence[str]) -> list[Reading]:
        # An empty text is nothing to be sure of: the model refuses it.
        asked = [text if text.strip() else "…" for text in texts]
        found = classify(
            asked, list(LEVELS), hypothesis_template=TEMPLATE, multi_label=False, batch_size=BATCH
        )
        return [
            Reading(
                SLOPE
                * float(
                    np.dot([LEVELS.index(label) for label in answer["labels"]], answer["scores"])
                    - MIDDLE
                )
            )
            for answer in found
        ]

    return read
