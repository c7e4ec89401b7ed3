"""Names in texts that say nothing of what the texts speak of."""

from __future__ import annotations

import random

from vocloop.themes.names import of_texts

TOPICS = {
    "card": "the card was declined at the shop again and nobody could pay with it",
    "login": "cannot sign in because the code never arrives on the phone",
    "fee": "was charged a fee twice for one transfer to another account",
    "report": "need the monthly report as a file that opens in a spreadsheet",
}
NAMES = ("Kaldexo", "Mirapay", "Zentrova")


def texts(topics_of: dict[str, list[str]], each: int = 60) -> list[str]:
    """``each`` texts a name, of the topics it goes with, words dropped at random."""
    draw = random.Random(1)  # noqa: S311
    made = []
    for name, topics in topics_of.items():
        for _ in range(each):
            words = [w for w in TOPICS[draw.choice(topics)].split() if draw.random() < 0.8]
            made.append(f"{name}: {' '.join(words)}")
    draw.shuffle(made)
    return made


def test_a_name_that_goes_with_any_topic_is_none() -> None:
    given = texts({name: list(TOPICS) for name in NAMES})
    assert of_texts(given) == [text.split(":")[0] for text in given]


def test_a_name_that_goes_with_one_topic_is_that_topic() -> None:
    given = texts(dict(zip(NAMES, [["card"], ["login"], ["fee"]], strict=True)))
    assert of_texts(given) == [None] * len(given)


def test_a_rare_word_and_one_in_every_text_are_left_alone() -> None:
    given = [f"Kaldexo {text.split(':', 1)[1]}" for text in texts({"x": list(TOPICS)})]
    assert of_texts(given) == [None] * len(given)
    assert of_texts(["Mirapay fails", *given])[0] is None


def test_no_texts_hold_no_names() -> None:
    assert of_texts([]) == []
