"""What pages need before the first reader comes."""

from __future__ import annotations

from sqlalchemy import Engine

from vocloop.said import said
from vocloop.themes.search import index_of
from vocloop_models.database import reading
from vocloop_ui import briefing_view
from vocloop_ui.i18n import LANGUAGES
from vocloop_ui.view import environment


def warm(engine: Engine) -> None:
    """Read and work out what is kept in memory: templates, who said what, the words that are
    searched, what open rounds propose. Seconds in a large workspace."""
    for language in LANGUAGES:
        templates = environment(language)
        for name in templates.list_templates():
            templates.get_template(name)
    with reading(engine) as session:
        said(session)
        index_of(session).statements(session, "検索", limit=1)
        briefing_view.waiting(session)
