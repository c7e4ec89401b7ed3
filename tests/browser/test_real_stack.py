"""One walk through the whole of vocloop: real server, worker, model and sample."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

# Not in the sample, but about its month-end export.
VOICE = "月末になるとCSVの出力が途中で止まってしまい、締め処理が翌日にずれ込みました。"
# The encoder reads one voice in some tens of milliseconds; a busy machine is given ten seconds.
READ_MS = 10_000


def test_from_the_ranking_to_a_voice_that_finds_its_theme(real_page: Page) -> None:
    page = real_page
    page.goto("/themes")
    rows = page.locator("[data-row]")
    expect(rows.first).to_be_visible()
    title = rows.first.inner_text()
    rows.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("#quotes .voice").first).to_be_visible()

    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/hand-in"))
    page.get_by_label("お客様の言葉").press_sequentially(VOICE)
    near = page.locator("#known a.theme-title").first
    expect(near).to_be_visible(timeout=READ_MS)
    expect(page.locator("#known")).to_contain_text("近さ")
    page.get_by_role("combobox", name="お客様の会社").press_sequentially("葦沢")
    page.get_by_role("option", name=re.compile("葦沢精機")).click()
    suggested = near.inner_text()
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("声を届けました")
    # Nobody reloads the page: it asks by itself until the worker has read the voice.
    theme = page.locator("#placed a.theme-title")
    expect(theme).to_have_text(suggested, timeout=READ_MS)
    theme.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(suggested)
