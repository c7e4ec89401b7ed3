"""Pictures of every page of a running vocloop: ``python tests/browser/screenshots.py [ADDRESS]``.

Start it over the sample company (``vocloop demo``); nothing is written to it. Writes
docs/images/NAME.{ja,en}.webp, one a page. ``--look FOLDER`` takes whole pages instead, also on a
phone and in the dark, into a folder of your choice: for eyes, not for the repository.
"""

from __future__ import annotations

import argparse
import base64
import re
from pathlib import Path

from chromium import started  # beside this file
from playwright.sync_api import Browser, Page

from vocloop_ui.navigation import STAGES

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
BESIDE = (
    *("/map/tree", "/search?text=CSV", "/edits", "/settings", "/start", "/design"),
    *("/notifications", "/outbox", "/trackers", "/departments"),
)
# Pages of one thing: a name, and the page whose first such link leads there.
FOUND = (
    ("theme", "/themes", r"/themes/[0-9a-f-]{36}"),
    ("customer", "/customers", r"/customers/[0-9a-f-]{36}"),
    ("item", "/backlog", r"/backlog/[0-9a-f-]{36}"),
    ("hypothesis", "/hypotheses", r"/hypotheses/[0-9a-f-]{36}"),
    ("room", "/rounds", r"/rounds/[0-9a-f-]{36}"),
    ("decision", "/decisions", r"/decisions/[0-9a-f-]{36}"),
    ("outcome", "/outcomes", r"/outcomes/[0-9a-f-]{36}"),
)
OF_A_THEME = ("merge", "split", "explanation")
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


def opened(
    browser: Browser, address: str, language: str, size: dict[str, int], scheme: str
) -> Page:
    phone = size is PHONE
    context = browser.new_context(
        base_url=address,
        viewport={"width": size["width"], "height": size["height"]},
        has_touch=phone,
        color_scheme="dark" if scheme == "dark" else "light",
        locale="ja-JP" if language == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    page.goto(f"/themes?lang={language}")
    return page


def addresses(page: Page) -> dict[str, str]:
    """Every page by the name of its picture."""
    every = [each.address for stage in STAGES for each in stage.pages]
    found = {re.sub(r"\?.*", "", each)[1:].replace("/", "-"): each for each in [*every, *BESIDE]}
    for name, listed, pattern in FOUND:
        page.goto(listed)
        links = page.locator("#main a[href]").evaluate_all("all => all.map(a => a.pathname)")
        fitting = [link for link in links if re.fullmatch(pattern, link)]
        if fitting:
            found[name] = fitting[0]
    if "theme" in found:
        found |= {f"theme-{below}": f"{found['theme']}/{below}" for below in OF_A_THEME}
    return found


def typed(page: Page, language: str) -> None:
    """The page of handing in, as it is while someone types."""
    page.locator("#text").fill(WORDS[language])
    page.locator("[name=severity][value='4']").check(force=True)
    page.locator("#customer").fill("")
    page.locator("#customer").press_sequentially(COMPANY[language])
    page.locator("#known li, #known:has-text('enough'), #known:has-text('十分')").first.wait_for(
        timeout=KNOWN_MS
    )


def take(page: Page, pages: dict[str, str], language: str, ending: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    small = folder == IMAGES
    painter = page.context.new_page()
    for name, address in pages.items():
        page.goto(address)
        if name == "hand-in" and small:
            typed(page, language)
        if page.locator("#map").count():
            page.locator("#map svg, #map canvas").first.wait_for()
        picture = page.screenshot(full_page=not small)
        if not small:
            (folder / f"{name}.{ending}.png").write_bytes(picture)
            continue
        packed = painter.evaluate(TO_WEBP, [base64.b64encode(picture).decode(), QUALITY])
        (folder / f"{name}.{language}.webp").write_bytes(base64.b64decode(packed))
    painter.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8750")
    parser.add_argument("--look", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    asked = parser.parse_args()
    address = asked.address.rstrip("/")
    looks = [(DESK, "light", "desk")]
    if asked.look:
        looks += [(DESK, "dark", "dark"), (PHONE, "light", "phone")]
    with started() as browser:
        for language in ("ja", "en"):
            for size, scheme, name in looks:
                page = opened(browser, address, language, size, scheme)
                pages = addresses(page)
                pages = {n: a for n, a in pages.items() if not asked.only or n in asked.only}
                take(page, pages, language, f"{language}.{name}", asked.look or IMAGES)
                page.context.close()


if __name__ == "__main__":
    main()
