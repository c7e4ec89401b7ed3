"""Pictures of a running vocloop: ``python tests/browser/screenshots.py [ADDRESS] [--look FOLDER]``.

Start it over the sample company (``vocloop demo``); nothing is written to it. Writes
docs/images/{themes,theme,hand-in}.{ja,en}.png. With ``--look`` also the phone and the dark ones,
whole pages, into a folder of your choice: for eyes, not for the repository.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from chromium import started  # beside this file
from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WORDS = {
    "ja": "年度の締めのあと、来期の予算に今期の残高が勝手に繰り越されていました。",
    "en": "Exchange rates on travel claims are wrong, the yen total never matches.",
}
# As people begin to type the name of a company of the sample.
COMPANY = {"ja": "葦沢", "en": "harrow"}
# The first answer may have to load the model.
KNOWN_MS = 20_000


def opened(
    browser: Browser, address: str, language: str, size: dict[str, int], scheme: str
) -> Page:
    phone = size is PHONE
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        color_scheme="dark" if scheme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    page.goto(f"{address}/themes?lang={language}")
    return page


def take(page: Page, address: str, language: str, name: str, folder: Path, *, whole: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.goto(f"{address}/themes")
    page.screenshot(path=folder / f"themes.{name}.png", full_page=whole)
    page.locator("[data-row]").first.click()
    page.wait_for_url("**/themes/*")
    page.screenshot(path=folder / f"theme.{name}.png", full_page=whole)
    page.goto(f"{address}/hand-in")
    page.locator("#text").fill(WORDS[language])
    page.locator("[name=severity][value='4']").check(force=True)
    page.locator("#customer").fill("")
    page.locator("#customer").press_sequentially(COMPANY[language])
    page.locator(".suggest:not([hidden])").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("#known li, #known:has-text('enough'), #known:has-text('十分')").first.wait_for(
        timeout=KNOWN_MS
    )
    page.screenshot(path=folder / f"hand-in.{name}.png", full_page=whole)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8750")
    parser.add_argument("--look", type=Path)
    asked = parser.parse_args()
    address = asked.address.rstrip("/")
    with started() as browser:
        for language in ("ja", "en"):
            page = opened(browser, address, language, DESK, "light")
            take(page, address, language, language, IMAGES, whole=False)
            if asked.look is None:
                continue
            take(page, address, language, f"{language}.whole", asked.look, whole=True)
            dark = opened(browser, address, language, DESK, "dark")
            take(dark, address, language, f"{language}.dark", asked.look, whole=False)
            phone = opened(browser, address, language, PHONE, "light")
            take(phone, address, language, f"{language}.phone", asked.look, whole=True)


if __name__ == "__main__":
    main()
