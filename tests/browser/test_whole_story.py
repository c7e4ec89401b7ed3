"""The loop, once around, on the sample company, as people click it: an agent and a product manager
in Japanese, an executive in English, each signed in. tests/api/test_whole_story.py asks the same
of the API.

Without a page are only what other programs do (the desk that delivered the voices so far, the
tracker), what the command line sets up, and time, which passes by one date in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from conftest import opened, served
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.receivers import Mailbox
from tests.story import (
    SHIPPED,
    SOLVED,
    PlantedEncoder,
    comes_after,
    event_of,
    has_come,
    post_all,
    sample,
    settle,
    table,
    told,
)
from tests.vocloop.roadmap.trackers.servers import Site
from vocloop.accounts import users
from vocloop.accounts.personas import PERSONAS
from vocloop.cli.serve import build
from vocloop.intake.customers import upsert_customers
from vocloop.intake.records import CustomerIn, FeedbackIn
from vocloop.intake.store import store_many
from vocloop.notify import people
from vocloop.roadmap.trackers import store as trackers
from vocloop.route.setup import put_department
from vocloop.worker.postman import Postman
from vocloop.worker.tracking import Tracking
from vocloop.worker.worker import Worker
from vocloop_models import BacklogItem, Role, TrackerKind
from vocloop_models.database import open_database, transaction, upgrade

PASSWORD = "correct horse battery"  # noqa: S105 - invented
AGENT, MANAGER, EXECUTIVE = Role.AGENT, Role.PRODUCT_MANAGER, Role.EXECUTIVE
SATO, SUZUKI = PERSONAS[AGENT].name, PERSONAS[MANAGER].name
DESK = {"width": 1440, "height": 900}


@dataclass
class Company:
    """The sample company until the day of the story, served; the worker is moved by hand."""

    engine: Engine
    encoder: PlantedEncoder
    worker: Worker
    rows: list[dict[str, Any]]
    address: str

    def settle(self) -> None:
        settle(self.engine, self.worker, self.encoder)

    def deliver(self, rows: list[dict[str, Any]]) -> None:
        """What the desk hands in by itself."""
        with transaction(self.engine) as session:
            store_many(session, [FeedbackIn.model_validate(row) for row in rows])
        self.settle()


@pytest.fixture
def company(tmp_path: Path, mailbox: Mailbox, tracker: Site) -> Iterator[Company]:
    engine = open_database(f"sqlite:///{tmp_path / 'vocloop.db'}")
    upgrade(engine)
    rows = sample(SATO)
    encoder = PlantedEncoder(rows)
    worker = Worker(engine, lambda: encoder)
    with transaction(engine) as session:
        for role in (AGENT, MANAGER, EXECUTIVE):
            name = PERSONAS[role].name
            users.add(session, role.value, name, [role], password=PASSWORD)
        people.put_colleague(session, SATO, address="sato@vendor.example", language="ja")
        upsert_customers(session, [CustomerIn.model_validate(r) for r in table("customers.csv")])
        for department in table("departments.csv"):
            put_department(session, department.pop("key"), department)
        trackers.add(session, "web", TrackerKind.GITHUB, "minamo/shift", tracker.address)
    Postman(engine).notice()
    with served(build(engine, worker)) as address:
        yield Company(engine, encoder, worker, rows, address)
    engine.dispose()


@contextmanager
def signed_in(
    browser: Browser, company: Company, role: Role, language: str = "ja"
) -> Iterator[Page]:
    with contextmanager(opened)(browser, company.address, DESK) as page:
        page.set_default_timeout(20_000)
        page.goto(f"/sign-in?lang={language}")
        page.locator("#login").fill(role.value)
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        expect(page.get_by_role("navigation").first).to_be_visible()
        yield page


def pick(place: Page | Locator, name: str, value: str) -> None:
    """One of a row of steps: the button hides its field, a person clicks what is seen."""
    place.locator(f"label:has([name='{name}'][value='{value}'])").click()


def press(place: Page | Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def test_the_whole_loop_by_clicks(
    browser: Browser, company: Company, tracker: Site, mailbox: Mailbox
) -> None:
    known = has_come(company.rows)
    words = next(
        row for row in company.rows if row["about"] == SOLVED and not row["text"].isascii()
    )
    company.deliver([row for row in known if row["external_id"] != words["external_id"]])
    with (
        signed_in(browser, company, AGENT) as agent,
        signed_in(browser, company, MANAGER) as manager,
        signed_in(browser, company, EXECUTIVE, "en") as executive,
    ):
        theme = _heard(company, agent, told(words))
        _routed(manager, theme)
        _supposed(manager, theme)
        item = _planned(manager, theme)
        _decided(company, executive, manager)
        _shipped(company, manager, item, tracker)
        _answered(company, agent, mailbox)
        _fell(company, manager, item)
        _proposed(company, manager)


def _heard(company: Company, agent: Page, voice: dict[str, Any]) -> str:
    """The address of the theme that the agent's voice came to."""
    agent.goto("/hand-in")
    agent.get_by_label("お客様の言葉").fill(str(voice["text"]))
    # While typing, the theme that already knows it.
    expect(agent.locator("#known").get_by_role("link").first).to_be_visible()
    customer = next(
        row["name"]
        for row in table("customers.csv")
        if {"external_id": row["external_id"]} == voice["customer"]
    )
    agent.get_by_role("combobox", name="お客様の会社").press_sequentially(customer[:4])
    agent.get_by_role("option", name=customer).click()
    pick(agent, "severity", "4")
    pick(agent, "channel", "ticket")
    agent.get_by_label("いつ聞いたか").fill(str(voice["said_at"])[:10])
    agent.get_by_role("button", name="届ける").click()
    expect(agent.get_by_role("heading", level=1)).to_have_text("声を届けました")
    company.settle()
    # The page asks by itself until the worker has read it.
    agent.locator("#placed").get_by_role("link").first.click()
    expect(agent.get_by_role("heading", name=re.compile("インパクトが"))).to_be_visible()
    return agent.url.removeprefix(company.address)


