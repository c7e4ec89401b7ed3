"""Pictures of every page of a running demo: ``python tests/browser/screenshots.py [ADDRESS]``.

Start it over the sample company (``vocloop demo``); one voice is handed in, and what the sample
lacks is put there through the pages: colleagues, users, a customer that only some may see, issue
trackers. Writes docs/images/NAME.{ja,en}.webp, one a page that the table of permissions knows, and
NAME.phone.{ja,en}.webp of those that are read on the way. ``--look FOLDER`` takes whole pages
instead, also on a phone and in the dark, into a folder of your choice: for eyes, not for the
repository."""

from __future__ import annotations

import argparse
import base64
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import started  # beside this file
from conftest import served
from every_page import NO_PAGE, pages
from playwright.sync_api import Browser, Page

from vocloop.accounts import setup
from vocloop_api.app import create_app
from vocloop_api.errors import STATUS
from vocloop_models.database import open_database, transaction, upgrade
from vocloop_ui.app import mount_ui

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WORDS = {
    "ja": "年度の締めのあと、来期の予算に今期の残高が勝手に繰り越されていました。",
    "en": "Exchange rates on travel claims are wrong, the yen total never matches.",
}
# Of the voice that is handed in.
SENT = {
    "ja": "同じ承認依頼のメールが毎朝二通ずつ届き、どちらを開けばよいのか分かりません。",
    "en": "The phone app signs me out several times a day, always on the building site.",
}
# As people begin to type the name of a company of the sample.
COMPANY = {"ja": "葦沢", "en": "harrow"}
# The first answer may have to load the model, and a busy machine takes its time.
PATIENCE_MS = 120_000
# Where the id of a parameter is found: a page, and what its first such link looks like.
ID = "([0-9a-f-]{36})"
FOUND = {
    "theme_id": ("/themes", f"/themes/{ID}"),
    "other_id": ("/themes/{theme_id}/merge", f"/themes/[^/]+/merge/{ID}"),
    "customer_id": ("/customers", f"/customers/{ID}"),
    "hypothesis_id": ("/hypotheses", f"/hypotheses/{ID}"),
    "round_id": ("/rounds", f"/rounds/{ID}"),
    "item_id": ("/rounds/{round_id}", f"/backlog/{ID}/decision"),
    "decision_id": ("/decisions", f"/decisions/{ID}"),
    "shipped_id": ("/outcomes", f"/outcomes/{ID}"),
    "spread_id": ("/spread", f"/spread/{ID}"),
    "import_id": ("/imports", f"/imports/{ID}"),
    "key": ("/inbox", "/inbox/([a-z_]+)"),
}
INSTEAD = {"/outcomes/{item_id}": "shipped_id", "/spread/{item_id}": "spread_id"}
# Pages of one thing by the name that the guides know them by; others are named after the address.
NAMES = {
    "/themes/{theme_id}": "theme",
    "/themes/{theme_id}/merge": "theme-merge",
    "/themes/{theme_id}/merge/{other_id}": "theme-merge-preview",
    "/themes/{theme_id}/split": "theme-split",
    "/themes/{theme_id}/explanation": "theme-explanation",
    "/themes/{theme_id}/hypotheses": "theme-hypotheses",
    "/customers/{customer_id}": "customer",
    "/backlog/{item_id}": "item",
    "/backlog/{item_id}/edit": "item-edit",
    "/backlog/{item_id}/decision": "decide",
    "/hypotheses/{hypothesis_id}": "hypothesis",
    "/rounds/{round_id}": "room",
    "/rounds/{round_id}/scenarios": "room-scenarios",
    "/rounds/{round_id}/close": "room-close",
    "/decisions/{decision_id}": "decision",
    "/outcomes/{item_id}": "outcome",
    "/spread/{item_id}": "spread-of",
    "/imports/{import_id}": "import",
    "/inbox/{key}": "inbox-of",
    "/hand-in/sent/{feedback_id}": "sent",
}
QUERIES = {
    "/search": "?text=CSV",
    "/voices": "?all=1",
    "/restricted": "?customer={customer_id}",
}
MORE = {"backlog-board": "/backlog?view=board", "backlog-timeline": "/backlog?view=timeline"}
# Pages that people open on the way.
ON_PHONES = ("hand-in", "sent", "voices", "themes", "theme", "changes", "briefing", "decide")
# Pages before and of an account, which the demo has none of: shown by an empty workspace.
OF_AN_ACCOUNT = ("/sign-in", "/account", "/users")
NOT_HERE = {*OF_AN_ACCOUNT, "/unsubscribe/{token}"}
FIRST = {"login": "sato", "name": "佐藤 美咲", "password": "correct horse battery"}
# Who hears of voices, where items become issues, and who may see a customer of the sample.
COLLEAGUES = (
    {
        "name": "佐藤 美咲",
        "address": "sato@vendor.example",
        "language": "ja",
        "department": "support",
    },
    {"name": "Emma Clarke", "address": "clarke@vendor.example", "language": "en"},
    {
        "name": "高橋 由美子",
        "address": "takahashi@vendor.example",
        "language": "ja",
        "executive": "yes",
    },
    {"name": "山本 翔太", "address": "", "language": "ja", "known_as": "yamamoto@vendor.example"},
)
USERS = (
    {"login": "sato", "name": "佐藤 美咲", "roles": "agent"},
    {"login": "clarke", "name": "Emma Clarke", "roles": "product_manager"},
    {"login": "takahashi", "name": "高橋 由美子", "roles": "executive"},
)
TRACKERS = (
    {"kind": "github", "name": "frontend", "project": "minamo/web"},
    {
        "kind": "jira",
        "name": "mobile-team",
        "project": "MOB",
        "address": "https://minamo.atlassian.net",
        "account": "pm@vendor.example",
        "statuses": "In Review = execution",
    },
)
# Small enough to be kept in a repository, sharp enough to read.
QUALITY = 0.6
TO_WEBP = """async ([png, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


@contextmanager
def opened(
    browser: Browser, address: str, language: str, size: dict[str, int], scheme: str
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address,
        viewport={"width": size["width"], "height": size["height"]},
        has_touch=size is PHONE,
        color_scheme="dark" if scheme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"/sign-in?lang={language}")
    yield page
    context.close()


def name_of(template: str) -> str:
    return NAMES.get(template) or template[1:].replace("/", "-")


def ids(page: Page) -> dict[str, str]:
    """By the parameter's name; what the demo has none of is left out."""
    found: dict[str, str] = {}
    for name, (listed, pattern) in FOUND.items():
        page.goto(listed.format_map(found))
        links = page.locator("#main a[href]").evaluate_all("all => all.map(a => a.pathname)")
        fitting = [match[1] for match in map(re.compile(pattern).fullmatch, links) if match]
        if fitting:
            found[name] = fitting[0]
    return found


