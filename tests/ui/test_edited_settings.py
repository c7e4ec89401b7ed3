"""Forms of a department, a colleague and a tracker that two people have open at once."""

from __future__ import annotations

import html
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.sent import sent
from vocloop.notify import people
from vocloop.roadmap.trackers import store
from vocloop.route.setup import put_department
from vocloop_models import TrackerKind
from vocloop_models.database import transaction

DEPARTMENT = {"name_ja": "開発部", "name_en": "Engineering", "owner": "Abe"}


@pytest.fixture(params=["department", "colleague", "tracker"])
def forms(
    request: pytest.FixtureRequest, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Where the form is and goes to, what one field becomes by them and by me, and another field
    that I alone change."""
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
    with transaction(engine) as session:
        put_department(session, "dev", DEPARTMENT)
        person = people.put_colleague(session, "Sato", address="sato@vendor.example").id
        tracker = store.add(session, "web", TrackerKind.GITHUB, "acme/web").id

    def theirs() -> None:
        with transaction(engine) as session:
            put_department(session, "dev", DEPARTMENT | {"owner": "Theirs"})
            people.put_colleague(
                session, "Theirs", recipient_id=person, address="sato@vendor.example"
            )
            store.change(session, tracker, account="Theirs")

    kinds: dict[str, dict[str, Any]] = {
        "department": {
            "page": "/departments?key=dev",
            "action": "/departments",
            "same": "owner",
            "other": ("description_en", "Builds"),
        },
        "colleague": {
            "page": f"/colleagues?edit={person}",
            "action": f"/colleagues/{person}",
            "same": "name",
            "other": ("language", "en"),
        },
        "tracker": {
            "page": f"/trackers?edit={tracker}",
            "action": f"/trackers/{tracker}",
            "same": "account",
            "other": ("issue_type", "Bug"),
        },
    }
    return {"theirs": theirs, **kinds[request.param]}


def test_what_somebody_else_changed_meanwhile_stays(
    client: TestClient, forms: dict[str, Any]
) -> None:
    form = sent(client.get(forms["page"]).text, forms["action"])
    forms["theirs"]()
    name, value = forms["other"]
    assert client.post(forms["action"], data=form | {name: [value]}).status_code == 303
    now = sent(client.get(forms["page"]).text, forms["action"])
    assert (now[forms["same"]], now[name]) == (["Theirs"], [value])


def test_where_both_changed_the_same_it_is_told_and_nothing_is_overwritten(
    client: TestClient, forms: dict[str, Any]
) -> None:
    form = sent(client.get(forms["page"]).text, forms["action"])
    forms["theirs"]()
    page = client.post(forms["action"], data=form | {forms["same"]: ["Mine"]})
    assert page.status_code == 422
    assert "Changed by someone since you opened the form, to “Theirs”." in html.unescape(page.text)
    now = sent(client.get(forms["page"]).text, forms["action"])
    assert now[forms["same"]] == ["Theirs"]
    again = sent(page.text, forms["action"])
    assert client.post(forms["action"], data=again).status_code == 303
    now = sent(client.get(forms["page"]).text, forms["action"])
    assert now[forms["same"]] == ["Mine"]
