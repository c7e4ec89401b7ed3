"""Real receivers on loopback: a mail server and an HTTP server that remember what came."""

from __future__ import annotations

import email
import json
import socket
import ssl
import threading
from collections import Counter
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


class Mailbox:
    """A mail server. ``refuse`` maps an address to the answer that it gets instead of 250."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None):
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self._login = login
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if login is not None:
            options |= {"authenticator": self._knows, "auth_required": True}
        self._controller = Controller(self, hostname=HOST, port=free_port(), **options)
        self._controller.start()
        self.port = self._controller.port

    def _knows(self, _s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        given = cast("LoginPassword", data)
        right = (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=right, handled=right)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=default)
        self.mails += [(to, cast("EmailMessage", message)) for to in envelope.rcpt_tos]
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for to, message in self.mails if to == address]

    def ids(self) -> Counter[str]:
        return Counter(message["Message-ID"] for _, message in self.mails)

    def stop(self) -> None:
        self._controller.stop()


class Receiver:
    """An HTTP server. ``answers`` are given in turn, then always the last one."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = [(200, {})]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answers = receiver.answers
                status, headers = answers.pop(0) if len(answers) > 1 else answers[0]
                receiver.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}/hook?token=s3cret"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.calls]

    def ids(self) -> Counter[str]:
        return Counter(headers["webhook-id"] for headers, _ in self.calls)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Collector(Receiver):
    """Takes traces (OTLP)."""

    @property
    def base(self) -> str:
        return self.url.partition("/hook")[0]

    def spans(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest as Sent,
        )

        return [
            span
            for _, body in self.calls
            for resource in Sent.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def names(self) -> set[str]:
        return {each.name for each in self.spans()}

    def everything(self) -> str:
        return " ".join(body.decode("utf-8", "replace") for _, body in self.calls)


def told(span: Any) -> dict[str, Any]:
    """The attributes of a span."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes
    }