def _routed(manager: Page, theme: str) -> None:
    manager.goto(theme)
    manager.locator("summary").filter(has_text="名前を変える").click()
    manager.get_by_label("日本語の名前").fill("承認者が不在だと申請が止まる")
    press(manager, "名前を変える")
    expect(manager.get_by_role("heading", level=1)).to_have_text("承認者が不在だと申請が止まる")
    # By its words nobody was sure whose it is; those whom it is given to know better.
    manager.goto("/triage")
    waiting = manager.get_by_role("listitem").filter(has=manager.locator(f"a[href='{theme}']"))
    waiting.get_by_role("combobox").select_option(label="開発部")
    press(waiting, "この部門に決める")
    expect(waiting).to_have_count(0)
    manager.goto("/inbox")
    manager.get_by_role("link", name="開発部").click()
    entry = manager.locator(f"article:has(a[href='{theme}'])")
    entry.locator("summary").filter(has_text="引き渡す").click()
    entry.get_by_label("部門").select_option(label="プロダクト企画部")
    entry.get_by_label("理由").fill("承認の仕様は企画で決めます")
    press(entry, "引き渡す")
    expect(entry).to_have_count(0)
    manager.goto("/inbox/product")
    press(manager.locator(f"article:has(a[href='{theme}'])"), "引き受ける")
    expect(manager.get_by_text("引き受け済み")).to_be_visible()


def _supposed(manager: Page, theme: str) -> None:
    manager.goto(theme)
    manager.get_by_role("region", name="仮説").get_by_role("link", name="書く").click()
    manager.get_by_label("誰の問題か").fill("部署の承認をまとめる管理職")
    manager.get_by_label("何をやり遂げたいか").fill("期日までに承認を終える")
    manager.get_by_label("疑っている原因").fill("代わりに承認できる人がいない")
    press(manager, "仮説を残す")
    for _ in range(2):
        offered = manager.locator("section[aria-labelledby=h-offered]")
        offered.get_by_role("button", name="支持になる", exact=True).first.click()
        expect(manager.get_by_text("仮説を支持する根拠にしました")).to_be_visible()
    expect(manager.get_by_role("region", name="根拠")).to_contain_text("支持2・反証0")


