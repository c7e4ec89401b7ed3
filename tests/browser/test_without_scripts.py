"""Without JavaScript every page reads, and offers nothing that only a script does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from furnished import Furnished
from playwright.sync_api import Browser, Page, expect
from test_every_page import addresses, signed_in

from vocloop_models import Role

# Of a page: controls in sight that only a script would answer, and places that only one would fill.
DEAD = """() => {
  const seen = (one) => one.checkVisibility() && one.getClientRects().length > 0;
  const name = (one) => `${one.tagName} ${one.textContent.trim().slice(0, 40)}`;
  const pressed = [...document.querySelectorAll("button")]
    .filter((one) => seen(one) && (one.type === "button" || !one.form)).map(name);
  const linked = [...document.querySelectorAll("a:not([href]), [role=button]")]
    .filter(seen).map(name);
  const filled = [...document.querySelectorAll("[hx-trigger]")]
    .filter((one) => seen(one) && /load|revealed/.test(one.getAttribute("hx-trigger")))
    .filter((one) => !one.closest("a[href]"))
    .filter((one) => !one.querySelector("a[href], button") && !one.textContent.trim()).map(name);
  return [...pressed, ...linked, ...filled];
}"""


@pytest.fixture
def bare(browser: Browser, office: Furnished) -> Iterator[Page]:
    context = browser.new_context(
        base_url=office.address, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    signed_in(page, Role.ADMINISTRATOR)
    yield page
    context.close()


def test_every_page_reads(bare: Page, office: Furnished) -> None:
    found: list[object] = []
    for path in addresses(office, public=False):
        # The living page of components shows them as they are.
        if path == "/design":
            continue
        answer = bare.goto(path)
        assert answer is not None
        heads = bare.locator("main h1:visible").count()
        if answer.status != 200 or heads != 1:
            found.append((path, answer.status, f"{heads} headings"))
        found += [(path, each) for each in bare.evaluate(DEAD)]
        if bare.locator(".js-only:visible").count():
            found.append((path, "shows what needs a script"))
    assert not found, "\n".join(map(str, found))


def test_lists_are_filtered_and_filters_taken_off(bare: Page) -> None:
    for path, opener in (("/hypotheses", True), ("/customers", False), ("/minority-voices", False)):
        bare.goto(path)
        if opener:
            bare.locator("summary", has_text="Add a filter").click()
        field = bare.locator("main input[name=text], main input[name=q]").first
        field.fill("zzzz")
        field.press("Enter")
        expect(bare.locator(".empty")).to_contain_text("zzzz")
        bare.locator(".chip.on .x").click()
        expect(bare.locator(".chip.on")).to_have_count(0)
        expect(bare.locator(".empty")).to_have_count(0)
