"""Keys of the workspace: what tells people apart without knowing them, and what seals values.

Contacts and colleagues are told apart by keyed hashes (HMAC-SHA-256, RFC 2104): the same person is
one, and nobody who reads the database can read or, without the key, guess the address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from functools import lru_cache

from cryptography.fernet import Fernet
from sqlmodel import Session, select

from vocloop.config import Settings, settings
from vocloop.errors import InvalidInputError
from vocloop_models import WorkspaceKey, now
from vocloop_models.bulk import insert_new

HASHED = "hash:"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HASH_KEY = "hash"
_UPLOADS_KEY = "uploads"
_KEY_BYTES = 32
# 160 bits: no two people of any company meet by chance.
_HASH_DIGITS = 40
_PHONE = re.compile(r"\+?[\d() .-]{9,20}")
# Ids that programs give out: they name a person to nobody outside.
_OPAQUE = re.compile(r"(?=.*\d)[A-Za-z0-9_.:/#=|-]+|[A-Za-z0-9_-]{1,3}|[0-9a-fA-F-]{32,36}")


class Hasher:
    """Keyed hashes of one workspace."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mac(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, hashlib.sha256)

    def hashed(self, value: str) -> str:
        """``hash:…`` of ``value``; width and case do not count."""
        plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
        return HASHED + self.mac(plain.encode()).hex()[:_HASH_DIGITS]

    def person(self, reference: str) -> str:
        """How a person is known: an id that programs give out stays, anything else is hashed."""
        if reference.startswith(HASHED):
            return reference
        if _PHONE.fullmatch(reference) and sum(c.isdigit() for c in reference) > 9:
            return self.hashed(re.sub(r"\D", "", reference))
        if _OPAQUE.fullmatch(reference) and not ADDRESS.fullmatch(reference):
            return reference
        return self.hashed(reference)


def hasher(session: Session, *, writing: bool = True) -> Hasher:
    return Hasher(hash_key(session, writing=writing))


def hash_key(session: Session, *, writing: bool = True) -> bytes:
    """The environment's key, else the database's own. That is made where there is none; a session
    that only reads (``writing`` False) gets a passing one instead."""
    configured = settings()
    if configured.hash_key is not None:
        return configured.hash_key.get_secret_value().encode()
    return kept_key(session, _HASH_KEY, writing=writing)


def kept_key(session: Session, name: str, *, writing: bool = True) -> bytes:
    """A key that this database keeps, made when it is first asked for."""
    query = select(WorkspaceKey.value).where(WorkspaceKey.name == name)
    found = session.exec(query).first()
    if found is None:
        found = secrets.token_bytes(_KEY_BYTES)
        if writing:
            row = {"name": name, "value": found, "created_at": now()}
            insert_new(session, WorkspaceKey, [row], unique=("name",))
            found = session.exec(query).one()
    return found


def cipher(configured: Settings) -> Fernet:
    """What encrypts and reads originals. Raises InvalidInputError without a key."""
    key = configured.encryption_key
    if key is None:
        raise InvalidInputError(
            "the policy 'encrypt' needs a key; set VOCLOOP_ENCRYPTION_KEY to at least 16 secret"
            " characters (docs/privacy.md), or choose redact or drop"
        )
    return _fernet(key.get_secret_value().encode())


def workspace_cipher(session: Session) -> Fernet:
    """What encrypts uploads while they wait, and addresses and secrets of colleagues: with the
    environment's key if there is one, else with one that this database keeps."""
    configured = settings()
    if configured.encryption_key is not None:
        return cipher(configured)
    return _fernet(kept_key(session, _UPLOADS_KEY))


@lru_cache(maxsize=8)
def _fernet(secret: bytes) -> Fernet:
    derived = hashlib.scrypt(secret, salt=b"vocloop", n=2**14, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(derived))
