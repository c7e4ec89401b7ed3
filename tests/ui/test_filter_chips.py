"""A condition that is on is a chip on every list that can be filtered; its cross takes it off and
leaves the others as they are."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.ui.planned import Plan, plan_in_every_list
from vocloop.roadmap import hypotheses
from vocloop.route import inbox
from vocloop_models import (
    Customer,
    DecidedBy,
    HypothesisState,
    Routing,
    RoutingState,
)
from vocloop_models.database import transaction

# By list: an address, and of each condition its name and the address without it.
LISTS = {
    "/themes?text=swap&customers=1": {"Words": "/themes?customers=1"},
    "/customers?q=Swap&tier=tech&columns=plan": {
        "Name or id": "/customers?tier=tech&columns=plan",
        "Touch tier": "/customers?q=Swap&columns=plan",
    },
    "/minority-voices?text=dark&language=en": {
        "Words": "/minority-voices?language=en",
        "Said in": "/minority-voices?text=dark",
    },
    "/changes?until=2026-09-11&days=365&against=year": {
        "Until": "/changes?days=365&against=year",
        "Length": "/changes?until=2026-09-11&against=year",
        "Compared with": "/changes?until=2026-09-11&days=365",
    },
    "/changes?days=90&against=before": {},
    "/voices?by=Sato&columns=day": {"Handed in by": "/voices?all=1&columns=day"},
    "/voices?all=1": {},
    "/map?text=swap": {"Words": "/map"},
    "/backlog?text=swap&horizon=now": {
        "Words": "/backlog?horizon=now",
        "Horizon": "/backlog?text=swap",
    },
    "/decisions?text=swap&verdict=defer": {
        "Words": "/decisions?verdict=defer",
        "Decision": "/decisions?text=swap",
    },
    "/hypotheses?text=swap&state=open": {
        "Words": "/hypotheses?state=open",
        "State": "/hypotheses?text=swap",
    },
}


@pytest.fixture
def made(engine: Engine) -> Plan:
    with transaction(engine) as session:
        return plan_in_every_list(session)


def chips(page: str) -> dict[str, str]:
    """By name the address that takes the condition off."""
    found = re.findall(
        r'<span class="chip on"><span>([^<]*)</span><b>[^<]*</b><a class="x" href="([^"]*)"', page
    )
    return {name: html.unescape(address) for name, address in found}


@pytest.mark.parametrize("address", LISTS)
def test_each_condition_is_taken_off_alone(made: Plan, client: TestClient, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert chips(page.text) == LISTS[address]
    for rest in LISTS[address].values():
        assert client.get(rest).status_code == 200


def test_a_list_without_a_row_says_which_conditions_to_take_off(
    made: Plan, client: TestClient
) -> None:
    for address in ("/customers?q=nobody", "/hypotheses?text=nobody", "/decisions?text=nobody"):
        empty = re.findall(
            r'<section class="empty">.*?</section>', client.get(address).text, re.DOTALL
        )
        assert len(empty) == 1, address
        assert "nobody</a>" in empty[0]
        assert f'href="{address.partition("?")[0]}"' in empty[0]


def shown(client: TestClient, **asked: str) -> list[str]:
    """Whose problems the list of hypotheses shows."""
    page = client.get("/hypotheses", params=asked)
    assert page.status_code == 200
    return re.findall(
        r'<a class="theme-title" href="/hypotheses/[^"]*" data-row>(?:<[^>]*>)*([^<]*)<', page.text
    )


def test_hypotheses_are_narrowed_down(engine: Engine, made: Plan, client: TestClient) -> None:
    with transaction(engine) as session:
        words = hypotheses.Words("受付担当", "Stay signed in", "ﾛｸﾞｲﾝが切れる")
        second = hypotheses.propose(session, made.other, words)
        hypotheses.settle(session, second.id, HypothesisState.REFUTED)
        dev = next(each for each in inbox.departments(session) if each.key == "dev")
        department = str(dev.id)
        session.add(
            Routing(
                theme_id=made.theme,
                department_id=dev.id,
                confidence=1.0,
                decided_by=DecidedBy.PERSON,
                state=RoutingState.WAITING,
            )
        )
        for customer in session.exec(select(Customer)):
            if customer.name.startswith("Swap"):
                customer.industry = "製造業"
    assert shown(client) == ["受付担当", "Store managers"]
    assert shown(client, text="ログイン") == ["受付担当"]
    assert shown(client, text="SWAP overview") == ["Store managers"]
    assert shown(client, text="login fails") == ["受付担当"], "the theme's title"
    assert shown(client, state="refuted") == ["受付担当"]
    assert shown(client, segment="industry:製造業") == ["Store managers"]
    assert shown(client, segment="industry:小売業") == []
    assert shown(client, department=department) == ["Store managers"]
    assert shown(client, department=department, state="refuted") == []


@pytest.mark.parametrize(
    "asked", ["state=x", "segment=shoe:9", "department=dev", "text=" + "x" * 201]
)
def test_an_address_that_cannot_be_read_is_refused(
    made: Plan, client: TestClient, asked: str
) -> None:
    assert client.get(f"/hypotheses?{asked}").status_code == 422


def test_changes_stay_at_a_day_that_was_chosen_and_move_along_without_one(
    made: Plan, client: TestClient
) -> None:
    page = client.get("/changes?until=2026-09-11").text
    assert 'name="until" value="2026-09-11"' in page
    assert 'name="query" value="until=2026-09-11"' in page, "a saved view keeps it"
    assert 'href="/changes?until=2026-09-11&amp;format=csv"' in page
    moving = client.get("/changes").text
    assert 'name="until" value=""' in moving
    assert 'name="query" value=""' in moving
