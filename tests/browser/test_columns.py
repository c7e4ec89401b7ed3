"""Columns are chosen by keys alone, without JavaScript, and a file has what is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect


@pytest.mark.parametrize("scripts", [True, False])
def test_a_column_is_taken_off_by_keys_and_stays_off(
    browser: Browser, address: str, scripts: bool
) -> None:
    context = browser.new_context(
        base_url=address,
        locale="en-GB",
        java_script_enabled=scripts,
        viewport={"width": 1440, "height": 900},
    )
    page = context.new_page()
    page.goto("/themes?lang=en")
    head = page.get_by_role("columnheader", name="Kind of longevity")
    expect(head).to_be_visible()
    choice = page.locator("details", has=page.get_by_text("Choose columns", exact=True))
    choice.locator("summary").focus()
    page.keyboard.press("Enter")
    box = choice.get_by_role("checkbox", name="Kind of longevity")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**columns=impact*")
    expect(head).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Impact").first).to_be_visible()
    expect(page.locator("tbody tr").first.locator("td").nth(3)).to_be_hidden()
    # The same address shows the same to somebody else.
    other = context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("columnheader", name="Kind of longevity")).to_be_hidden()
    context.close()


def test_a_list_is_saved_as_it_is_seen(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="ja-JP", accept_downloads=True)
    page = context.new_page()
    page.goto("/customers?columns=voices")
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSVで保存").click()
    assert saved.value.suggested_filename == "vocloop-customers.csv"
    first, *rows = Path(saved.value.path()).read_text("utf-8-sig").splitlines()
    assert first == "会社,声"
    assert len(rows) > 50
    context.close()
