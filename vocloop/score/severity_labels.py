"""``vocloop score severity --labels``: what labelled rows of a file teach about another file.

The lesson is the one that a workspace learns (severity_adapt.py), from the same kinds of label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vocloop.errors import InvalidInputError
from vocloop.score.files import read_voices
from vocloop.score.severity import MARKS, PRIORITIES, Voice, rating_odds, said_odds, traits
from vocloop.score.severity_adapt import (
    MAX_LABELS,
    MIN_LABELS,
    WORTH,
    Lesson,
    Taught,
    Teaching,
    learn,
    nearby,
    tried,
)
from vocloop.score.severity_head import Floats, Reading

Read = Callable[[list[str]], Sequence[Reading]]
Encode = Callable[[list[str]], Floats]


@dataclass(frozen=True)
class FileLesson:
    """labels: rows that taught. taught: None when it would not clearly do better than the words."""

    labels: int
    lesson: Lesson
    taught: Taught | None


def learn_file(source: str, read: Read | None, encode: Encode) -> FileLesson:
    """Rows {"id", "text", "language"?} with any of "severity": 0–1 (a person's word on this text),
    "mark": 1–4, "priority", "rating" with "rating_scale"; rows with none of them are left out, and
    those after the first MAX_LABELS. encode: texts to (n, d) vectors of length 1.

    Raises InvalidInputError with every bad row named, and for fewer than MIN_LABELS
    different texts with a label."""
    voices, labels = [], []
    for voice in read_voices(source):
        found = _labels(voice)
        if found:
            voices.append(voice)
            labels.append(found)
    voices, labels = voices[:MAX_LABELS], labels[:MAX_LABELS]
    texts = [voice.text for voice in voices]
    if (different := len(set(texts))) < MIN_LABELS:
        raise InvalidInputError(
            f"{source} has {different} different texts with a label; {MIN_LABELS} are the least "
            "that teach: write severity (0 to 1), mark (1 to 4), priority, or rating and "
            "rating_scale"
        )
    readings: Sequence[Reading | None] = read(texts) if read else [None] * len(texts)
    known = traits(
        [
            Voice(v.text, v.language, reading=reading)
            for v, reading in zip(voices, readings, strict=True)
        ]
    )
    weights = np.array([sum(WORTH[kind] for kind in row) for row in labels])
    sums = [sum(WORTH[kind] * odds for kind, odds in row.items()) for row in labels]
    targets, vectors = np.array(sums) / weights, encode(texts)
    # The same words twice are one lesson: neither may judge the other.
    group = np.unique(np.array(texts), return_inverse=True)[1].astype(np.int64)
    lesson = tried(vectors, known, targets, weights, group)
    taught = learn("", vectors, known, targets, weights) if lesson.used else None
    return FileLesson(len(labels), lesson, taught)


def with_teaching(taught: Taught, voices: Sequence[Voice], encode: Encode) -> list[Voice]:
    """The voices, each with what was taught of it."""
    near = nearby(taught, encode([voice.text for voice in voices]))
    return [
        replace(voice, teaching=Teaching(float(part), taught.slopes))
        for voice, part in zip(voices, near, strict=True)
    ]


def _labels(voice: Voice) -> dict[str, float]:
    """Log-odds by kind of label. A correction is about the statement: it stands alone."""
    if voice.correction is not None:
        return {"correction": said_odds(voice.correction)}
    labels = {}
    if voice.mark is not None:
        labels["mark"] = MARKS[voice.mark]
    if voice.priority is not None:
        labels["priority"] = PRIORITIES[voice.priority]
    if voice.rating is not None and voice.scale is not None:
        labels["rating"] = rating_odds(voice.rating, voice.scale)
    return labels