def addresses(found: dict[str, str]) -> dict[str, str]:
    """Every page by the name of its picture."""
    taken = {}
    for template in pages():
        if template in NO_PAGE or template in NOT_HERE:
            continue
        known = found | {"item_id": found.get(INSTEAD.get(template, "item_id"), "")}
        path = (template + QUERIES.get(template, "")).format_map(known)
        taken[name_of(template)] = path
    return taken | MORE


def typed(page: Page, language: str, words: dict[str, str] = WORDS) -> None:
    """The page of handing in, as it is while someone types."""
    page.locator("#text").fill(words[language])
    page.locator("[name=severity][value='4']").check(force=True)
    page.locator("#customer").fill("")
    page.locator("#customer").press_sequentially(COMPANY[language])
    page.locator("#known li, #known:has-text('enough'), #known:has-text('十分')").first.wait_for()


def handed_in(page: Page, language: str) -> str:
    """The id of a voice that is handed in, and read by the worker."""
    page.goto("/hand-in")
    typed(page, language, SENT)
    page.locator("#customers [role=option]").first.click()
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/hand-in/sent/*")
    page.locator("#placed:not([hx-get])").wait_for()
    return page.url.rpartition("/")[2]


def furnished(page: Page, found: dict[str, str]) -> None:
    """What the sample lacks, through the forms of the pages; nothing twice."""
    sets = (("/colleagues", COLLEAGUES), ("/users", USERS), ("/trackers", TRACKERS))
    for address, rows in sets:
        page.goto(address)
        there = page.locator("#main").inner_text()
        for row in rows:
            if row["name"] not in there:
                posted(page, address, row)
    page.goto("/restricted")
    if not page.locator("[data-record]").count():
        page.goto("/customers?q=")
        last = page.locator("#main a.theme-title[href^='/customers/']").last
        customer = str(last.get_attribute("href")).rpartition("/")[2]
        posted(page, "/restricted", {"customer": customer, "users": "sato takahashi"})
    page.goto("/trackers")
    if "item_id" in found and not page.locator("#main table").count():
        page.goto(f"/backlog/{found['item_id']}")
        page.locator("form[action*='/trackers/'] button").first.click()
        page.wait_for_load_state()


def posted(page: Page, address: str, row: dict[str, str]) -> None:
    origin = page.evaluate("location.origin")
    answer = page.request.post(
        address, form=row, headers={"origin": origin, "sec-fetch-site": "same-origin"}
    )
    if not answer.ok:
        raise SystemExit(f"{address} refuses {row}: {answer.status}")


def settled(page: Page) -> None:
    """What a page fetches by itself is there."""
    if page.locator("#map").count():
        page.locator("#map svg, #map canvas").first.wait_for()
    page.locator("#solved:not([hx-get])").or_(page.locator("body:not(:has(#solved))")).wait_for()


def take(
    page: Page, chosen: dict[str, str], ending: str, folder: Path, language: str | None = None
) -> None:
    """``language``: small pictures of what is seen at first, rather than whole pages."""
    folder.mkdir(parents=True, exist_ok=True)
    painter = page.context.new_page()
    for name, address in chosen.items():
        page.goto(address)
        if name == "hand-in" and language:
            typed(page, language)
        settled(page)
        picture = page.screenshot(full_page=not language)
        if not language:
            (folder / f"{name}.{ending}.png").write_bytes(picture)
            continue
        packed = painter.evaluate(TO_WEBP, [base64.b64encode(picture).decode(), QUALITY])
        (folder / f"{name}.{ending}.webp").write_bytes(base64.b64decode(packed))
    painter.close()


@contextmanager
def empty() -> Iterator[tuple[str, str]]:
    """The address of a workspace without users, and where its first administrator is made."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/vocloop.db")
        upgrade(engine)
        app = create_app(engine)
        app.state.suggest = None
        mount_ui(app, STATUS)
        with transaction(engine) as session:
            path = setup.path(session)
        with served(app) as address:
            yield address, path
        engine.dispose()


def of_an_account(browser: Browser, language: str) -> None:
    with empty() as (address, path), opened(browser, address, language, DESK, "light") as page:
        take(page, {"setup": path}, language, IMAGES, language)
        page.goto(path)
        for name, value in FIRST.items():
            page.locator(f"[name={name}]").fill(value)
        page.locator("main button").click()
        page.wait_for_url("**/start")
        known = {name_of(path): path for path in OF_AN_ACCOUNT}
        take(page, {n: a for n, a in known.items() if n != "sign-in"}, language, IMAGES, language)
        page.context.clear_cookies(name="vocloop_session")
        take(page, {"sign-in": "/sign-in"}, language, IMAGES, language)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8750")
    parser.add_argument("--look", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    asked = parser.parse_args()
    address = asked.address.rstrip("/")
    with started() as browser:
        for language in ("ja", "en"):
            if not asked.look and not asked.only:
                of_an_account(browser, language)
            with opened(browser, address, language, DESK, "light") as page:
                found = ids(page)
                furnished(page, found)
                found["feedback_id"] = handed_in(page, language)
            every = {n: a for n, a in addresses(found).items() if not asked.only or n in asked.only}
            on_phones = {name: every[name] for name in ON_PHONES if name in every}
            looks = [(DESK, "light", "desk", every), (PHONE, "light", "phone", on_phones)]
            if asked.look:
                looks = [(DESK, "light", "desk", every), (DESK, "dark", "dark", every)]
                looks += [(PHONE, "light", "phone", every)]
            for size, scheme, name, chosen in looks:
                with opened(browser, address, language, size, scheme) as page:
                    if asked.look:
                        take(page, chosen, f"{language}.{name}", asked.look)
                        continue
                    ending = language if size is DESK else f"{name}.{language}"
                    take(page, chosen, ending, IMAGES, language)


if __name__ == "__main__":
    main()
