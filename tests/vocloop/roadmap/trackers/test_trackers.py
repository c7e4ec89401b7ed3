"""One item, one issue, whatever breaks; and what the tracker says comes back."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.api.records import add_theme
from tests.vocloop.roadmap.trackers import servers
from tests.vocloop.roadmap.trackers.servers import PROJECTS, Reply, Site, site
from vocloop.errors import ConflictError, InvalidInputError, SignatureError
from vocloop.roadmap import backlog
from vocloop.roadmap.audit import Author
from vocloop.roadmap.decisions import decide
from vocloop.roadmap.trackers import delivery, readback, store
from vocloop.roadmap.trackers.port import Received
from vocloop_models import (
    BacklogItem,
    ItemState,
    LinkState,
    RoadmapChange,
    Stage,
    Tracker,
    TrackerKind,
    TrackerLink,
    Verdict,
    new_id,
    now,
)
from vocloop_models.database import reading, transaction

SECRET = "a secret of the webhook"  # noqa: S105 - invented
KINDS = list(TrackerKind)
# Status and group as the tracker has them: at work, done.
WORDS = {
    TrackerKind.GITHUB: ("", ("closed", "")),
    TrackerKind.GITLAB: ("", ("closed", "")),
    TrackerKind.JIRA: (("進行中", "indeterminate"), ("完了", "done")),
    TrackerKind.LINEAR: (("In Progress", "started"), ("Done", "completed")),
}


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> TrackerKind:
    return TrackerKind(request.param)


@pytest.fixture
def there(kind: TrackerKind, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TEAM_TOKEN", "key")
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TEAM_SECRET", SECRET)
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.1"]')
    with site(kind) as made:
        yield made


@pytest.fixture
def link(engine: Engine, kind: TrackerKind, there: Site) -> uuid.UUID:
    """An approved item that waits to be pushed."""
    with transaction(engine) as session:
        theme = add_theme(session)
        item = backlog.create(session, "Swap shifts", {theme.id: 1.0}, problem="It stops")
        decide(session, item.id, Verdict.APPROVE, "yes", Author("CCO"), agree_as_customer=True)
        tracker = store.add(session, "web-team", kind, PROJECTS[kind], there.address)
        return store.push(session, item.id, tracker.id).id


def found(engine: Engine, link_id: uuid.UUID) -> tuple[TrackerLink, BacklogItem]:
    with reading(engine) as session:
        link = session.get_one(TrackerLink, link_id)
        return link, session.get_one(BacklogItem, link.item_id)


def revive(engine: Engine, link_id: uuid.UUID) -> None:
    """Time passes until a dead worker's lease has run out."""
    with transaction(engine) as session:
        session.get_one(TrackerLink, link_id).leased_until = now() - dt.timedelta(seconds=1)


