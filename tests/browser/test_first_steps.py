"""The first steps of a new workspace keep up with the worker while someone looks at them."""

from __future__ import annotations

from pathlib import Path

from conftest import served
from playwright.sync_api import Browser, expect

from tests.doors import OPEN
from vocloop_api.app import create_app
from vocloop_api.errors import STATUS
from vocloop_models import Feedback, FeedbackState, Statement
from vocloop_models.database import open_database, transaction, upgrade
from vocloop_ui.app import mount_ui


def test_they_show_themselves_anew_when_the_voices_are_read(
    browser: Browser, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'vocloop.db'}")
    upgrade(engine)
    with transaction(engine) as session:
        voice = Feedback(source="t", external_id="1", text="It stalls.", language="en")
        session.add(voice)
        session.flush()
        session.add(Statement(feedback_id=voice.id, position=0, text="It stalls.", language="en"))
    app = create_app(engine, openness=OPEN)
    mount_ui(app, STATUS)
    with served(app) as address:
        context = browser.new_context(base_url=address, locale="en-GB")
        page = context.new_page()
        page.goto("/start")
        steps = page.locator(".step-done")
        expect(page.locator("#work")).to_contain_text("1 voice is still being read.")
        # Asked again, it still says so: nothing is lost of the step while it waits.
        with page.expect_response("**/themes/work*"):
            pass
        expect(page.locator("#work")).to_contain_text("1 voice is still being read.")
        expect(steps).to_have_count(1)
        with transaction(engine) as session:
            kept = session.get(Feedback, voice.id)
            assert kept is not None
            kept.state = FeedbackState.THEMED
        expect(steps).to_have_count(2)
        expect(page.locator("#work")).to_contain_text("All voices are read.")
        context.close()
    engine.dispose()
