"""Mail addresses, IP addresses, and the secrets that links and messages carry."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from vocloop.intake.redact.spans import Kind, Span

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+'-])(?P<local>[A-Za-z0-9_][A-Za-z0-9._%+'/=-]{0,63})(?:@"
    r"| @ (?=[a-z0-9.-]+\.(?:com|net|org|jp|io|uk|de)\b))"
    rf"(?:(?:{_LABEL}|[ぁ-んァ-ヶ一-龥ー]{{1,20}})\.)+(?:[A-Za-z]{{2,18}}"
    rf"|xn--[a-z0-9-]+)(?![A-Za-z0-9-])"
)
# taro (at) example (dot) jp, taro[at]example.jp, taro at example dot com
_SPELT = re.compile(
    rf"(?<![A-Za-z0-9_.])[A-Za-z0-9][A-Za-z0-9_.+-]{{0,63}}\s?(?:[\[(<{{]\s?(?:at"
    rf"|アット(?:マーク)?)\s?[\])>}}]|\bat\b(?=.{{1,60}} dot )|アットマーク|☆|★|◎)\s?"
    rf"{_LABEL}(?:\s?(?:[\[(<{{]\s?(?:dot|ドット)\s?[\])>}}]|\bdot\b|ドット|\.)\s?{_LABEL}){{0,3}}"
    r"\s?(?:[\[(<{]\s?(?:dot|ドット)\s?[\])>}]|\bdot\b|ドット|\.)\s?"
    r"(?:com|net|org|io|dev|co|jp|uk|de|fr|edu|gov|info|biz|me|us|ne\.jp|co\.jp|or\.jp|ac\.jp)\b",
    re.IGNORECASE,
)
# Of a programme, not of a person.
_NO_PERSON = frozenset({"git"})
_IPV4 = re.compile(
    r"(?<![\d.A-Za-z-])(?<![A-Za-z]/)(?<!==)(?:(?:25[0-5]|2[0-4]\d"
    r"|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d|-[A-Za-z])"
)
_VERSION_BEFORE = re.compile(
    r"(?:\bv|ver|version|release|バージョン|build|rev|firmware|ファームウェア|driver"
    r"|更新版|sdk|api|\.net|tls|chrome|firefox)"
    r"\.?[ :は-]*$",
    re.IGNORECASE,
)
# Every machine calls itself and its nets so.
_NOBODYS = re.compile(r"127\.|0\.0\.0\.0|255\.255\.|0\.0\.0\.|224\.0\.0\.")
_IPV6 = re.compile(
    r"(?<![A-Za-z0-9_:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:%\w+)?(?![A-Za-z0-9_:])"
)
_MAC = re.compile(
    r"(?<![A-Za-z0-9_:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}"
    r"(?![A-Za-z0-9_:-])"
)
_URL = re.compile(
    r"(?:https?|ftp|wss?|postgres(?:ql)?|mysql|redis|mongodb(?:\+srv)?)://[^\s<>\"'「」（）、。]+"
)
_PASSWORD_IN_URL = re.compile(r"://(?P<secret>[^/@\s:]+:[^/@\s]+)@")
_SECRET_PARAMETER = re.compile(
    r"(?<=[?&#;])(?:[\w.-]*(?:token|secret|password|passwd|signature|api_?key|auth|session"
    r"|credential|ticket)[\w.-]*"
    r"|sig|key|code|pwd|pass|otp|sid|jwt|hash|invite|invitation|reset|verify|confirmation"
    r"|hmac|state|nonce|t|k"
    r"|X-Amz-[A-Za-z-]+|access|id_token|uid|user|email|mail|phone|tel|name)"
    r"=(?P<secret>[^&#\s\[\]]{4,})",
    re.IGNORECASE,
)
_PATH_PIECE = re.compile(r"(?<=[/=])(?P<secret>[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{6,})*)")
_PUBLIC_PATH = re.compile(
    r"/(?:commit|commits|blob|tree|compare|pull|raw|issues?|questions)/", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?")
_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:sk|pk|rk|whsec|sess)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}"
    r"|(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}"
    r"|xox[abposr]-[A-Za-z0-9-]{10,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|hf_[A-Za-z0-9]{20,}"
    r"|npm_[A-Za-z0-9]{20,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|pypi-[\w-]{20,})"
)
_SAID_KEY = re.compile(
    r"(?:api[ _-]?keys?|access[ _-]?(?:keys?|token)|secret[ _-]?(?:key)?"
    r"|client[ _-]?secret|(?:auth[ _-]?)?token|session ?id|cookie"
    r"|APIキー|アクセスキー|シークレット|トークン)\s?(?:is|は|:|=|が"
    r"|「)*\s?[\"'`「]?(?P<secret>[A-Za-z0-9_\-+/.][A-Za-z0-9_\-+/=.]{15,})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?:Bearer|Basic)\s+(?P<secret>[A-Za-z0-9_\-+/=.]{12,})")
_PASSWORD = re.compile(
    r"(?:\bpass(?=[:=])|pass ?words?|passwd|pwd|pass ?code|pass ?phrase|\bpin(?: code| number)?"
    r"|パスワード|パスコード|暗証番号|仮パス(?:ワード)?|\bPW)"
    r"\s?(?:is|was|は|が|を|:|=|「|to| (?=\d{4}))+\s?[\"'`「]?(?P<secret>[!-~]{4,64}?)(?=[\"'`」)]"
    r"|[\s、。,;]|です|でし|に|で|と|を|が|\.?$|\.\s)",
    re.IGNORECASE,
)
_HAS_DIGIT_OR_SIGN = re.compile(r"\d|[^\w.,)(/'-]")


def find_network(text: str) -> Iterator[Span]:
    """Spans in ``text`` (folded, as spans.fold does)."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if match["local"].lower() not in _NO_PERSON:
                yield Span(*match.span(), Kind.EMAIL)
    for match in _SPELT.finditer(text):
        yield Span(*match.span(), Kind.EMAIL)
    if "." in text:
        yield from _ipv4(text)
    if ":" in text or "-" in text:
        yield from _with_colons(text)
    yield from _secrets(text)


