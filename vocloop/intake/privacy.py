"""What a row looks like once personal data is out of it: the last thing before it is stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from sqlmodel import Session, col, select

from vocloop.config import Settings, settings
from vocloop.errors import InvalidInputError
from vocloop.intake.records import CustomerRef, FeedbackIn
from vocloop.intake.redact import redact
from vocloop.intake.redact.recogniser import Recogniser, recogniser
from vocloop.keys import ADDRESS, Hasher, cipher, hash_key
from vocloop_models import Feedback, PersonalData, SourcePolicy


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Everyone's domains: two people here need not be of one company.
_FREE_MAIL = _words(
    "gmail.com googlemail.com yahoo.com yahoo.co.jp ymail.com hotmail.com hotmail.co.jp"
    " outlook.com outlook.jp live.com live.jp msn.com icloud.com me.com mac.com aol.com gmx.de"
    " gmx.net gmx.com web.de t-online.de mail.com mail.ru yandex.ru protonmail.com proton.me"
    " qq.com 163.com 126.com naver.com daum.net docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp"
    " i.softbank.jp ymobile.ne.jp nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp plala.or.jp"
    " excite.co.jp goo.jp jcom.home.ne.jp orange.fr free.fr laposte.net wanadoo.fr libero.it"
    " comcast.net verizon.net att.net zoho.com fastmail.com hey.com"
)
_SUBJECT_FIELDS = ("title", "text", "product")
# What fits into a column: a placeholder may be longer than what stood there.
_LONGEST: Mapping[str, int] = {
    name: Feedback.__table__.c[name].type.length  # type: ignore[attr-defined]
    for name in ("title", "product", "url")
}
# As CustomerRef takes it; longer ones are nobody's.
_LONGEST_DOMAIN = 200


@dataclass(frozen=True)
class Protected:
    """A row to store; ``originals`` (by placeholder) only where the policy keeps them."""

    row: FeedbackIn
    originals: Mapping[str, str] = field(default_factory=dict)


class Privacy:
    """How one workspace treats personal data. Read once for a batch or a file."""

    def __init__(
        self,
        key: bytes,
        default: PersonalData,
        policies: Mapping[str, PersonalData],
        recognise: Recogniser | None = None,
    ) -> None:
        self._hasher, self._default, self._policies = Hasher(key), default, policies
        self._recognise = recognise

    def policy(self, source: str) -> PersonalData:
        return self._policies.get(source, self._default)

    def hashed(self, value: str) -> str:
        """``hash:…`` of ``value``; width and case do not count."""
        return self._hasher.hashed(value)

    def sealed(self, digest: bytes) -> bytes:
        """A keyed digest of a digest: what someone said can't be found out by trying."""
        return self._hasher.mac(digest)

    def person(self, reference: str) -> str:
        """How a contact is known: an id that programs give out stays, anything else is hashed."""
        return self._hasher.person(reference)

    def protect(self, row: FeedbackIn) -> Protected:
        """``row`` without personal data, as its source's policy says."""
        policy = self.policy(row.source)
        drop = policy is PersonalData.DROP
        found = redact(
            [getattr(row, name) or "" for name in _SUBJECT_FIELDS] + list(row.tags),
            people=[
                each for each in (*row.names, row.contact, row.submitted_by, row.email) if each
            ],
            numbered=not drop,
            recognise=self._recogniser(row),
        )
        contact, address = row.contact, row.email
        if contact is not None and ADDRESS.fullmatch(contact):
            contact, address = None, address or contact
        values: dict[str, Any] = {
            "customer": _customer(row, self),
            "contact": None if drop or not contact else self.person(contact),
            # From here on the hash of the address, by which one person of two sources is known.
            "email": None if drop or not address else self.hashed(address),
            "submitted_by": self.person(row.submitted_by)
            if row.submitted_by and not drop
            else None,
            "tags": tuple(found.texts[len(_SUBJECT_FIELDS) :]),
            "url": _link(row.url),
            "names": (),
        }
        for name, text in zip(_SUBJECT_FIELDS, found.texts, strict=False):
            values[name] = text[: _LONGEST.get(name)] or None
        originals = found.originals if policy is PersonalData.ENCRYPT else {}
        return Protected(row.model_copy(update=values), originals)

    def _recogniser(self, row: FeedbackIn) -> Recogniser | None:
        """Without the product and the company that the row names, which are no people."""
        recognise = self._recognise
        if recognise is None:
            return None
        company = row.customer.name if row.customer else None
        own = {word for name in (row.product, company) if name for word in (name, *name.split())}
        return lambda text: [name for name in recognise(text) if not own.issuperset(name.split())]

    def external_id(self, external_id: str) -> str:
        """The source's own id of a row; one that is an address is hashed."""
        return self.hashed(external_id) if ADDRESS.fullmatch(external_id) else external_id


def privacy(session: Session, *, writing: bool = True) -> Privacy:
    """The keys and policies of the workspace of ``session``.

    Its own hash key is made where neither the environment nor the database has one; a session that
    only reads (``writing`` False) gets a passing key instead. Raises InvalidInputError when a
    policy needs an encryption key and there is none.
    """
    configured = settings()
    default = PersonalData(configured.personal_data)
    rows = session.exec(
        select(SourcePolicy.source, SourcePolicy.personal_data).where(
            col(SourcePolicy.personal_data).is_not(None)
        )
    )
    policies = {source: PersonalData(policy) for source, policy in rows if policy is not None}
    if PersonalData.ENCRYPT in {default, *policies.values()}:
        cipher(configured)
    recognise = recogniser(configured.name_recogniser)
    return Privacy(hash_key(session, writing=writing), default, policies, recognise)


def unsealed(ciphertext: bytes, configured: Settings) -> str | None:
    """The original; None when the key is not the one it was written with."""
    try:
        return cipher(configured).decrypt(ciphertext).decode()
    except (InvalidToken, InvalidInputError):
        return None


def business_domain(address: str | None) -> str | None:
    """The domain of a mail address that tells a company; None for everyone's mail services."""
    if address is None or not ADDRESS.fullmatch(address):
        return None
    domain = unicodedata.normalize("NFKC", address).rpartition("@")[2].casefold().strip(".")
    is_one = 0 < len(domain) <= _LONGEST_DOMAIN and domain not in _FREE_MAIL
    return domain if is_one else None


def _link(url: str | None) -> str | None:
    """Without personal data; part of an address would lead nowhere."""
    bare = redact([url]).texts[0] if url else ""
    return bare if 0 < len(bare) <= _LONGEST["url"] else None


def _customer(row: FeedbackIn, privacy: Privacy) -> CustomerRef | None:
    """Whom ``row`` is from; the domain of the contact's address may tell it, or add to it."""
    reference = row.customer
    domain = business_domain(row.email) or business_domain(row.contact)
    if reference is None:
        return CustomerRef(domain=domain) if domain else None
    name = reference.name
    if name is not None and ADDRESS.fullmatch(name):
        # A person in the company's column.
        domain, name = domain or business_domain(name), None
        if reference.external_id is None and domain is None:
            return CustomerRef(name=privacy.hashed(str(reference.name)))
    if domain == reference.domain and name == reference.name:
        return reference
    return CustomerRef(
        external_id=reference.external_id, name=name, domain=reference.domain or domain
    )
