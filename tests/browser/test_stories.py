"""What people do with the pages, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from wholeness import sideways


def test_from_the_ranking_to_what_customers_said_in_english(page: Page) -> None:
    page.goto("/themes")
    expect(page.locator("tbody tr")).to_have_count(25)
    page.get_by_role("link", name="次の3件").click()
    expect(page.locator("tbody tr")).to_have_count(28)
    expect(page.locator("#pager a")).to_have_count(0)
    page.get_by_role("link", name="承認者が不在だと、申請が何日も止まる").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "承認者が不在だと、申請が何日も止まる"
    )
    page.get_by_role("link", name=re.compile("^英語")).click()
    expect(page.locator("blockquote:lang(ja)")).to_have_count(0)
    expect(page).to_have_url(re.compile("language=en"))
    before = page.locator(".voice").count()
    page.get_by_role("link", name="続きの声を読む").click()
    expect(page.locator(".voice")).not_to_have_count(before)
    page.go_back()
    expect(page.locator("blockquote:lang(ja)").first).to_be_visible()


def test_filters_are_put_on_and_taken_off(page: Page) -> None:
    page.goto("/themes")
    page.locator("#main").get_by_text("条件を足す").click()
    page.get_by_role("combobox", name="長期性の種類").select_option("一過性")
    page.get_by_role("button", name="表示する").click()
    expect(page.get_by_text("障害の日に全画面が開かなかった")).to_be_visible()
    page.get_by_label("長期性 一過性 の条件を外す").click()
    expect(page.locator("tbody tr")).to_have_count(25)
    page.get_by_label("並び順").select_option("会社の多い順")
    expect(page).to_have_url(re.compile("sort=customers"))


def test_a_voice_is_handed_in_in_japanese(page: Page) -> None:
    page.goto("/hand-in")
    page.get_by_label("お客様の言葉").press_sequentially("承認者が休むと発注が止まります。")
    expect(page.locator("#known").get_by_role("link", name="承認者が不在だと")).to_be_visible()
    page.get_by_text("止まる仕事が進まない").click()
    page.get_by_label("お客様の会社").fill("みなと")
    page.get_by_role("button", name="届ける").click()
    # Two companies fit: the reason stands beside the field, and what was typed is still there.
    expect(page.locator("#customer-error")).to_contain_text("当てはまる会社が2社あります")
    expect(page.get_by_label("お客様の言葉")).to_have_value("承認者が休むと発注が止まります。")
    expect(page.get_by_role("combobox", name="お客様の会社")).to_be_focused()
    page.get_by_label("みなと金属工業").check()
    page.get_by_role("button", name="届ける").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("声を届けました")
    expect(page.get_by_text("みなと金属工業")).to_be_visible()
    # The draft is gone with it.
    page.goto("/hand-in")
    expect(page.get_by_label("お客様の言葉")).to_have_value("")


def test_the_company_is_chosen_from_the_list_by_keys(page: Page) -> None:
    page.goto("/hand-in")
    company = page.get_by_role("combobox", name="お客様の会社")
    company.press_sequentially("hal")
    option = page.get_by_role("option", name="Halden Components K.K.")
    expect(option).to_be_visible()
    expect(company).to_have_attribute("aria-expanded", "true")
    company.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    company.press("Enter")
    expect(company).to_have_value("Halden Components K.K.")
    expect(option).to_be_hidden()


def test_a_draft_survives_leaving_the_page(page: Page) -> None:
    page.goto("/hand-in")
    page.get_by_label("お客様の言葉").fill("途中まで書いた声")
    page.locator("[name=severity][value='3']").check(force=True)
    page.goto("/themes")
    page.goto("/hand-in")
    expect(page.get_by_label("お客様の言葉")).to_have_value("途中まで書いた声")
    expect(page.locator("[name=severity][value='3']")).to_be_checked()


def test_keys_move_open_search_and_send(page: Page) -> None:
    page.goto("/themes")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    # Letters pressed before the page is there go nowhere.
    page.wait_for_url(re.compile("/themes/[0-9a-f-]{36}"), wait_until="load")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("njk?")  # letters are letters inside a field
    expect(search).to_have_value("njk?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/hand-in"), wait_until="load")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#text-error")).to_be_visible()


def test_single_letters_can_be_switched_off(page: Page) -> None:
    page.goto("/themes")
    page.keyboard.press("?")
    page.get_by_label("1文字のキー操作を使う").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="閉じる").click()
    page.reload()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/themes"))


def test_dark_stays_dark(page: Page) -> None:
    page.goto("/themes")
    page.get_by_role("button", name="明るさを切り替える").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize(
    "path", ["/themes", "/themes?customers=1&text=%E6%89%BF", "/hand-in", "/no"]
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_scrolls_sideways_on_a_phone(phone: Page, path: str, language: str) -> None:
    phone.goto(f"/themes?lang={language}")
    phone.goto(path)
    if path == "/themes":
        sideways(phone)
        phone.locator("[data-row]").first.click()
        phone.wait_for_url("**/themes/*")
    sideways(phone)
    phone.set_viewport_size({"width": 320, "height": 700})
    sideways(phone)


def test_words_over_the_limit_stay_in_the_form(page: Page) -> None:
    page.goto("/hand-in")
    page.locator("#text").evaluate("(field) => { field.value = 'あ'.repeat(200001); }")
    page.get_by_label("お客様の会社").fill("三ツ峰精機")
    page.get_by_role("button", name="届ける").click()
    expect(page.locator("#text-too-long")).to_contain_text("200,000文字まで")
    expect(page).to_have_url(re.compile("/hand-in$"))
    assert page.locator("#text").evaluate("(field) => field.value.length") == 200_001


def test_the_confirmation_asks_by_itself(page: Page) -> None:
    page.goto("/hand-in")
    page.get_by_label("お客様の言葉").fill("画面が遅くて困っています。")
    page.get_by_label("お客様の会社").fill("三ツ峰精機")
    page.get_by_role("button", name="届ける").click()
    # No worker runs over the invented company: the page keeps asking and says that it does.
    expect(page.locator("#placed")).to_contain_text("テーマを探しています")
    expect(page.locator("#placed[hx-get*='tries=3']")).to_be_visible()


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    page.goto("/themes")
    page.get_by_role("link", name="次の3件").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("combobox", name="並び順").select_option("深刻度の高い順")
    page.get_by_role("button", name="並び順").click()
    expect(page).to_have_url(re.compile("sort=severity"))
    page.goto("/hand-in")
    page.get_by_label("お客様の言葉").fill("画面が遅いです。")
    page.get_by_label("お客様の会社").fill("三ツ峰精機")
    page.get_by_role("button", name="届ける").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("声を届けました")
    context.close()
