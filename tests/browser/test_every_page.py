"""Every page that the table of permissions knows, seen by a browser: it is whole in both languages,
at a desk and on a phone, by light and in the dark, and axe finds nothing on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from chromium import violations
from conftest import opened
from every_page import NO_PAGE, pages
from furnished import PASSWORD, Furnished
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from wholeness import wrong

from vocloop.accounts import setup
from vocloop.accounts.permissions import Permission
from vocloop_models import Role
from vocloop_models.database import transaction
from vocloop_ui.navigation import STAGES

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
# Each language, width and scheme twice; axe once at each.
LOOKS: list[tuple[str, dict[str, int], Scheme, bool]] = [
    ("ja", DESK, "light", True),
    ("en", PHONE, "dark", True),
    ("en", DESK, "dark", False),
    ("ja", PHONE, "light", False),
]
# The same pages with something else on them.
MORE = [
    *("/search?text=CSV", "/search?text=zzzzzz", "/themes?text=zzzzzz", "/themes?kind=fading"),
    *("/backlog?view=board", "/backlog?view=board&by=horizon", "/backlog?view=timeline"),
    *("/numbers?scale=ces&by=industry", "/inbox/product?answered=1", "/voices?all=1"),
]
# An outcome and a spread have only what has shipped.
SHIPPED = ("/outcomes/{item_id}", "/spread/{item_id}")


def addresses(office: Furnished, *, public: bool) -> list[str]:
    found = []
    for template, permission in pages().items():
        if template in NO_PAGE or (permission is Permission.PUBLIC) != public:
            continue
        ids = office.ids
        if template in SHIPPED:
            ids = ids | {"item_id": ids["shipped_id"]}
        found.append(template.format_map(ids))
    return found if public else [*found, *MORE]


@contextmanager
def looking(
    browser: Browser, address: str, look: tuple[str, dict[str, int], Scheme, bool]
) -> Iterator[Page]:
    language, size, scheme, by_axe = look
    with contextmanager(opened)(
        browser, address, size, language=language, scheme=scheme, by_axe=by_axe
    ) as page:
        yield page


def signed_in(page: Page, role: Role) -> None:
    page.goto("/sign-in")
    page.locator("#login").fill(role.value)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    expect(page.get_by_role("main")).to_be_visible()
    page.wait_for_url(re.compile("/(?!sign-in)"))


def seen(
    page: Page, path: str, look: tuple[str, dict[str, int], Scheme, bool], status: int = 200
) -> list[object]:
    answer = page.goto(path)
    assert answer is not None
    found: list[object] = list(wrong(page, path, look[0]))
    if answer.status != status:
        found.append((path, "status", answer.status))
    if look[3]:
        found += violations(page, path)
    return found


def test_no_exception_is_named_that_is_none() -> None:
    assert set(NO_PAGE) | set(SHIPPED) <= set(pages())
    assert {page.address for stage in STAGES for page in stage.pages} <= set(pages())


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_whole(
    browser: Browser, office: Furnished, look: tuple[str, dict[str, int], Scheme, bool]
) -> None:
    found = []
    with looking(browser, office.address, look) as page:
        for path in addresses(office, public=True):
            found += seen(page, path, look)
        signed_in(page, Role.ADMINISTRATOR)
        for path in addresses(office, public=False):
            found += seen(page, path, look)
    assert not found, "\n".join(map(str, found))


# Of every menu what stands beyond the page once it is open.
BEYOND = """async () => {
  const found = [];
  for (const menu of document.querySelectorAll('details.add-filter')) {
    const toggled = new Promise(done => menu.addEventListener('toggle', done, {once: true}));
    menu.open = true;
    await toggled;
    const beyond = [...menu.querySelectorAll('*')].some(each => {
      const at = each.getBoundingClientRect();
      return at.width && (at.right > innerWidth + 1 || at.left < -1);
    });
    if (beyond) found.push(menu.innerText);
    menu.open = false;
  }
  return found;
}"""
# Conditions enough to fill a row.
MANY = "/themes?kind=lasting&language=ja&since=2025-01-01&text=%E7%94%BB%E9%9D%A2&customers=2"


@pytest.mark.parametrize("width", [390, 900, 1440])
def test_no_menu_opens_beyond_the_page(browser: Browser, office: Furnished, width: int) -> None:
    found = []
    look: tuple[str, dict[str, int], Scheme, bool]
    look = ("en", {"width": width, "height": 900}, "light", False)
    with looking(browser, office.address, look) as page:
        signed_in(page, Role.ADMINISTRATOR)
        for path in [*addresses(office, public=False), MANY]:
            page.goto(path)
            found += [(path, menu) for menu in page.evaluate(BEYOND)]
    assert not found, "\n".join(map(str, found))


# A form that can't be taken: the page, where it is sent to, and the field that is to be mended.
REFUSED = [
    ("/numbers", "/numbers/goals", "name"),
    ("/departments", "/routing-rules", "value"),
    ("/outcomes/{item_id}", "/outcomes/{item_id}/metrics", "name.0"),
]


@pytest.mark.parametrize(("at", "action", "name"), REFUSED)
def test_a_form_that_comes_back_begins_where_it_needs_a_change(
    browser: Browser, office: Furnished, at: str, action: str, name: str
) -> None:
    look: tuple[str, dict[str, int], Scheme, bool] = ("ja", PHONE, "light", False)
    with looking(browser, office.address, look) as page:
        signed_in(page, Role.ADMINISTRATOR)
        page.goto(at.format_map(office.ids))
        form = page.locator(f'form[action="{action.format_map(office.ids)}"]')
        form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
        field = form.locator(f'[name="{name}"]')
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        box = field.bounding_box()
        assert box is not None
        assert box["width"] >= 100, "wide enough for words"


def refused(page: Page) -> None:
    page.goto("/hand-in")
    page.locator("#customer").fill("みなと")
    page.locator("main [type=submit]").click()
    page.locator("#customer-error").wait_for()


def sent(page: Page) -> None:
    page.goto("/hand-in")
    page.locator("#text").fill("夜になると画面が遅いです。")
    page.locator("#customer").fill("三ツ峰精機")
    page.locator("main [type=submit]").click()
    page.locator("#placed").wait_for()


def known(page: Page) -> None:
    page.goto("/hand-in")
    page.locator("#text").press_sequentially("承認が止まります。")
    page.locator("#known a").first.wait_for()


def keys(page: Page) -> None:
    page.goto("/themes")
    page.evaluate("document.getElementById('keys').showModal()")


def palette(page: Page) -> None:
    page.goto("/themes")
    page.keyboard.press("Control+k")
    page.locator("#palette-list [role=option]").first.wait_for()


@pytest.mark.parametrize("look", [look for look in LOOKS if look[3]])
def test_what_people_bring_about_is_whole_too(
    browser: Browser, office: Furnished, look: tuple[str, dict[str, int], Scheme, bool]
) -> None:
    states: tuple[Callable[[Page], None], ...] = (refused, sent, known, keys, palette)
    found: list[object] = []
    with looking(browser, office.address, look) as page:
        signed_in(page, Role.AGENT)
        for bring_about in states:
            bring_about(page)
            found += wrong(page, bring_about.__name__, look[0])
            found += violations(page, bring_about.__name__)
        for path, status in (("/nowhere", 404), ("/users", 403), ("/alerts?kind=joy", 422)):
            found += seen(page, path, look, status)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("look", [look for look in LOOKS if not look[3]])
def test_an_empty_workspace_is_whole(
    browser: Browser,
    empty_office: tuple[Engine, str],
    look: tuple[str, dict[str, int], Scheme, bool],
) -> None:
    engine, address = empty_office
    with transaction(engine) as session:
        first = setup.path(session)
    found = []
    with looking(browser, address, look) as page:
        for template in (first, *pages()):
            if template not in NO_PAGE and "{" not in template:
                found += seen(page, template, look)
    assert not found, "\n".join(map(str, found))
