"""Every page of the navigation, and those beside it, seen by a browser: nothing is cut off, nothing
fails, and axe finds nothing."""

from __future__ import annotations

import re

import pytest
from chromium import violations
from playwright.sync_api import Browser, Page, expect
from test_stories import sideways

from vocloop_ui.navigation import STAGES

NAVIGATION = [page.address for stage in STAGES for page in stage.pages]
BESIDE = ["/design", "/settings", "/start", "/edits", "/map/tree", "/search", "/search?text=CSV"]
BESIDE += ["/notifications", "/outbox", "/trackers", "/departments"]
# A machine that does other work takes its time.
PATIENCE_MS = 120_000
# Below the address of the first theme of the list.
OF_A_THEME = ["", "/merge", "/split", "/explanation"]


def addresses(page: Page) -> list[str]:
    page.goto("/themes")
    theme = page.locator("[data-row]").first.get_attribute("href")
    return [*NAVIGATION, *BESIDE, *(f"{theme}{below}" for below in OF_A_THEME)]


@pytest.mark.parametrize(
    ("language", "width", "scheme", "by_axe"),
    [
        ("ja", 1440, "light", True),
        ("en", 1440, "dark", False),
        ("ja", 390, "dark", False),
        ("en", 390, "light", True),
    ],
)
def test_every_page_is_whole(
    browser: Browser, address: str, *, language: str, width: int, scheme: str, by_axe: bool
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        has_touch=width < 1000,
        bypass_csp=True,  # for axe itself; the test below sees the pages under their policy
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    found = []
    for path in addresses(page):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("html").get_attribute("lang") == language
        expect(page.locator("h1")).to_have_count(1)
        sideways(page)
        # Each language and each width once: the other pairs would tell the same again.
        if not by_axe:
            continue
        found += violations(page, path)
    context.close()
    assert found == []


def test_no_page_breaks_its_own_policy(page: Page) -> None:
    # The fixture fails on any error in the console: a style or script that the policy refuses.
    for path in addresses(page):
        page.goto(path)


def test_the_stages_are_at_the_bottom_of_a_phone(phone: Page) -> None:
    phone.goto("/themes")
    bar = phone.get_by_role("navigation", name="ループの段階")
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    bar.get_by_role("link", name="聞く").click()
    expect(phone).to_have_url("/hand-in")


def test_the_palette_goes_to_a_page_by_keys_alone(page: Page) -> None:
    page.goto("/themes")
    page.keyboard.press("Control+k")
    typed = page.get_by_role("combobox", name="ページ、テーマ、言葉")
    expect(typed).to_be_focused()
    typed.press_sequentially("品質")
    option = page.get_by_role("option", name="品質 見極める")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/quality")


def test_the_palette_finds_a_theme_with_a_wrong_letter(page: Page) -> None:
    page.goto("/changes")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="ページ、テーマ、言葉").press_sequentially("aprover")
    page.get_by_role("option", name="T-0001").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("承認者が不在だと")


def test_letters_go_to_stages_open_filters_and_undo(page: Page) -> None:
    page.goto("/themes")
    page.keyboard.press("f")
    expect(page.get_by_label("題名・キーワードに含む言葉")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("1")
    expect(page).to_have_url("/hand-in")
    page.goto("/themes")
    page.locator("[data-row]").nth(2).click()
    # Letters pressed before the page is there go nowhere.
    page.wait_for_url(re.compile(r"/themes/[0-9a-f-]{36}"), wait_until="load")
    page.keyboard.press("e")
    title = page.get_by_label("日本語の名前")
    before = title.input_value()
    title.fill("新しい名前")
    title.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("新しい名前")
    expect(page.get_by_text("テーマの名前を変えました。")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
