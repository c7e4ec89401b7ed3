"""What the sample company plans is told of the themes that were found."""

from __future__ import annotations

import json
from pathlib import Path

from sqlmodel import Session

from tests.api.records import add_theme, say
from vocloop.cli.sample_roadmap import planted_themes
from vocloop_models import Feedback


def test_a_planted_theme_is_the_one_that_is_most_like_it(session: Session, tmp_path: Path) -> None:
    """Not the large one that holds more of it among much else."""
    large, small = add_theme(session, "Anything"), add_theme(session, "The export stops")
    truth = []
    for number, (theme, planted) in enumerate(
        [(large, "csv")] * 4 + [(small, "csv")] * 3 + [(large, "login")] * 20
    ):
        statement = say(session, f"Voice {number}", theme=theme)
        voice = session.get_one(Feedback, statement.feedback_id)
        voice.source, voice.external_id = "minamo", f"V-{number}"
        truth.append(json.dumps({"id": voice.external_id, "themes": [planted]}))
    session.flush()
    (tmp_path / "truth.jsonl").write_text("\n".join(truth), "utf-8")
    assert planted_themes(session, tmp_path) == {"csv": small.id, "login": large.id}