def _planned(manager: Page, theme: str) -> str:
    """The address of the item; a rival wants the same people."""
    addresses = []
    for title, share in (("代理承認", "100"), ("検索の改善", "20")):
        manager.goto(theme)
        manager.locator("summary").filter(has_text="バックログに入れる").click()
        manager.get_by_label("何をするか").fill(title)
        press(manager, "入れる")
        expect(manager.get_by_role("heading", level=1)).to_have_text(title)
        address = manager.url.split("#")[0]
        addresses.append(address)
        manager.get_by_role("link", name="編集", exact=True).click()
        row = manager.locator("tr", has=manager.get_by_role("rowheader", name="開発部"))
        row.locator("input").first.fill("4")
        manager.locator(f"[name='share.{theme.rpartition('/')[2]}']").fill(share)
        if title == "代理承認":
            manager.get_by_label("もとになる仮説").select_option(label="部署の承認をまとめる管理職")
        press(manager, "変更を残す")
        expect(manager.get_by_role("region", name="部門")).to_contain_text("開発部")
    item = addresses[0]
    manager.goto(item)
    steps = {"expertise": "5", "relationship": "4", "alternatives": "1", "difficulty": "2"}
    for name, step in steps.items():
        pick(manager, name, step)
    manager.get_by_label("初期コスト").fill("4")
    manager.get_by_label("運用コスト").fill("0")
    press(manager, "評価を残す")
    expect(manager.get_by_text("評価を残しました")).to_be_visible()
    expect(manager.get_by_text("まだ評価がありません")).to_have_count(0)
    manager.get_by_role("link", name="指標を決める").click()
    for name, value in {"指標": "月の声", "単位": "件", "実施前": "3", "目標値": "1"}.items():
        manager.get_by_label(f"{name} 1").fill(value)
    press(manager, "指標に合意する")
    expect(manager.get_by_text("指標に合意しました")).to_be_visible()
    return item


def _enter(page: Page, room: str) -> None:
    """The room, with the reasons that it fetches by itself: its links are put in anew with them."""
    page.goto(room)
    expect(page.locator("#solved[hx-get]")).to_have_count(0)


def _decided(company: Company, executive: Page, manager: Page) -> None:
    executive.goto("/rounds")
    executive.get_by_role("link", name="Open a round").first.click()
    executive.get_by_label("Name").fill("第1回 / First round")
    executive.get_by_role("checkbox").first.check()
    executive.get_by_label("Engineering").fill("5")
    press(executive, "Open the round")
    room = executive.url
    expect(executive.get_by_role("heading", name=re.compile("^In: 1 item"))).to_be_visible()
    inside = executive.get_by_role("region", name=re.compile("^In:"))
    expect(inside).to_contain_text("Stays in until its value falls")
    conflicts = executive.get_by_role("region", name=re.compile("^Conflicts"))
    expect(conflicts).to_contain_text("Engineering has too few weeks")
    executive.get_by_label("Name").fill("As it is")
    press(executive, "Keep these levers")
    expect(executive.get_by_role("cell", name="being solved")).to_be_visible()
    company.settle()
    # The page of scenarios looks again by itself.
    expect(executive.get_by_role("cell", name="solved exactly")).to_be_visible()
    # A head of department speaks before.
    _enter(manager, room)
    manager.get_by_role("link", name="代理承認").click()
    manager.locator("summary").filter(has_text="部門として意見を出す").click()
    manager.get_by_label("部門", exact=True).select_option(label="プロダクト企画部")
    pick(manager, "choice", "support")
    manager.get_by_label("意見", exact=True).fill("毎月、締めの日に止まっています。")
    press(manager, "意見を残す")
    # Who may speak does not decide.
    expect(manager.get_by_text("締めの日に止まっています")).to_be_visible()
    expect(manager.locator("#rationale")).to_have_count(0)
    for title, verdict, why in (
        ("代理承認", "approve", "Work stands still every month."),
        ("検索の改善", "defer", "There are too few people this quarter."),
    ):
        _enter(executive, room)
        executive.get_by_role("link", name=title).click()
        if verdict == "approve":
            said = executive.get_by_role("region", name="Heads of department")
            expect(said).to_contain_text("締めの日に止まっています")
        expect(executive.get_by_text("私がカスタマーなら賛成か")).to_be_visible()
        pick(executive, "agree", "yes")
        pick(executive, "verdict", verdict)
        executive.get_by_label("Rationale").fill(why)
        press(executive, "Record the decision…")
        expect(executive.get_by_role("heading", level=1)).to_have_text("Record this decision?")
        press(executive, "Record the decision")
        expect(executive.get_by_text("The decision is recorded.")).to_be_visible()
    executive.goto("/decisions")
    expect(executive.get_by_text("Work stands still every month.")).to_be_visible()


