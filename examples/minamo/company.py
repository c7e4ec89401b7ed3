"""The sample company's customers: drawn attributes, contacts, and who faces which theme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from draws import Draw

LANGUAGES = ("ja", "en")

# Yearly fee in thousand JPY by size, and rough rates to bill it elsewhere.
FEES = {
    "1-99": (600, 1_500),
    "100-299": (1_500, 4_000),
    "300-999": (4_000, 10_000),
    "1000+": (10_000, 40_000),
}
JPY_PER = {"JPY": 1, "SGD": 110, "USD": 150, "GBP": 190}
HIGH_TOUCH_FROM, LOW_TOUCH_FROM = 9_000, 2_500
ENTERPRISE_SHARES = {"1-99": 0.0, "100-299": 0.1, "300-999": 0.45, "1000+": 1.0}
FIRST_CONTRACT = dt.date(2019, 4, 1)
LATEST_OLD_CONTRACT_DAYS = 2_100  # to the end of 2024: before the first voice

DEPARTMENTS = ("Accounting", "General Affairs", "IT", "Purchasing", "Internal Audit")
OPERATIONS = {"Retail": "Store Operations", "Restaurants": "Store Operations"}
ROLES = (("Administrator", 0.25), ("Manager", 0.35), ("Staff", 0.3), ("Executive", 0.1))
CHAMPION_SHARE = 0.7


@dataclass(frozen=True)
class Contact:
    external_id: str
    customer: str
    department: str
    role: str
    champion: bool


@dataclass(frozen=True)
class Customer:
    """``attributes`` are the columns of customers.csv after external_id and name."""

    external_id: str
    name: str
    attributes: dict[str, str]
    languages: tuple[str, ...]
    zone: ZoneInfo
    since: dt.date
    until: dt.date | None
    contacts: tuple[Contact, ...]
    talkativeness: float

    def active(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def fits(self, segments: Mapping[str, list[str]]) -> bool:
        return all(self.attributes[name] in values for name, values in segments.items())


def customers_of(planted: Mapping[str, Any]) -> list[Customer]:
    last_day = dt.date.fromisoformat(planted["last_day"])
    return [_customer(planted["seed"], row, last_day) for row in planted["customers"]]


def facing(planted: Mapping[str, Any], key: str, customers: list[Customer]) -> list[Customer]:
    """The customers that face theme ``key``: the planted share inside its segments and outside,
    taken alike from those who write Japanese, English and both."""
    theme, loud = planted["themes"][key], planted["loud"]
    found: list[Customer] = []
    for inside, share in ((True, theme["share_inside"]), (False, theme.get("share_outside", 0.0))):
        ranked: list[tuple[float, str, Customer]] = []
        for languages in (("ja",), ("en",), LANGUAGES):
            group = [
                (Draw(planted["seed"], "faces", key, one.external_id).unit(), one.external_id, one)
                for one in customers
                if one.languages == languages and one.fits(theme["segments"]) == inside
            ]
            # Spread over (0, 1): cutting the merged list then takes a like share of each group.
            for rank, (_, name, one) in enumerate(sorted(group, key=lambda entry: entry[:2])):
                ranked.append(((rank + 0.5) / len(group), name, one))
        ranked.sort(key=lambda entry: entry[:2])
        found.extend(one for _, _, one in ranked[: round(share * len(ranked))])
    if key == loud["theme"] and all(one.external_id != loud["customer"] for one in found):
        found.extend(one for one in customers if one.external_id == loud["customer"])
    return found


def _customer(seed: str, row: Mapping[str, Any], last_day: dt.date) -> Customer:
    draw = Draw(seed, "customer", row["external_id"])
    fee = draw.between(*FEES[row["size"]])
    enterprise = draw.unit() < ENTERPRISE_SHARES[row["size"]]
    age = dt.timedelta(days=draw.between(0, LATEST_OLD_CONTRACT_DAYS))
    since = (FIRST_CONTRACT + age).replace(day=1)
    if "since" in row:
        since = dt.date.fromisoformat(row["since"])
    until = dt.date.fromisoformat(row["until"]) if "until" in row else None
    attributes = {
        "industry": row["industry"],
        "size": row["size"],
        "region": row["region"],
        "plan": _plan(row["size"], enterprise=enterprise),
        "touch_tier": _touch_tier(fee),
        "arr": str(fee * 1_000 // JPY_PER[row["currency"]] // 100 * 100),
        "currency": row["currency"],
        "since": since.isoformat(),
        "until": until.isoformat() if until else "",
        "renewal_on": "" if until else _renewal(since, last_day).isoformat(),
    }
    language = row["language"]
    return Customer(
        external_id=row["external_id"],
        name=row["name"],
        attributes=attributes,
        languages=LANGUAGES if language == "mixed" else (language,),
        zone=ZoneInfo(row["zone"]),
        since=since,
        until=until,
        contacts=_contacts(seed, row),
        talkativeness=0.4 + 1.6 * draw.unit(),
    )


def _plan(size: str, *, enterprise: bool) -> str:
    if enterprise:
        return "Enterprise"
    return "Starter" if size == "1-99" else "Standard"


def _touch_tier(fee: int) -> str:
    if fee >= HIGH_TOUCH_FROM:
        return "high"
    return "low" if fee >= LOW_TOUCH_FROM else "tech"


def _renewal(since: dt.date, last_day: dt.date) -> dt.date:
    this_year = since.replace(year=last_day.year)
    return this_year if this_year > last_day else since.replace(year=last_day.year + 1)


def _contacts(seed: str, row: Mapping[str, Any]) -> tuple[Contact, ...]:
    customer = row["external_id"]
    draw = Draw(seed, "contacts", customer)
    rest = [OPERATIONS.get(row["industry"], "Operations"), *DEPARTMENTS]
    has_champion = draw.unit() < CHAMPION_SHARE
    contacts = []
    for number in range(1, draw.between(2, 4) + 1):
        department = rest.pop(draw.between(0, len(rest) - 1))
        champion = has_champion and number == 1
        name = f"{customer}-{number}"
        contacts.append(Contact(name, customer, department, draw.named(ROLES), champion))
    return tuple(contacts)
