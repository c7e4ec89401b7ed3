"""HubSpot: tickets by search, with the companies and contacts that they are associated with.

https://developers.hubspot.com/docs/reference/api/crm/objects/tickets
https://developers.hubspot.com/docs/api/usage-details (limits)
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

from vocloop.errors import says
from vocloop.intake.connectors.client import Client, asked_to_wait, retry_after, rows
from vocloop.intake.connectors.port import Batch, Cursor, Polling, Tool, bearer
from vocloop.intake.connectors.window import Window
from vocloop.intake.formats.port import Thing, listed
from vocloop.intake.formats.values import at, first, mapped
from vocloop.outgoing import Answer
from vocloop_models import ConnectorKind

_PAGE = 100
_CHANGED = "hs_lastmodifieddate"
_PROPERTIES = (
    "subject content createdate hs_pipeline hs_pipeline_stage hs_ticket_priority"
    " hs_ticket_category source_type hs_primary_company_id hs_primary_company_name"
    f" hs_detected_language {_CHANGED}"
).split()
# What "policyName" of a 429 says, in seconds.
_POLICIES = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 3_600.0}


def _read(client: Client, cursor: Cursor) -> Iterator[Batch]:
    window = Window(cursor)

    def fetch(since: dt.datetime, mark: Any) -> tuple[list[Any], Any]:
        later = {
            "propertyName": _CHANGED,
            "operator": "GTE",
            "value": str(int(since.timestamp() * 1000)),
        }
        question = {
            "filterGroups": [{"filters": [later]}],
            "sorts": [{"propertyName": _CHANGED, "direction": "ASCENDING"}],
            "properties": _PROPERTIES,
            "limit": _PAGE,
        } | ({"after": mark} if mark else {})
        page = client.post("/crm/v3/objects/tickets/search", question)
        return rows(page, "results"), at(page, "paging", "next", "after")

    def changed(ticket: Thing) -> Any:
        return first(at(ticket, "properties", _CHANGED), ticket.get("updatedAt"))

    for tickets in window.changes(fetch, changed):
        yield Batch([{"results": _whole(client, tickets)}], window.written())


def _whole(client: Client, tickets: Sequence[Thing]) -> list[Thing]:
    """The tickets with their company and contact, which the search does not tell."""
    ids = [str(each.get("id")) for each in tickets]
    companies = _associated(client, "companies", ids, ["name"])
    contacts = _associated(client, "contacts", ids, ["email", "firstname", "lastname"])
    return [
        _with(each, companies.get(str(each.get("id")), {}), contacts.get(str(each.get("id")), {}))
        for each in tickets
    ]


def _with(ticket: Thing, company: Thing, contact: Thing) -> Thing:
    person = mapped(contact.get("properties"))
    told = {
        "hs_primary_company_name": at(company, "properties", "name"),
        "hs_contact_email": person.get("email"),
    }
    return {
        **ticket,
        "properties": {**mapped(ticket.get("properties")), **{k: v for k, v in told.items() if v}},
        "associations": {
            "companies": {"results": [company] if company else []},
            "contacts": {"results": [contact] if contact else []},
        },
        "names": [person.get("firstname"), person.get("lastname")],
    }


def _associated(
    client: Client, kind: str, ids: Sequence[str], properties: Sequence[str]
) -> dict[str, Thing]:
    """By ticket the first object of ``kind`` that it is associated with."""
    asked = {"inputs": [{"id": each} for each in ids]}
    pairs = rows(client.post(f"/crm/v3/associations/tickets/{kind}/batch/read", asked), "results")
    found = {
        str(at(each, "from", "id")): str(others[0].get("id"))
        for each in pairs
        if (others := listed(each.get("to")))
    }
    if not found:
        return {}
    wanted = [{"id": each} for each in sorted(set(found.values()))]
    page = client.post(
        f"/crm/v3/objects/{kind}/batch/read", {"properties": list(properties), "inputs": wanted}
    )
    objects = {str(each.get("id")): each for each in rows(page, "results")}
    return {ticket: objects.get(other, {"id": other}) for ticket, other in found.items()}


def _limit(answer: Answer, moment: dt.datetime) -> float | None:
    """429 tells by its policy how long it lasts, seldom by a header."""
    if answer.status != 429 or retry_after(answer, moment) is not None:
        return asked_to_wait(answer, moment)
    try:
        policy = str(mapped(json.loads(answer.body)).get("policyName"))
    except (ValueError, RecursionError):
        policy = ""
    return _POLICIES.get(policy, _POLICIES["TEN_SECONDLY_ROLLING"])


TOOL = Tool(
    ConnectorKind.HUBSPOT,
    "HubSpot",
    "hubspot",
    polling=Polling(
        _read,
        bearer,
        hosts=("api.hubapi.com", "api-eu1.hubapi.com"),
        example="https://api.hubapi.com",
        key=says(
            "the access token of a private app with the scopes tickets,"
            " crm.objects.companies.read and crm.objects.contacts.read"
        ),
        default="https://api.hubapi.com",
        limit=_limit,
    ),
)
