"""A tool that is asked, on a local server that the settings allow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vocloop.intake.connectors.recorded import Recorded, serving
from tests.vocloop.intake.connectors.services import KEY, PAGE, SERVICES, Service
from vocloop.intake.connectors import freshdesk, window, zendesk


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]()


@pytest.fixture
def server(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    with serving(service.answer) as recorded:
        monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.1"]')
        monkeypatch.setenv("VOCLOOP_CONNECTOR_DESK_KEY", KEY)
        # Pages that are full with a few rows.
        monkeypatch.setattr(freshdesk, "_PAGE", PAGE)
        for module in (window, zendesk):
            monkeypatch.setattr(module, "ROWS_A_BATCH", 2)
        yield recorded
