"""Keywords follow a theme, its title stays, a better one is suggested."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.vocloop.themes.runs import run, statements, themes
from vocloop.themes.facts import accept_titles, rename, split
from vocloop.themes.labels import Label
from vocloop.themes.titles import drifted
from vocloop_models import Theme

EXPORT = Label({"en": "Exports stop half-way"}, {"en": ["export", "csv", "stop"]}, [0])
SAME_WORDS = Label({"en": "The CSV stops"}, {"en": ["csv", "stop", "half-way"]}, [0])
DRIFTED = Label({"en": "Reports arrive late"}, {"en": ["report", "late", "mail"]}, [0])


def labelled(session: Session, *labels: Label) -> Theme:
    ids = statements(session, 4)
    for label in labels:
        run(session, ids, [0] * 4, named={0: label})
    return themes(session)[0]


def test_a_new_theme_gets_its_title_and_keywords(session: Session) -> None:
    theme = labelled(session, EXPORT)
    assert (theme.title_en, theme.keywords_en) == (EXPORT.titles["en"], EXPORT.keywords["en"])
    assert (theme.title_ja, theme.keywords_ja) == (None, [])


def test_keywords_follow_and_the_title_stays_while_they_speak_of_the_same(
    session: Session,
) -> None:
    theme = labelled(session, EXPORT, SAME_WORDS)
    assert theme.keywords_en == SAME_WORDS.keywords["en"]
    assert (theme.title_en, theme.suggested_title_en) == (EXPORT.titles["en"], None)


def test_when_they_have_drifted_a_title_is_suggested_and_taken_by_one_call(
    session: Session,
) -> None:
    ids = statements(session, 4)
    for label in (EXPORT, DRIFTED):
        run(session, ids, [0] * 4, named={0: label})
    theme, suggested = themes(session)[0], DRIFTED.titles["en"]
    assert (theme.title_en, theme.suggested_title_en) == (EXPORT.titles["en"], suggested)
    accept_titles(session, theme.id, ["en"])
    run(session, ids, [0] * 4, named={0: DRIFTED})
    assert (theme.title_en, theme.suggested_title_en) == (suggested, None)


def test_a_suggestion_goes_when_the_words_come_back(session: Session) -> None:
    assert labelled(session, EXPORT, DRIFTED, EXPORT).suggested_title_en is None


def test_a_title_that_a_person_gave_is_never_written_over(session: Session) -> None:
    ids = statements(session, 4)
    run(session, ids, [0] * 4, named={0: EXPORT})
    theme = themes(session)[0]
    rename(session, theme.id, {"en": "Our exports", "ja": "書き出し"})
    both = Label({**DRIFTED.titles, "ja": "遅い"}, {**DRIFTED.keywords, "ja": ["遅い"]}, [0])
    run(session, ids, [0] * 4, named={0: both})
    assert (theme.title_en, theme.title_ja) == ("Our exports", "書き出し")
    assert theme.suggested_title_en == DRIFTED.titles["en"]


def test_a_language_that_comes_later_gets_its_title_too(session: Session) -> None:
    both = Label({**EXPORT.titles, "ja": "書き出しが止まる"}, {"ja": ["書き出し"]}, [0])
    assert labelled(session, EXPORT, both).title_ja == "書き出しが止まる"


def test_a_theme_that_was_split_off_is_named_by_the_next_run(session: Session) -> None:
    ids = statements(session, 6)
    run(session, ids, [0] * 6, named={0: EXPORT})
    fact = split(session, themes(session)[0].id, ids[:3])
    assert fact.other_id is not None
    run(session, ids, [1] * 3 + [0] * 3, named={0: EXPORT, 1: DRIFTED})
    born = session.get_one(Theme, fact.other_id)
    assert (born.title_en, born.suggested_title_en) == (DRIFTED.titles["en"], None)
    run(session, ids, [1] * 3 + [0] * 3, named={0: EXPORT, 1: SAME_WORDS})
    assert born.title_en == DRIFTED.titles["en"]


def test_a_run_that_names_the_same_leaves_the_theme_untouched(session: Session) -> None:
    ids = statements(session, 4)
    run(session, ids, [0] * 4, named={0: EXPORT})
    before = themes(session)[0].updated_at
    run(session, ids, [0] * 4, named={0: EXPORT})
    assert themes(session)[0].updated_at == before


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], ["a"], False),
        (["a"], [], False),
        (["a", "b"], ["b", "a"], False),
        (list("abcdefgh"), list("hijklmno"), True),
        (list("abcdefgh"), list("ghijklmn"), False),
        (["a"], ["b"], True),
    ],
)
def test_drift(before: list[str], after: list[str], *, expected: bool) -> None:
    assert drifted(before, after) is expected
