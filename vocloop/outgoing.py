"""Requests to addresses that people configure, without letting them reach into our own network
(server-side request forgery, OWASP).

A name is resolved once, every address behind it is judged, and the connection goes to the judged
address: a name that is re-pointed meanwhile (DNS rebinding) changes nothing. Redirects are not
followed, and proxies of the environment are not asked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from vocloop import traces
from vocloop.errors import InvalidInputError, VocloopError, says

SECONDS = 20.0
MOST_BYTES = 64 * 1024
_HTTPS, _HTTP = 443, 80
# Carries an IPv4 address in its last 32 bits (RFC 6052), private ones too.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What systems read as an address besides the usual four numbers: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(InvalidInputError):
    """The address is none that may be asked."""


class UnreachableError(VocloopError):
    """Nobody answered, or not in time."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # no more than was asked for


def checked(url: str, allowed: Sequence[str] = ()) -> SplitResult:
    """The parts of a web address that may be asked, as far as that shows without resolving it.

    ``allowed``: names and networks (``10.0.0.0/8``) of our own that may be asked, also by http.
    Raises RefusedAddressError."""
    if _UNSAFE.search(url) or not url.isascii():
        raise _refused(says("it holds spaces or other characters that no address has; encode them"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(says("it is no web address (%(error)s)", error=error)) from error
    host = parts.hostname
    if parts.scheme not in ("https", "http") or not host:
        raise _refused(says("write one that begins with https:// and names a host"))
    if port == 0:
        raise _refused(says("it names port 0, which does not exist"))
    if parts.username is not None or parts.password is not None:
        raise _refused(says("it holds a user name or password; take them out"))
    own = listed(host, allowed)
    literal = _literal(host)
    if literal is None and _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise _refused(says("its host is a number; write the address as four of them, or a name"))
    if literal is not None and not own:
        _judge(literal, allowed)
    elif parts.scheme == "http" and not own and not _networks(allowed):
        raise _refused(says("use https://, or add the host to VOCLOOP_OUTGOING_ALLOWED"))
    return parts


@traces.span("ask another service")
def request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    allowed: Sequence[str] = (),
    seconds: float = SECONDS,
    most: int = MOST_BYTES,
) -> Answer:
    """Ask once; the first ``most`` bytes of what comes back, within ``seconds`` altogether.

    Raises RefusedAddressError, UnreachableError."""
    parts = checked(url, allowed)
    addresses = _resolved(parts, allowed)
    connection = _Pinned(parts, addresses, seconds)
    # A server that answers byte by byte never runs into a socket's own time-out.
    alarm = threading.Timer(seconds, connection.cut)
    alarm.daemon = True
    alarm.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        said = answer.read(most)
        if connection.was_cut:
            # Without a length, what was cut off looks like a whole answer.
            raise TimeoutError
    except (OSError, http.client.HTTPException) as error:
        host, kind = parts.hostname, type(error).__name__
        if connection.was_cut or isinstance(error, TimeoutError):
            told = says("%(host)s did not answer in time (%(kind)s)", host=host, kind=kind)
        else:
            told = says("%(host)s did not answer (%(kind)s)", host=host, kind=kind)
        raise UnreachableError(told) from error
    finally:
        alarm.cancel()
        connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, said)


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were judged, with TLS for the name that was meant."""

    def __init__(self, parts: SplitResult, addresses: Sequence[Ip], seconds: float) -> None:
        self._tls = parts.scheme == "https"
        port = parts.port or (_HTTPS if self._tls else _HTTP)
        super().__init__(str(parts.hostname), port, timeout=seconds)
        self.default_port = _HTTPS if self._tls else _HTTP
        self._addresses = addresses
        self._open: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        problem: OSError | None = None
        for address in self._addresses:
            try:
                self.sock = socket.create_connection((str(address), self.port), self.timeout)
                break
            except OSError as error:
                problem = error
        else:
            raise problem or OSError("no address")
        if self._tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        # The answer may still be read from it when the connection has let go of it.
        self._open = self.sock

    def cut(self) -> None:
        self.was_cut = True
        if self._open is not None:
            with contextlib.suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)


def _resolved(parts: SplitResult, allowed: Sequence[str]) -> list[Ip]:
    host = str(parts.hostname)
    own = listed(host, allowed)
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            says("%(host)s is not a name that resolves; check the address", host=host)
        ) from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(each[4][0]) for each in found))
    for address in addresses:
        if not own:
            _judge(address, allowed)
            if parts.scheme == "http" and not _within(address, allowed):
                raise _refused(says("use https://, or add the host to VOCLOOP_OUTGOING_ALLOWED"))
    return addresses


def _judge(address: Ip, allowed: Sequence[str]) -> None:
    for each in _meant(address):
        if _within(each, allowed):
            continue
        if not each.is_global or each.is_multicast:
            raise _refused(
                says(
                    "it leads to this machine or into its network; if that is meant, add the host "
                    "or network to VOCLOOP_OUTGOING_ALLOWED"
                )
            )


def _meant(address: Ip) -> list[Ip]:
    """The address with those it carries inside."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner: list[Ip | None] = [address.ipv4_mapped, address.sixtofour]
    if address.teredo is not None:
        inner += list(address.teredo)
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    carried = [each for each in inner if each is not None]
    return carried if address.ipv4_mapped else [address, *carried]


def listed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a name, or an address of a network, is one of our own."""
    literal = _literal(host)
    if literal is not None:
        return _within(literal, allowed)
    return host.rstrip(".").lower() in {each.rstrip(".").lower() for each in allowed}


def _within(address: Ip, allowed: Sequence[str]) -> bool:
    return any(address in network for network in _networks(allowed))


def _networks(allowed: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for each in allowed:
        try:
            found.append(ipaddress.ip_network(each, strict=False))
        except ValueError:
            continue
    return found


def _literal(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return None


def _refused(reason: str) -> RefusedAddressError:
    return RefusedAddressError(
        says("the address can't be used: %(reason)s", reason=reason), [("url", reason)]
    )