def _ipv4(text: str) -> Iterator[Span]:
    for match in _IPV4.finditer(text):
        version = _VERSION_BEFORE.search(text[max(0, match.start() - 16) : match.start()])
        if not version and not _NOBODYS.match(match[0]):
            yield Span(*match.span(), Kind.IP)


def _with_colons(text: str) -> Iterator[Span]:
    for match in _MAC.finditer(text):
        yield Span(*match.span(), Kind.IP)
    for match in _IPV6.finditer(text):
        address = match[0].partition("%")[0]
        groups = [group for group in address.split(":") if group]
        # "add::c" is a name in a programme, "10:30:45" a time.
        if len(groups) < 3 and not address.lower().startswith(("fe80:", "2001:", "fd", "2400:")):
            continue
        if not any(c.isdigit() for c in address):
            continue
        try:
            ipaddress.IPv6Address(address)
        except ValueError:
            continue
        yield Span(*match.span(), Kind.IP)


def _secrets(text: str) -> Iterator[Span]:
    if "://" in text:
        for url in _URL.finditer(text):
            yield from _in_url(text, url)
    for pattern in (_JWT, _KEY):
        for match in pattern.finditer(text):
            yield Span(*match.span(), Kind.SECRET)
    for pattern in (_SAID_KEY, _BEARER, _PASSWORD):
        for match in pattern.finditer(text):
            if _HAS_DIGIT_OR_SIGN.search(match["secret"]) and not match["secret"].startswith("["):
                yield Span(*match.span("secret"), Kind.SECRET)


def _in_url(text: str, url: re.Match[str]) -> Iterator[Span]:
    start, end = url.span()
    for pattern in (_PASSWORD_IN_URL, _SECRET_PARAMETER):
        for match in pattern.finditer(text, start, end):
            yield Span(*match.span("secret"), Kind.SECRET)
    if _PUBLIC_PATH.search(url[0]):
        return
    for match in _PATH_PIECE.finditer(text, start, end):
        piece = match["secret"]
        mixed = any(c.isdigit() for c in piece) and any(c.isalpha() for c in piece)
        # Words joined by hyphens are a title.
        words = piece.count("-") + piece.count("_")
        if mixed and words <= len(piece) // 12 and not _UUID.fullmatch(piece):
            yield Span(*match.span("secret"), Kind.SECRET)
