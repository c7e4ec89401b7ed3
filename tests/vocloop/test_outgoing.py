"""What people configure is asked; this machine and its network are not, whatever the name."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from vocloop.outgoing import RefusedAddressError, UnreachableError, checked, request

OWN = ("127.0.0.1",)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        size = int(self.headers["content-length"])
        said = self.rfile.read(size)
        if self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("X-Host", self.headers["host"])
        self.end_headers()
        self.wfile.write(self.path.encode() + b" " + said + b"!" * 100)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_an_allowed_host_is_asked_and_no_more_than_wanted_is_read(port: int) -> None:
    answer = request("POST", f"http://127.0.0.1:{port}/in?a=1", body=b"words", allowed=OWN, most=20)
    assert (answer.status, answer.body) == (200, b"/in?a=1 words!!!!!!!")
    assert answer.headers["x-host"] == f"127.0.0.1:{port}"


def test_a_redirect_is_an_answer_not_a_way(port: int) -> None:
    answer = request("POST", f"http://127.0.0.1:{port}/elsewhere", body=b"", allowed=OWN)
    assert answer.status == 302


def test_an_answer_that_drips_is_cut_off(port: int) -> None:
    start = time.monotonic()
    with pytest.raises(UnreachableError, match="in time"):
        request("POST", f"http://127.0.0.1:{port}/drip", body=b"", allowed=OWN, seconds=0.3)
    assert time.monotonic() - start < 4


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "//example.org/",
        "https://user:word@example.org/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nX-Evil: 1",
        "https://ex\\ample.org/",
    ],
)
def test_these_are_refused_before_anything_is_resolved(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("resolved"))
    with pytest.raises(RefusedAddressError):
        checked(url)


@pytest.mark.parametrize("inside", ["127.0.0.1", "192.168.1.9", "::1", "fd00::1"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_name_that_leads_inside_is_refused_even_beside_a_public_address(
    inside: str, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(0, 0, 0, "", ("93.184.216.34", 0)), (0, 0, 0, "", (inside, 0))][::order]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(RefusedAddressError, match="VOCLOOP_OUTGOING_ALLOWED"):
        request("POST", "https://hooks.example.org/", body=b"")


def test_the_connection_goes_to_the_address_that_was_judged(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr("vocloop.outgoing.socket.getaddrinfo", resolve)
    monkeypatch.setattr("socket.create_connection", _to(port))
    answer = request(
        "POST", f"http://hooks.example.org:{port}/", body=b"x", allowed=("hooks.example.org",)
    )
    assert answer.headers["x-host"] == f"hooks.example.org:{port}"
    assert asked == ["hooks.example.org"]


def _to(port: int) -> Any:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        # By number, never by name again.
        assert address == ("127.0.0.1", port)
        made = socket.socket()
        made.settimeout(timeout)
        made.connect(address)
        return made

    return connect


def test_nobody_there_is_told_without_the_path(port: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    with pytest.raises(UnreachableError) as error:
        request("POST", f"http://127.0.0.1:{nobody}/secret-token", body=b"", allowed=OWN)
    assert "secret" not in str(error.value)
