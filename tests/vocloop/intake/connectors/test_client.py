"""What tools answer when they do not answer: limits, faults, other hosts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.vocloop.intake.connectors.recorded import Recorded, Reply, serving
from vocloop.errors import InvalidInputError, RemoteError
from vocloop.intake.connectors import client as module
from vocloop.intake.connectors import github, hubspot
from vocloop.intake.connectors.client import Client, LimitedError, asked_to_wait
from vocloop.outgoing import Answer

MOMENT = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
EPOCH = int(MOMENT.timestamp())


@pytest.fixture
def server() -> Iterator[Recorded]:
    with serving(lambda _: Reply(body={"ok": True})) as recorded:
        yield recorded


def client(server: Recorded, allowed: tuple[str, ...] = ("127.0.0.1",)) -> Client:
    return Client(
        server.url, allowed=allowed, title="Desk", headers={"Authorization": "k"}, advice="set X"
    )


GITHUB_LIMITED = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH + 90)}


@pytest.mark.parametrize(
    ("limit", "status", "headers", "body", "seconds"),
    [
        (asked_to_wait, 200, {}, b"", None),
        (asked_to_wait, 429, {"retry-after": "93"}, b"", 93),
        (asked_to_wait, 429, {"retry-after": "Mon, 02 Nov 2026 10:02:00 GMT"}, b"", 120),
        (asked_to_wait, 429, {"retry-after": "Mon, 02 Nov 2026 09:00:00 GMT"}, b"", 0),
        (asked_to_wait, 429, {"retry-after": "999999999"}, b"", 6 * 3600),
        (asked_to_wait, 429, {"retry-after": "soon"}, b"", 60),
        (asked_to_wait, 429, {}, b"", 60),
        (asked_to_wait, 429, GITHUB_LIMITED, b"", 90),
        (asked_to_wait, 503, {"retry-after": "5"}, b"", 5),
        (asked_to_wait, 503, {}, b"", None),
        (asked_to_wait, 403, {"retry-after": "5"}, b"", None),
        # Intercom and GitHub say it with the last request that is still answered.
        (asked_to_wait, 200, GITHUB_LIMITED, b"", 90),
        (asked_to_wait, 200, GITHUB_LIMITED | {"x-ratelimit-remaining": "1"}, b"", None),
        (github._limit, 403, GITHUB_LIMITED, b"", 90),
        (github._limit, 403, {"retry-after": "12"}, b"", 12),
        (github._limit, 403, {}, b'{"message":"You have exceeded a secondary rate limit"}', 60),
        (github._limit, 403, {}, b'{"message":"Resource not accessible"}', None),
        (github._limit, 429, {}, b"", 60),
        (hubspot._limit, 429, {}, b'{"policyName":"SECONDLY"}', 1),
        (hubspot._limit, 429, {}, b'{"policyName":"TEN_SECONDLY_ROLLING"}', 10),
        (hubspot._limit, 429, {}, b'{"policyName":"DAILY"}', 3600),
        (hubspot._limit, 429, {}, b"<html>", 10),
        (hubspot._limit, 429, {"retry-after": "7"}, b'{"policyName":"DAILY"}', 7),
        (hubspot._limit, 500, {}, b"", None),
    ],
)
def test_how_long_a_tool_asks_to_wait(
    limit: module.Limit, status: int, headers: dict[str, str], body: bytes, seconds: float | None
) -> None:
    assert limit(Answer(status, headers, body), MOMENT) == seconds


def test_when_nothing_is_left_of_a_limit_the_next_request_is_not_made(server: Recorded) -> None:
    reset = str(int(dt.datetime.now(dt.UTC).timestamp()) + 60)
    server.faults[1] = Reply(200, {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})
    asking = client(server)
    asking.get("/a")
    with pytest.raises(LimitedError) as error:
        asking.get("/b")
    assert 50 < error.value.seconds <= 60
    assert len(server.asked) == 1


def test_a_server_that_does_not_answer_is_left(
    server: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0.3)
    server.faults[1] = Reply(200, {}, hangs=True)
    with pytest.raises(RemoteError, match="did not answer in time"):
        client(server).get("/a")


def test_an_answer_without_end_is_not_read(
    server: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    server.faults[1] = Reply(200, {"a": "b" * 2000})
    with pytest.raises(RemoteError, match="broke off"):
        client(server).get("/a")


def test_redirects_are_followed_on_the_same_host_only(server: Recorded) -> None:
    server.faults[1] = Reply(301, {}, {"Location": "/moved?x=1"})
    assert client(server).get("/a") == {"ok": True}
    assert server.asked[1].path == "/moved"
    for target in ("https://evil.example/", f"http://localhost:{server.port}/", "http://[::1]/"):
        server.faults[len(server.asked) + 1] = Reply(302, {}, {"Location": target})
        before = len(server.asked)
        with pytest.raises(RemoteError, match="another host"):
            client(server).get("/a")
        assert len(server.asked) == before + 1
    server.answer = lambda _: Reply(302, {}, {"Location": "/a"})
    with pytest.raises(RemoteError, match="in a circle"):
        client(server).get("/a")


def test_a_next_page_on_another_host_is_not_asked(server: Recorded) -> None:
    with pytest.raises(RemoteError, match="another host"):
        client(server).get_page("https://evil.example/issues?page=2")
    assert not server.asked


def test_this_machine_is_not_asked_unless_it_is_allowed(server: Recorded) -> None:
    with pytest.raises(InvalidInputError, match="VOCLOOP_OUTGOING_ALLOWED"):
        client(server, ()).get("/a")
    assert not server.asked
