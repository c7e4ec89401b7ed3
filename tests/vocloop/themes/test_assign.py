"""A new statement's theme, by the vote of what is known."""

from __future__ import annotations

import uuid

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import WordEncoder
from vocloop.themes.assign import KnownThemes
from vocloop.themes.discover import VOTE

WORDS = {"export": "csv export month end stops", "login": "phone app signs out again"}
THEMES = {name: uuid.uuid5(uuid.NAMESPACE_DNS, name) for name in WORDS}
encode = WordEncoder().encode


def known(each: int = 20, *, unassigned: int = 0) -> KnownThemes:
    """``each`` statements a theme in English; ``unassigned`` ones say the same as "export"."""
    texts = [f"{words} {i}" for words in WORDS.values() for i in range(each)]
    themes: list[uuid.UUID | None] = [t for t in THEMES.values() for _ in range(each)]
    texts += [f"{WORDS['export']} more{i}" for i in range(unassigned)]
    themes += [None] * unassigned
    ids = [uuid.uuid5(uuid.NAMESPACE_DNS, text) for text in texts]
    return KnownThemes(ids, encode(texts), ["en"] * len(texts), themes)


def test_it_gives_the_theme_of_what_was_said_alike() -> None:
    found = known().assign(encode([f"{words} new" for words in WORDS.values()]), ["en", "en"])
    assert [each[0] for each in found if each] == list(THEMES.values())
    assert all(each and VOTE <= each[1] <= 1 for each in found)


def test_another_language_finds_the_same_theme() -> None:
    (found,) = known().assign(encode(["月末 書き出し 途中 切れる"]), ["ja"])
    assert found is not None
    assert found[0] == THEMES["export"]


def test_unassigned_neighbours_vote_against_any_theme() -> None:
    new = encode([f"{WORDS['export']} new"])
    (sure,) = known().assign(new, ["en"])
    (unsure,) = known(unassigned=60).assign(new, ["en"])
    assert sure is not None
    assert unsure is None or unsure[1] < sure[1]


def test_only_unassigned_neighbours_give_no_theme() -> None:
    texts = [f"{WORDS['export']} {i}" for i in range(20)]
    lonely = KnownThemes([uuid.uuid4() for _ in texts], encode(texts), ["en"] * 20, [None] * 20)
    assert lonely.assign(encode([WORDS["export"]]), ["en"]) == [None]


def test_no_statements_are_given_no_theme() -> None:
    assert known().assign(np.zeros((0, 256), np.float32), []) == []


def test_one_known_statement_is_enough_to_look() -> None:
    few = known(each=1)
    assert len(few) == 2
    ((theme, share),) = [each for each in few.assign(encode([WORDS["login"]]), ["en"]) if each]
    assert theme in THEMES.values()
    assert share >= VOTE


def test_what_was_added_votes() -> None:
    themes = known()
    new = uuid.uuid4()
    texts = [f"colour of the button {i}" for i in range(20)]
    vectors = encode(texts)
    themes.add([uuid.uuid4() for _ in texts], vectors, ["en"] * 20, [new] * 20)
    assert len(themes) == 60
    (found,) = themes.assign(encode(["colour of the button new"]), ["en"])
    assert found is not None
    assert found[0] == new


def test_near_tells_share_and_nearest_statement() -> None:
    themes = known()
    near = themes.near(encode([f"{WORDS['login']} 3"]), "en")
    assert near[0].theme_id == THEMES["login"]
    assert near[0].statement_id == uuid.uuid5(uuid.NAMESPACE_DNS, f"{WORDS['login']} 3")
    assert near[0].similarity > 0.99
    assert [n.share for n in near] == sorted((n.share for n in near), reverse=True)
    assert sum(n.share for n in near) <= 1 + 1e-9


def test_the_nearest_statements_of_some_themes_come_in_their_order() -> None:
    themes = known()
    asked = (encode([f"{WORDS['login']} 3"]), "en")
    first, *others = themes.nearest_of(list(THEMES.values()), 30, *asked)
    assert first == uuid.uuid5(uuid.NAMESPACE_DNS, f"{WORDS['login']} 3")
    login = {uuid.uuid5(uuid.NAMESPACE_DNS, f"{WORDS['login']} {i}") for i in range(20)}
    assert {first, *others[:19]} == login
    assert len(others) == 29
    assert first not in themes.nearest_of([THEMES["export"]], 30, *asked)
    assert themes.nearest_of([uuid.uuid4()], 30, *asked) == []


def test_words_in_another_language_are_nearest_too() -> None:
    themes = known()
    new, other = uuid.uuid4(), uuid.uuid4()
    said = ["月末 書き出し 途中 切れる", "色 ボタン 見やすい"]
    both = [THEMES["export"]] * 2
    themes.add([new, other], encode(said), ["ja", "ja"], both)
    found = themes.nearest_of([THEMES["export"]], 22, encode([WORDS["export"]]), "en")
    assert found.index(new) < found.index(other)


@settings(max_examples=20)
@given(st.permutations(range(20)))
def test_the_order_of_what_is_known_does_not_matter(order: list[int]) -> None:
    texts = [f"{words} {i}" for words in WORDS.values() for i in range(10)]
    themes = [t for t in THEMES.values() for _ in range(10)]
    ids = [uuid.uuid5(uuid.NAMESPACE_DNS, text) for text in texts]
    mixed = KnownThemes(
        [ids[i] for i in order],
        encode([texts[i] for i in order]),
        ["en"] * 20,
        [themes[i] for i in order],
    )
    (found,) = mixed.assign(encode([f"{WORDS['export']} new"]), ["en"])
    assert found is not None
    assert found[0] == THEMES["export"]


def test_an_empty_workspace_knows_nothing_and_takes_no_harm() -> None:
    empty = KnownThemes([], np.zeros((0, 0), np.float32), [], [])
    vector = np.ones((1, 8), np.float32)
    assert empty.near(vector, "en") == []
    assert empty.assign(vector, ["en"]) == [None]
    assert empty.nearest_of([uuid.uuid4()], 3, vector, "en") == []
    empty.add([uuid.uuid4()], vector, ["en"], [None])
    assert len(empty) == 0


def test_no_statements_ask_for_no_theme() -> None:
    ids = [uuid.uuid4() for _ in range(3)]
    known = KnownThemes(ids, np.eye(3, 8, dtype=np.float32), ["en"] * 3, [None] * 3)
    assert known.assign(np.array([], np.float32), []) == []
