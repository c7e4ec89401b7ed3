"""Which connectors can be made: the key of a tool goes to the tool's own hosts only."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from vocloop.errors import ConflictError, InvalidInputError
from vocloop.intake import connections
from vocloop.intake.connections import ConnectorState
from vocloop.intake.connectors import TOOLS
from vocloop.intake.connectors.secrets import variable
from vocloop.intake.connectors.window import Window, moment
from vocloop_models import ConnectorKind, now


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "https://acme.zendesk.com.evil.example",
        "https://zendesk.com",
        "https://evilzendesk.com",
        "https://evil.example/acme.zendesk.com",
        "https://acme.zendesk.com@evil.example",
        "http://acme.zendesk.com",
        "https://127.0.0.1",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://10.0.0.5",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433",
        "https://localhost",
        "file:///etc/passwd",
        "https://acme.zendesk.com/?a=b",
        "https://acme.zendesk.com/#a",
        "acme.zendesk.com",
        "https://",
        "",
    ],
)
def test_a_key_is_sent_to_no_other_host(session: Session, address: str) -> None:
    with pytest.raises(InvalidInputError):
        connections.create(session, ConnectorKind.ZENDESK, address=address)


def test_a_host_of_ones_own_is_asked_once_it_is_allowed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://ghe.acme.example/api/v3/repos/acme/app"
    with pytest.raises(InvalidInputError, match=r'add "ghe\.acme\.example" to VOCLOOP_OUTG'):
        connections.create(session, ConnectorKind.GITHUB, address=address)
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["ghe.acme.example"]')
    assert connections.create(session, ConnectorKind.GITHUB, address=address).address == address


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("zendesk", {}, "give the address of Zendesk, such as https://SUBDOMAIN.zendesk.com"),
        ("github", {"address": "https://api.github.com/"}, "write it as https://api.github.com/re"),
        ("typeform", {"address": "https://api.typeform.com"}, "is not asked, it sends"),
        ("webhook", {"source": "A B"}, "small letters"),
        ("webhook", {"source": "../etc"}, "small letters"),
        ("intercom", {"every": 5}, "60 s to 7 days"),
        ("intercom", {"since": now() + dt.timedelta(days=1)}, "lies in the future"),
    ],
)
def test_what_can_not_work_says_why(
    session: Session, kind: str, more: dict[str, object], reason: str
) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        connections.create(session, ConnectorKind(kind), **more)  # type: ignore[arg-type]


def test_a_source_has_one_connector(session: Session) -> None:
    connections.create(session, ConnectorKind.WEBHOOK, source="desk")
    with pytest.raises(ConflictError, match="has a connector already"):
        connections.create(session, ConnectorKind.TYPEFORM, source="desk")


def test_a_status_tells_what_a_page_needs(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_CONNECTOR_MY_DESK_KEY", "k")
    connections.create(session, ConnectorKind.INTERCOM, source="my-desk")
    found = connections.statuses(session)["my-desk"]
    assert (found.title, found.state) == ("Intercom", ConnectorState.NEW)
    assert (found.key, found.key_is_set) == ("VOCLOOP_CONNECTOR_MY_DESK_KEY", True)
    assert (found.secret, found.secret_is_set) == ("VOCLOOP_CONNECTOR_MY_DESK_SECRET", False)
    assert found.hook == "/api/hooks/my-desk"
    assert connections.due(session) == ["my-desk"]


def test_every_kind_is_a_tool_that_can_do_something() -> None:
    assert set(TOOLS) == set(ConnectorKind)
    assert all(each.polling or each.sending for each in TOOLS.values())
    assert variable("a-b", "KEY") == "VOCLOOP_CONNECTOR_A_B_KEY"


def test_rows_out_of_order_move_the_place_only_at_the_end() -> None:
    """A list that is not sorted as asked must not make a killed poll pass over what is left."""
    window = Window({"since": "2026-10-01T00:00:00+00:00"})
    pages = [[50, 40, 30], [20, 10]]

    def fetch(since: dt.datetime, mark: int | None) -> tuple[list[dict[str, int]], int | None]:
        place = mark or 0
        found = [{"id": each, "at": 1_790_900_000 + each * 600} for each in pages[place]]
        return found, place + 1 if place + 1 < len(pages) else None

    seen = []
    for batch in window.changes(fetch, lambda each: each["at"]):
        seen += [each["id"] for each in batch]
        if len(seen) < 5:
            assert window.high == moment("2026-10-01T00:00:00+00:00")
    assert seen == [50, 40, 30, 20, 10]
    assert window.high == moment(1_790_900_000 + 50 * 600)
