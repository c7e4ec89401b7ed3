"""Writes api/openapi.json, the committed description of the API: python -m vocloop_api.openapi"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import create_engine

from vocloop_api.app import create_app

PATH = Path(__file__).parents[1] / "openapi.json"


def document() -> str:
    """The description as text: keys sorted, so that a difference is a change of the API."""
    # Never connected to: describing the API reads no rows.
    app = create_app(create_engine("sqlite://"))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
