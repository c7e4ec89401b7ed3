"""Known hosts, same origin, bounded bodies, headers on every answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import applications
from tests.api.records import stored_rows
from vocloop_api.security import HEADERS, MOST_BODY_BYTES

PROBLEM = "application/problem+json"


class TestHost:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "127.0.0.1:8750", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8750"],
    )
    def test_this_machine_is_known_by_its_own_names(self, client: TestClient, host: str) -> None:
        assert client.get("/api/totals", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:8750",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example@localhost",
            "localhost:evil",
            "::1",
            "",
        ],
    )
    def test_any_other_name_is_refused(self, client: TestClient, host: str) -> None:
        answer = client.get("/api/totals", headers={"Host": host})
        assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)

    def test_two_names_at_once_are_refused(self, client: TestClient) -> None:
        headers = [("Host", "localhost"), ("Host", "evil.example")]
        assert client.get("/api/totals", headers=headers).status_code == 400

    def test_a_name_can_be_allowed(self, engine: Engine) -> None:
        app = applications.api(engine, allowed_hosts=["Voices.example"])
        with TestClient(app, base_url="http://voices.example:8750") as client:
            assert client.get("/api/health").status_code == 200
            assert client.get("/api/health", headers={"Host": "example"}).status_code == 400


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8750"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "HTTP://127.0.0.1:8750"},
        ],
    )
    def test_own_pages_and_clients_that_are_no_browsers_may_write(
        self, client: TestClient, voice: dict[str, Any], headers: dict[str, str]
    ) -> None:
        assert client.post("/api/feedback", json=voice, headers=headers).status_code == 201

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
            {"Origin": "http://127.0.0.1:3000"},
            {"Origin": "http://127.0.0.1"},
            {"Origin": "null"},
            {"Origin": "http://[broken"},
            {"Origin": ""},
        ],
    )
    def test_other_sites_may_not(
        self, client: TestClient, engine: Engine, voice: dict[str, Any], headers: dict[str, str]
    ) -> None:
        answer = client.post("/api/feedback", json=voice, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
        assert stored_rows(engine) == 0

    def test_a_link_from_another_site_may_be_followed(self, client: TestClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert client.get("/api/totals", headers=headers).status_code == 200


class TestBody:
    def test_a_body_that_says_it_is_too_large_is_refused(
        self, client: TestClient, engine: Engine
    ) -> None:
        body = b" " * (MOST_BODY_BYTES + 1)
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback", content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
        assert "8,388,608 bytes" in answer.json()["detail"]
        assert stored_rows(engine) == 0

    def test_a_body_that_turns_out_too_large_is_refused(self, client: TestClient) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(9):
                yield b" " * (1024 * 1024)

        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/feedback:batch", content=chunks(), headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)

    def test_a_body_at_the_limit_is_read(self, client: TestClient) -> None:
        body = b'{"text": "a", "source": "b", "language": "en"}'.ljust(MOST_BODY_BYTES)
        headers = {"Content-Type": "application/json"}
        assert client.post("/api/feedback", content=body, headers=headers).status_code == 201


class TestHeaders:
    @pytest.mark.parametrize(
        ("path", "host"),
        [
            ("/api/totals", "localhost"),
            ("/api/nothing", "localhost"),
            ("/api/themes?limit=0", "localhost"),
            ("/api/totals", "evil.example"),
        ],
    )
    def test_every_answer_has_them(self, client: TestClient, path: str, host: str) -> None:
        answer = client.get(path, headers={"Host": host})
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS

    def test_no_inline_script_or_style_may_run(self) -> None:
        assert "unsafe" not in HEADERS["Content-Security-Policy"]
        assert "default-src 'none'" in HEADERS["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/api/docs", "/openapi.json"])
    def test_pages_that_load_from_other_hosts_do_not_exist(
        self, client: TestClient, path: str
    ) -> None:
        assert client.get(path).status_code == 404