def _shipped(company: Company, manager: Page, item: str, tracker: Site) -> None:
    manager.goto(item)
    place = manager.get_by_role("region", name="課題管理ツール")
    press(place, "登録する")
    expect(place).to_contain_text("待機中")
    Tracking(company.engine).step()
    (number,) = tracker.issues
    manager.goto("/trackers")
    row = manager.get_by_role("row").filter(has_text="代理承認")
    expect(row).to_contain_text("登録済み")
    # Developers close the issue; the tracker tells so.
    tracker.set(number, "closed")
    with Session(company.engine) as session:
        there = trackers.listed(session)[0].id
    packed, headers = event_of(tracker, number)
    hook = HTTPConnection(company.address.removeprefix("http://"), timeout=10)
    hook.request("POST", f"/api/trackers/{there}/events", packed, headers)
    assert hook.getresponse().status == 204
    hook.close()
    row.get_by_role("link").click()
    expect(manager.get_by_role("link", name="結果レビュー")).to_be_visible()
    expect(manager.get_by_role("region", name="課題管理ツール")).to_contain_text("closed")


def _answered(company: Company, agent: Page, mailbox: Mailbox) -> None:
    post_all(company.engine)
    subjects = [str(mail["Subject"]) for mail in mailbox.to("sato@vendor.example")]
    assert sum("代理承認" in subject for subject in subjects) == 2
    assert len(subjects) == len(set(subjects))
    agent.goto("/notifications")
    notes = agent.get_by_role("region", name="自分へのお知らせ")
    expect(notes.get_by_role("link").filter(has_text="代理承認")).to_have_count(2)
    agent.goto("/voices")
    expect(agent.locator(".became").filter(has_text="代理承認").first).to_be_visible()


def _fell(company: Company, manager: Page, item: str) -> None:
    """Half a year later."""
    with transaction(company.engine) as session:
        shipped = session.exec(select(BacklogItem).where(BacklogItem.title == "代理承認")).one()
        shipped.shipped_at = SHIPPED
    company.deliver(comes_after(company.rows))
    manager.goto(item)
    manager.get_by_role("link", name="結果レビュー").click()
    press(manager, "比べ直す")
    tests = manager.locator("section", has=manager.locator("#h-tests"))
    expect(tests.locator("svg.gain").first).to_be_visible()
    manager.get_by_label("実績: 月の声").fill("0.3")
    pick(manager, "quantity", "yes")
    pick(manager, "quality", "yes")
    press(manager, "レビューを残す")


def _proposed(company: Company, manager: Page) -> None:
    manager.get_by_role("link", name="ほかのお客様に提案する").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("代理承認")
    before = {row["external_id"] for row in has_come(company.rows)}
    raised = {
        row["customer"]["external_id"]
        for row in company.rows
        if row["about"] == SOLVED and row["external_id"] in before
    }
    assert manager.locator("tbody tr").count() >= 0.8 * len(raised)
    manager.goto("/spread")
    expect(manager.get_by_role("link", name="代理承認")).to_be_visible()
