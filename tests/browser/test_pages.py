"""The frame around every page: stages, palette, keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect


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
    expect(page.get_by_label("名前・キーワードに含む言葉")).to_be_focused()
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


def test_a_form_that_is_pressed_twice_is_sent_once(page: Page) -> None:
    page.goto("/themes?lang=en")
    page.locator("[data-row]").nth(2).click()
    page.wait_for_url(re.compile(r"/themes/[0-9a-f-]{36}"), wait_until="load")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/backlog$"), hold)
    page.locator("summary", has_text="Promote to the backlog").click()
    button = page.get_by_role("button", name="Promote", exact=True)
    button.evaluate("(it) => { it.click(); setTimeout(() => it.click(), 200); }")
    page.wait_for_timeout(600)
    assert len(held) == 1
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/backlog/[0-9a-f-]{36}#ratings"))