def test_an_item_becomes_one_issue_and_later_changes_follow(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    assert delivery.work(engine, link, there.send) is None
    kept, item = found(engine, link)
    issue = there.issues[str(kept.external_id)]
    assert issue["title"] == "Swap shifts"
    assert "It stops" in issue["body"]
    assert (kept.state, item.tracker_url) == (LinkState.PUSHED, kept.url)
    issue["body"] = f"Seen by Abe.\n\n{issue['body']}\n\nTested."
    issue["title"] = "Swap shifts (Abe)"
    with transaction(engine) as session:
        backlog.change(session, item.id, problem="It stops at night")
        assert store.outdated(session) == [link]
        store.requeue(session, [link])
    assert delivery.work(engine, link, there.send) is None
    assert len(there.issues) == 1
    assert issue["body"].startswith("Seen by Abe.")
    assert issue["body"].endswith("Tested.")
    assert "It stops at night" in issue["body"]
    assert issue["body"].count("vocloop B-") == 1
    assert issue["title"] == "Swap shifts (Abe)"


def test_what_changes_while_an_item_is_pushed_is_pushed_after_it(
    engine: Engine, there: Site, link: uuid.UUID
) -> None:
    def changed_meanwhile(*asked: Any) -> Reply:
        with transaction(engine) as session:
            backlog.change(session, found(engine, link)[1].id, problem="It stops at night")
        return there.send(*asked)

    assert delivery.work(engine, link, changed_meanwhile) is None
    with reading(engine) as session:
        assert store.outdated(session) == [link]


def test_a_tracker_that_is_pointed_elsewhere_writes_over_nobodys_issue(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    before, _ = found(engine, link)
    external = str(before.external_id)
    with site(kind) as other:
        if kind is not TrackerKind.LINEAR:
            theirs = {"title": "Theirs", "body": "", "status": "open", "group": "", "labels": []}
            other.issues[external] = {"id": external, "at": other.now(), **theirs}
        with transaction(engine) as session:
            store.change(session, before.tracker_id, address=other.address)
            assert readback.due(session) == []
            assert store.outdated(session) == [link]
            store.requeue(session, [link])
        assert delivery.work(engine, link, other.send) is None
        kept, item = found(engine, link)
        assert other.issues[str(kept.external_id)]["title"] == "Swap shifts"
        assert item.tracker_url == kept.url
        if kind is not TrackerKind.LINEAR:
            assert other.issues[external]["title"] == "Theirs"
    with transaction(engine) as session:
        store.change(session, before.tracker_id, address=there.address)
        store.requeue(session, [link])
    assert delivery.work(engine, link, there.send) is None
    assert list(there.issues) == [external], "found again by its marker"


def test_pointed_elsewhere_while_an_item_is_pushed_its_issue_is_looked_for_there(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    with site(kind) as other:

        def pointed_elsewhere(*asked: Any) -> Reply:
            with transaction(engine) as session:
                store.change(session, found(engine, link)[0].tracker_id, address=other.address)
            return there.send(*asked)

        assert delivery.work(engine, link, pointed_elsewhere) is not None
        kept, item = found(engine, link)
        assert (kept.external_id, kept.state, item.tracker_url) == (None, LinkState.WAITING, None)
        assert delivery.work(engine, link, other.send) is None
        kept, item = found(engine, link)
        assert list(other.issues) == [kept.external_id]
        assert item.tracker_url == kept.url


def test_a_poll_tells_of_items_in_one_order(engine: Engine, there: Site, link: uuid.UUID) -> None:
    with transaction(engine) as session:
        tracker_id = session.get_one(TrackerLink, link).tracker_id
        theme = add_theme(session, "Other")
        items = [backlog.create(session, f"Item {n}", {theme.id: 1.0}).id for n in range(3)]
        every = [link, *(store.push(session, item, tracker_id).id for item in items)]
    for each in reversed(every):
        delivery.work(engine, each, there.send)
    for issue in reversed(there.issues.values()):
        issue["status"], issue["at"] = "closed", there.now()
    pushed = new_id()
    assert readback.poll(engine, tracker_id, there.send) == 4
    with reading(engine) as session:
        said = select(RoadmapChange.subject_id).where(
            RoadmapChange.action == "tracker_status", col(RoadmapChange.id) > pushed
        )
        told = session.exec(said.order_by(col(RoadmapChange.id))).all()
    assert told == sorted(told), "else two trackers with the same items could wait for each other"


def test_a_title_is_as_long_as_trackers_take_it(
    engine: Engine, there: Site, link: uuid.UUID
) -> None:
    with transaction(engine) as session:
        backlog.change(session, found(engine, link)[1].id, title="長" * 300)
    assert delivery.work(engine, link, there.send) is None
    [issue] = there.issues.values()
    assert issue["title"] == "長" * 254 + "…"


@pytest.mark.parametrize("step", ["before the call", "before the answer", "before the commit"])
def test_a_worker_killed_at_any_step_makes_no_second_issue(
    engine: Engine,
    there: Site,
    link: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    def dying(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        if step == "before the call":
            raise Killed
        answer = there.send(method, url, headers, body)
        if step == "before the answer":
            raise Killed
        return answer

    def dead(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if step == "before the commit":
            patch.setattr(delivery, "_keep", dead)
        with pytest.raises(Killed):
            delivery.work(engine, link, dying)
    waits = delivery.work(engine, link, there.send)
    assert waits is not None
    assert len(there.issues) == (step != "before the call")
    revive(engine, link)
    assert delivery.work(engine, link, there.send) is None
    kept, _ = found(engine, link)
    assert list(there.issues) == [kept.external_id]
    assert kept.state is LinkState.PUSHED


def test_an_outage_is_waited_out_longer_each_time_and_a_refusal_is_told(
    engine: Engine, there: Site, link: uuid.UUID
) -> None:
    there.refuse = [(502, {}), (503, {}), (429, {"Retry-After": "900"})]
    waits = [delivery.work(engine, link, there.send) for _ in range(3)]
    assert waits == [60.0, 120.0, 900.0]
    there.refuse = [(401, {})]
    assert delivery.work(engine, link, there.send) is None
    kept, _ = found(engine, link)
    assert kept.state is LinkState.FAILED
    assert "refuses the key (401)" in str(kept.error)
    with transaction(engine) as session:
        store.push(session, kept.item_id, kept.tracker_id)
    assert delivery.work(engine, link, there.send) is None
    assert len(there.issues) == 1


def test_what_people_do_in_the_tracker_moves_the_item(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    with reading(engine) as session:
        assert readback.due(session) == [kept.tracker_id]
    begun, done = WORDS[kind]
    for words, state in ((begun, ItemState.IN_PROGRESS), (done, ItemState.SHIPPED)):
        if words:
            there.set(str(kept.external_id), *words)
            assert readback.poll(engine, kept.tracker_id, there.send) == 1
            assert found(engine, link)[1].state is state
    assert readback.poll(engine, kept.tracker_id, there.send) == 0
    with reading(engine) as session:
        assert readback.due(session) == []
        lines = session.exec(
            select(RoadmapChange).where(RoadmapChange.action == "tracker_status")
        ).all()
    assert {line.by for line in lines} == {"tracker web-team"}


def test_a_tracker_that_can_not_be_asked_says_why_and_is_asked_again_later(
    engine: Engine, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    there.refuse = [(500, {})]
    assert readback.poll(engine, kept.tracker_id, there.send) == 0
    with reading(engine) as session:
        tracker = session.get_one(Tracker, kept.tracker_id)
        assert "failed (500" in str(tracker.error)
        assert tracker.polled_at is None
        assert readback.due(session) == []
    there.refuse = [(429, {"Retry-After": "3600"})]
    assert readback.poll(engine, kept.tracker_id, there.send) == 0
    with reading(engine) as session:
        after = session.get_one(Tracker, kept.tracker_id).poll_after
        assert after is not None
        assert after > now() + dt.timedelta(minutes=50), "as long as it asked"


def told(
    kind: TrackerKind,
    there: Site,
    external_id: str,
    secret: str = SECRET,
    *,
    project: str | None = None,
) -> Received:
    """The webhook's request about an issue, as the tracker sends it."""
    project = project or PROJECTS[kind]
    issue = there.issues[external_id]
    row = getattr(servers, f"{kind.value}_issue")(there, issue)
    body: dict[str, Any]
    if kind is TrackerKind.GITHUB:
        body, name, prefix = {"action": "closed", "issue": row}, "x-hub-signature-256", "sha256="
        body["repository"] = {"full_name": project}
    elif kind is TrackerKind.GITLAB:
        body, name, prefix = {"object_kind": "issue"}, "x-gitlab-token", ""
        body["object_attributes"] = row | {"url": row["web_url"]}
        body["project"] = {"id": 7, "path_with_namespace": project}
    elif kind is TrackerKind.JIRA:
        body = {"webhookEvent": "jira:issue_updated", "issue": row}
        name, prefix = "x-hub-signature", "sha256="
    else:
        moment = int(now().timestamp() * 1000)
        body = {"type": "Issue", "data": row, "webhookTimestamp": moment}
        name, prefix = "linear-signature", ""
    packed = json.dumps(body).encode()
    proof = prefix + hmac.digest(secret.encode(), packed, hashlib.sha256).hex()
    if kind is TrackerKind.GITLAB:
        proof = secret
    return Received({name: proof, "x-github-event": "issues"}, packed)


def test_a_webhook_moves_the_item_once_and_only_when_its_proof_fits(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    external = str(kept.external_id)
    old = told(kind, there, external)
    there.set(external, *WORDS[kind][1])
    received = told(kind, there, external)
    forged = told(kind, there, external, "another secret")
    bare = Received({"x-github-event": "issues"}, received.body)
    for wrong in (forged, bare):
        with pytest.raises(SignatureError):
            readback.receive(engine, kept.tracker_id, wrong)
    assert found(engine, link)[1].state is ItemState.APPROVED
    for request, news in ((received, True), (received, False), (old, False)):
        assert readback.receive(engine, kept.tracker_id, request) is news
    assert found(engine, link)[1].state is ItemState.SHIPPED


@pytest.mark.parametrize("kind", [TrackerKind.GITHUB, TrackerKind.GITLAB], indirect=True)
def test_an_issue_of_another_project_with_the_same_number_moves_nothing(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    there.set(str(kept.external_id), *WORDS[kind][1])
    # An organisation's webhook tells of all of its projects, with one secret.
    received = told(kind, there, str(kept.external_id), project="acme/other")
    assert not readback.receive(engine, kept.tracker_id, received)
    assert found(engine, link)[1].state is ItemState.APPROVED


def test_a_tracker_that_is_switched_off_moves_nothing(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    there.set(str(kept.external_id), *WORDS[kind][1])
    received = told(kind, there, str(kept.external_id))
    with transaction(engine) as session:
        store.change(session, kept.tracker_id, active=False)
    assert not readback.receive(engine, kept.tracker_id, received)
    assert found(engine, link)[1].state is ItemState.APPROVED


def test_a_request_that_is_no_event_of_an_issue_breaks_nothing(
    engine: Engine, kind: TrackerKind, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, _ = found(engine, link)
    proof = told(kind, there, str(kept.external_id)).headers
    name = next(iter(proof))
    for body in (b"{}", b"[]", b"no", b'{"issue": 3, "object_kind": "issue", "type": "Issue"}'):
        signed = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
        given = SECRET if "token" in name else ("sha256=" if "hub" in name else "") + signed
        headers = {name: given, "x-github-event": "issues"}
        try:
            assert not readback.receive(engine, kept.tracker_id, Received(headers, body))
        except (InvalidInputError, SignatureError):
            continue


@pytest.mark.parametrize("kind", [TrackerKind.GITHUB], indirect=True)
def test_own_words_of_a_tracker_move_state_and_stage_but_never_decide(
    engine: Engine, there: Site, link: uuid.UUID
) -> None:
    delivery.work(engine, link, there.send)
    kept, item = found(engine, link)
    with transaction(engine) as session:
        meanings = {"Not_Planned": {"stage": "policy"}, "closed": {"state": "shipped"}}
        store.change(session, kept.tracker_id, statuses=meanings)
    there.set(str(kept.external_id), "not_planned")
    readback.poll(engine, kept.tracker_id, there.send)
    assert found(engine, link)[1].stage is Stage.POLICY
    with transaction(engine) as session:
        session.get_one(BacklogItem, item.id).state = ItemState.DECLINED
    there.set(str(kept.external_id), "closed")
    assert readback.poll(engine, kept.tracker_id, there.send) == 1
    assert found(engine, link)[1].state is ItemState.DECLINED


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": "Web Team"}, "name"),
        ({"project": "../../user"}, "project"),
        ({"address": "ftp://x"}, "address"),
        ({"address": "https://user:key@x"}, "address"),
        ({"statuses": {"Done": {"state": "approved"}}}, "statuses"),
        ({"statuses": {"Done": {}}}, "statuses"),
    ],
)
def test_what_a_tracker_can_not_be_made_of_is_named(
    engine: Engine, fields: dict[str, Any], where: str
) -> None:
    given = {"name": "web", "project": "a/b"} | fields
    with pytest.raises(InvalidInputError) as raised, transaction(engine) as session:
        store.add(session, given.pop("name"), TrackerKind.GITHUB, given.pop("project"), **given)
    assert raised.value.problems[0][0] == where


@pytest.mark.parametrize("kind", [TrackerKind.JIRA], indirect=True)
def test_a_key_may_stand_in_a_file_and_a_missing_one_is_named(
    engine: Engine,
    there: Site,
    link: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.delenv("VOCLOOP_TRACKER_WEB_TEAM_TOKEN")
    assert delivery.work(engine, link, there.send) is None
    kept, _ = found(engine, link)
    assert "set VOCLOOP_TRACKER_WEB_TEAM_TOKEN" in str(kept.error)
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TEAM_TOKEN_FILE", str(tmp_path / "key"))
    with transaction(engine) as session:
        store.push(session, kept.item_id, kept.tracker_id)
        store.change(session, kept.tracker_id, active=False)
        with pytest.raises(ConflictError, match="switched off"):
            store.push(session, kept.item_id, kept.tracker_id)
    assert delivery.work(engine, link, there.send) is None
    assert there.asked[-1][2]["Authorization"] == "Bearer from a file"
