"""What an administrator sets up on pages: trackers, and colleagues who hear."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.roadmap.trackers.servers import PROJECTS, site
from vocloop.notify import people
from vocloop.roadmap.trackers import store
from vocloop_models import BacklogItem, Department, Recipient, Tracker, TrackerKind, TrackerLink
from vocloop_models.database import reading, transaction

WEB = {"name": "web-team", "kind": "github", "project": "acme/shop"}


def only(engine: Engine) -> Tracker:
    with reading(engine) as session:
        return session.exec(select(Tracker)).one()


def test_a_tracker_is_set_up_and_says_which_keys_it_lacks(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/trackers", data=WEB).status_code == 303
    page = client.get("/trackers").text
    assert "VOCLOOP_TRACKER_WEB_TEAM_TOKEN" in page
    assert f"/api/trackers/{only(engine).id}/events" in page
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TEAM_TOKEN", "s3cr3t")
    page = client.get("/trackers").text
    assert "VOCLOOP_TRACKER_WEB_TEAM_TOKEN" not in page
    assert "VOCLOOP_TRACKER_WEB_TEAM_SECRET" in page
    assert "s3cr3t" not in page


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": "Web Team"}, "Use small letters"),
        ({"name": ""}, "Give it a name"),
        ({"kind": "paper"}, "Choose a kind"),
        ({"project": "shop"}, "This is no project of that kind"),
        ({"kind": "jira", "project": "SHOP"}, "Give where its API is"),
        ({"statuses": "Done = eaten"}, "write a status"),
    ],
)
def test_what_is_wrong_with_a_tracker_is_told_and_nothing_is_kept(
    client: TestClient, engine: Engine, changed: dict[str, str], reason: str
) -> None:
    answer = client.post("/trackers", data=WEB | changed)
    assert answer.status_code == 422
    assert reason in answer.text
    with reading(engine) as session:
        assert store.listed(session) == []


def test_a_name_that_is_taken_is_refused(client: TestClient) -> None:
    client.post("/trackers", data=WEB)
    answer = client.post("/trackers", data=WEB)
    assert answer.status_code == 422
    assert "This name is taken" in answer.text


def test_a_tracker_is_changed_and_switched_off(client: TestClient, engine: Engine) -> None:
    client.post("/trackers", data=WEB | {"statuses": "In Review = execution\nDone = shipped"})
    made = only(engine)
    assert made.statuses == {"In Review": {"stage": "execution"}, "Done": {"state": "shipped"}}
    assert "Done = shipped" in client.get(f"/trackers?edit={made.id}").text
    sent = {"project": "acme/web", "address": made.address, "statuses": ""}
    assert client.post(f"/trackers/{made.id}", data=sent | {"project": "x"}).status_code == 422
    assert only(engine).project == "acme/shop"
    assert client.post(f"/trackers/{made.id}", data=sent).status_code == 303
    assert (only(engine).project, only(engine).active) == ("acme/web", False)
    assert client.post(f"/trackers/{made.id}", data=sent | {"active": "yes"}).status_code == 303
    assert only(engine).active


def test_a_tracker_is_tried_and_the_reason_is_shown(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.1"]')
    with site(TrackerKind.GITHUB) as there:
        client.post(
            "/trackers",
            data=WEB | {"project": PROJECTS[TrackerKind.GITHUB], "address": there.address},
        )
        here = f"/trackers/{only(engine).id}/poll"
        client.post(here)
        assert "VOCLOOP_TRACKER_WEB_TEAM_TOKEN" in str(only(engine).error)
        monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TEAM_TOKEN", "key")
        there.refuse.append((401, {}))
        client.post(here)
        assert "refuses the key" in client.get("/trackers").text
        client.post(here)
        assert only(engine).error is None
        assert only(engine).polled_at is not None


def test_a_tracker_is_removed_with_its_links(client: TestClient, engine: Engine) -> None:
    client.post("/trackers", data=WEB)
    with transaction(engine) as session:
        item = BacklogItem(number=1, title="Approve on the phone")
        session.add(item)
        session.flush()
        session.add(TrackerLink(tracker_id=only(engine).id, item_id=item.id))
    assert client.post(f"/trackers/{only(engine).id}/remove").status_code == 303
    assert "No tracker yet" in client.get("/trackers").text
    with reading(engine) as session:
        assert session.exec(select(TrackerLink)).all() == []


SATO = {"name": "佐藤", "address": "sato@minamo.example", "language": "ja"}


def colleague(engine: Engine) -> Recipient:
    with reading(engine) as session:
        return people.colleagues(session)[0]


def test_a_colleague_is_made_known_with_digests(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Department(key="support", name_ja="サポート", name_en="Support"))
    sent = SATO | {"department": "support", "executive": "yes", "known_as": "U123\nsato-san"}
    assert client.post("/colleagues", data=sent).status_code == 303
    page = client.get("/colleagues").text
    assert "weekly digest of Support" in page
    assert "monthly digest" in page
    with reading(engine) as session:
        found = people.colleagues(session)[0]
        assert people.address_of(session, found) == "sato@minamo.example"
    form = client.get(f"/colleagues?edit={found.id}").text
    assert "sato@minamo.example" in form
    assert client.post(f"/colleagues/{found.id}", data={"name": "佐藤"}).status_code == 303
    assert colleague(engine).executive is False
    assert "no mail address" in client.get("/colleagues").text


def test_a_colleague_is_removed(client: TestClient, engine: Engine) -> None:
    client.post("/colleagues", data=SATO)
    known = colleague(engine).id
    assert f'action="/colleagues/{known}/remove"' in client.get("/colleagues").text
    assert client.post(f"/colleagues/{known}/remove").status_code == 303
    assert "No colleague yet" in client.get("/colleagues").text
    assert client.post(f"/colleagues/{known}/remove").status_code == 404


def test_what_is_wrong_with_a_colleague_is_told(client: TestClient, engine: Engine) -> None:
    client.post("/colleagues", data=SATO)
    for sent, reason in [
        ({"name": ""}, "Write the name"),
        ({"name": "Kato", "address": "nowhere"}, "This is no mail address"),
        ({"name": "Kato", "known_as": "佐藤"}, "another colleague"),
    ]:
        answer = client.post("/colleagues", data=sent)
        assert answer.status_code == 422
        assert reason in answer.text
    with reading(engine) as session:
        assert len(people.colleagues(session)) == 1
