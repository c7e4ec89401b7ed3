"""Minority voices: tight groups of few, found among what no theme holds, and read first."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from sqlmodel import Session

from tests.api.records import add_customer, add_theme, say
from vocloop.errors import InvalidInputError
from vocloop.themes.minority import tight_groups, usual_nearness
from vocloop.themes.minority_voices import minority_voices, write_groups
from vocloop.themes.space import unit
from vocloop_models import Customer, Feedback, FeedbackState


def scattered(sizes: list[int], spread: float, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    middles = random.standard_normal((len(sizes), 64))
    rows = np.concatenate([np.repeat(m[None], n, 0) for m, n in zip(middles, sizes, strict=True)])
    return unit((rows + spread * random.standard_normal(rows.shape)).astype(np.float32))


def test_groups_are_as_tight_as_themes_are_and_loners_stay_alone() -> None:
    points = np.concatenate([scattered([30, 30], 0.5), scattered([5, 4, 1, 1, 1, 1], 0.35, 2)])
    labels = np.array([0] * 30 + [1] * 30 + [-1] * 13, np.int32)
    usual = usual_nearness(labels, points)
    assert usual is not None
    assert 0.6 < usual < 0.9
    rest = points[60:]
    assert [rows for rows, _ in tight_groups(rest, usual)] == [[0, 1, 2, 3, 4], [5, 6, 7, 8]]
    assert tight_groups(rest, 0.99) == []
    order = np.random.default_rng(0).permutation(len(rest))
    again = [{int(order[i]) for i in rows} for rows, _ in tight_groups(rest[order], usual)]
    assert again == [set(range(5)), set(range(5, 9))]


def test_nothing_is_usual_without_themes_and_copies_are_as_near_as_can_be() -> None:
    points = scattered([4], 0.0)
    assert usual_nearness(np.full(4, -1, np.int32), points) is None
    assert tight_groups(points[:0], 0.5) == []
    assert tight_groups(points, 0.9) == [([0, 1, 2, 3], pytest.approx(1, abs=1e-4))]


@pytest.fixture
def voices(session: Session) -> dict[str, uuid.UUID]:
    """Two groups, of three companies and of one, two single voices; one themed, one waiting."""
    a, b, c = (add_customer(session, name) for name in "ABC")

    def said(text: str, customer: Customer | None, **more: object) -> uuid.UUID:
        return say(session, text, customer=customer, **more).id  # type: ignore[arg-type]

    ids = {
        "loud1": said("請求書のＰＤＦが開かない", a, language="ja"),
        "loud2": said("ＰＤＦが開けない", a, language="ja"),
        "loud3": said("PDFが開かず困る", a, language="ja"),
        "few1": said("Dark mode at night", a),
        "few2": said("Please add dark mode", b),
        "few3": said("Dark mode", c),
        "single1": said("The office plants", None),
        "single2": said("Parking space", b),
    }
    say(session, "Dark mode too", theme=add_theme(session), customer=b)
    say(session, "Dark mode is waiting", customer=b, state=FeedbackState.RECEIVED)
    loud = [ids[f"loud{i}"] for i in (1, 2, 3)]
    write_groups(session, [(loud, 0.9), ([ids[f"few{i}"] for i in (1, 2, 3)], 0.8)])
    return ids


def told(session: Session, **asked: object) -> list[tuple[int, list[str]]]:
    page = minority_voices(session, **asked)  # type: ignore[arg-type]
    return [(row.customers, [voice.text for voice in row.voices]) for row in page.rows]


def test_groups_come_first_by_companies_then_the_newest_single_voices(
    session: Session, voices: dict[str, uuid.UUID]
) -> None:
    found = told(session)
    assert [customers for customers, _ in found] == [3, 1, 1, 0]
    assert found[0][1] == ["Dark mode at night", "Please add dark mode", "Dark mode"]
    assert [texts[0] for _, texts in found[2:]] == ["Parking space", "The office plants"]


def test_pages_join_without_a_gap(session: Session, voices: dict[str, uuid.UUID]) -> None:
    whole, cursor = told(session), None
    pieces = []
    while True:
        page = minority_voices(session, cursor=cursor, limit=1)
        pieces += [(r.customers, [v.text for v in r.voices]) for r in page.rows]
        assert page.groups == 2
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pieces == whole
    with pytest.raises(InvalidInputError, match="cursor"):
        minority_voices(session, cursor="stolen")


def test_words_are_found_in_either_width_and_language_filters(
    session: Session, voices: dict[str, uuid.UUID]
) -> None:
    assert [len(texts) for _, texts in told(session, text="pdf 請求書")] == [3]
    assert [texts[0] for _, texts in told(session, text="ＰＡＲＫＩＮＧ")] == ["Parking space"]
    assert [len(texts) for _, texts in told(session, language="ja")] == [3]
    assert told(session, text="no such words") == []


def test_a_group_that_people_emptied_is_none_and_the_last_one_is_single(
    session: Session, voices: dict[str, uuid.UUID]
) -> None:
    from vocloop.themes.facts import move

    move(session, [voices["few1"], voices["few2"]], add_theme(session).id)
    found = told(session)
    assert [texts for _, texts in found if "Dark mode" in texts] == [["Dark mode"]]
    assert minority_voices(session).groups == 1


def test_copies_by_the_same_person_make_no_group(
    session: Session, voices: dict[str, uuid.UUID]
) -> None:
    before = minority_voices(session).groups
    page = minority_voices(session)
    group = next(row for row in page.rows if row.group_id)
    first, *others = (session.get_one(Feedback, each.feedback_id) for each in group.voices)
    for each in others:
        each.repeats_id = first.id
    session.flush()
    assert minority_voices(session).groups == before - 1
