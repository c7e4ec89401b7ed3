"""Applications of a test's own, without the second that their routes take to prepare: the routes
are those of one that a process makes once, all else, as state, doors and guards, is made anew.

Who adds routes makes the application with ``create_app``."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine, create_engine

from vocloop_api.app import create_app
from vocloop_api.errors import STATUS
from vocloop_ui.app import mount_ui


def api(engine: Engine, **more: Any) -> FastAPI:
    """Without pages."""
    app = create_app(engine, **more)
    app.router = _prepared("api").router
    return app


def whole(engine: Engine, **more: Any) -> FastAPI:
    """As it is served."""
    app = _whole(engine, **more)
    app.router = _prepared("whole").router
    return app


def pages(engine: Engine) -> FastAPI:
    """Without the API and its doors: whoever asks is let in."""
    app = _pages(engine)
    app.router = _prepared("pages").router
    return app


def _whole(engine: Engine, **more: Any) -> FastAPI:
    app = create_app(engine, **more)
    app.state.suggest = None
    mount_ui(app, STATUS)
    return app


def _pages(engine: Engine) -> FastAPI:
    app = FastAPI()
    app.state.engine = engine
    app.state.suggest = None
    mount_ui(app, STATUS)
    return app


@cache
def _prepared(kind: str) -> FastAPI:
    return {"api": create_app, "whole": _whole, "pages": _pages}[kind](create_engine("sqlite://"))
