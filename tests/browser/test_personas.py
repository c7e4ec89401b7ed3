"""The morning of each persona, as docs/guide tells it: signed in, by the words that they read, in
both languages, at a desk and on a phone, by light and in the dark. Pictures of the main steps are
left in output/personas/ (output of CI, not kept in the repository)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from conftest import opened
from furnished import PASSWORD, Furnished
from playwright.sync_api import Browser, Locator, Page, expect
from wholeness import wrong

from vocloop_models import Role
from vocloop_ui.i18n import translations

PICTURES = Path(__file__).parent / "output" / "personas"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
LOOKS: list[tuple[str, dict[str, int], Scheme]] = [
    ("ja", DESK, "light"),
    ("en", PHONE, "dark"),
    ("en", DESK, "dark"),
    ("ja", PHONE, "light"),
]
EACH_LOOK = pytest.mark.parametrize(
    "look", LOOKS, ids=["ja-desk", "en-phone", "en-desk", "ja-phone"]
)
TALK = {
    "ja": "聞き手: いかがですか。\n顧客: 検索が遅いです。",
    "en": "Interviewer: How is it?\nCustomer: Search is slow.",
}
WORDS = {"ja": "課長が休みの間、承認が止まります。", "en": "Nothing is approved while he is away."}


@dataclass
class Morning:
    """One persona before one screen. Called with a message, it gives what they read."""

    page: Page
    office: Furnished
    persona: Role
    language: str
    on_phone: bool
    name: str = ""
    taken: list[str] = field(default_factory=list)

    def __call__(self, message: str, **holes: str) -> str:
        return (
            translations(self.language).gettext(message) % holes
            if holes
            else (translations(self.language).gettext(message).replace("%%", "%"))
        )

    def picture(self, step: str) -> None:
        """The page is whole, and a picture of it is kept."""
        assert wrong(self.page, step, self.language) == []
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.taken.append(step)
        file = f"{self.persona.value}.{len(self.taken)}-{step}.{self.name}.png"
        self.page.screenshot(path=PICTURES / file)

    def link(self, message: str, place: Page | Locator | None = None) -> Locator:
        return (place or self.page).get_by_role("link", name=self(message), exact=True)

    def press(self, message: str, place: Page | Locator | None = None) -> None:
        (place or self.page).get_by_role("button", name=self(message), exact=True).click()

    def heading(self, message: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self(message))

    def go(self, stage: str, page: str) -> None:
        """By the navigation: a stage, then one of its pages."""
        self.link(
            stage, self.page.get_by_role("navigation", name=self("Stages of the loop"))
        ).click()
        pages = self.page.get_by_role(
            "navigation", name=self("Pages of this stage: %(stage)s", stage=self(stage))
        )
        self.link(page, pages).click()

    def pick(self, message: str) -> None:
        """One of a row of steps: the button hides its field, a person presses the words."""
        self.page.locator("label:has(input[type=radio])").filter(
            has=self.page.get_by_text(self(message), exact=True)
        ).first.click()


@contextmanager
def morning(
    browser: Browser, office: Furnished, persona: Role, look: tuple[str, dict[str, int], Scheme]
) -> Iterator[Morning]:
    language, size, scheme = look
    with contextmanager(opened)(
        browser, office.address, size, language=language, scheme=scheme
    ) as page:
        on_phone = size is PHONE
        name = f"{language}.{'phone' if on_phone else 'desk'}.{scheme}"
        person = Morning(page, office, persona, language, on_phone, name)
        page.goto("/")
        page.get_by_label(person("Login")).fill(persona.value)
        page.get_by_label(person("Password")).fill(PASSWORD)
        person.press("Sign in")
        yield person


@EACH_LOOK
def test_an_agent_hands_in_and_hears_back(
    browser: Browser, office: Furnished, look: tuple[str, dict[str, int], Scheme]
) -> None:
    with morning(browser, office, Role.AGENT, look) as me:
        page = me.page
        me.heading("Hand in what a customer said")
        words = f"{WORDS[me.language]} ({me.name})"
        page.get_by_label(me("The customer's words")).fill(words)
        known = page.get_by_role("complementary", name=me("Themes already known"))
        known.get_by_text(me("This one")).click()
        company = page.get_by_role("combobox", name=me("The customer's company"))
        company.press_sequentially("三ツ峰" if me.language == "ja" else "hald")
        page.get_by_role("option").first.click()
        me.pick("Blocked")
        me.picture("hand-in")
        if me.on_phone:
            page.get_by_role("button", name=me("Send")).click()
        else:
            page.keyboard.press("Control+Enter")
        me.heading("The voice is handed in")
        me.picture("sent")
        me.link("See my voices").click()
        me.heading("My voices")
        mine = page.get_by_role("listitem").filter(has_text=words)
        mine.get_by_text(me("What to tell the customer")).click()
        expect(mine.locator(".letter")).to_be_visible()
        me.picture("my-voices")
        page.get_by_role("link", name=me("Notifications")).click()
        me.heading("Notifications")
        notes = page.get_by_role("region", name=me("Notes to you"))
        still = notes.get_by_role("button", name=me("I told the customer"))
        before = still.count()
        still.first.click()
        expect(still).to_have_count(before - 1)
        me.picture("notes")
        me.go("Hear", "Transcript")
        page.get_by_label(me("The talk")).fill(TALK[me.language])
        me.press("Look at who speaks")
        expect(page.get_by_role("checkbox").first).to_be_checked()
        me.picture("talk")


@EACH_LOOK
def test_a_product_manager_reads_what_changed_and_plans(
    browser: Browser, office: Furnished, look: tuple[str, dict[str, int], Scheme]
) -> None:
    with morning(browser, office, Role.PRODUCT_MANAGER, look) as me:
        page = me.page
        me.heading("Themes")
        me.picture("themes")
        page.locator("summary").filter(has_text=me("Add a filter")).click()
        page.get_by_role("combobox", name=me("Kind of longevity")).select_option(
            label=me("Lasting")
        )
        me.press("Show")
        expect(page).to_have_url(re.compile("kind=lasting"))
        expect(page.locator(".kind").filter(has_text=me("Transient"))).to_have_count(1)
        with page.expect_download() as table:
            me.link("Save as CSV").click()
        assert me("Impact") in Path(table.value.path()).read_text("utf-8-sig")
        page.locator("[data-row]").first.click()
        expect(page.get_by_role("heading", name=me("Whose problem is it"))).to_be_visible()
        me.picture("theme")
        heading = page.get_by_role("heading", level=1)
        was = heading.inner_text()
        page.locator("summary").filter(has_text=me("Rename")).click()
        label = "Japanese title" if me.language == "ja" else "English title"
        page.get_by_label(me(label)).fill(
            "よりよい名前" if me.language == "ja" else "A better title"
        )
        page.get_by_label(me(label)).press("Enter")
        expect(heading).not_to_have_text(was)
        me.picture("renamed")
        me.press("Undo", page.locator(".toast"))
        expect(heading).to_have_text(was)
        page.locator("summary").filter(has_text=me("Promote to the backlog")).click()
        page.get_by_label(me("What may be done about it")).fill(me.name)
        me.press("Promote")
        expect(heading).to_have_text(me.name)
        me.press("Keep the ratings")
        expect(page.get_by_text(me("Nobody has rated it yet"), exact=False)).to_have_count(0)
        me.picture("item")
        for _ in range(2):  # what was written stays, also once the page has fetched its parts
            me.link("Edit").click()
            page.wait_for_load_state("networkidle")
            problem = page.get_by_label(me("Problem statement"))
            problem.fill(problem.input_value() or me.name)
            me.press("Keep the changes")
        expect(page.get_by_role("region", name=me("Problem statement"))).to_contain_text(me.name)
        for name in ("Changes", "Map", "Minority voices"):
            me.go("Discern", name)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            me.picture(name.lower().replace(" ", "-"))


@EACH_LOOK
def test_an_executive_reads_one_page_and_decides(
    browser: Browser, office: Furnished, look: tuple[str, dict[str, int], Scheme]
) -> None:
    with morning(browser, office, Role.EXECUTIVE, look) as me:
        page = me.page
        expect(page.get_by_role("region", name=me("What waits for a decision"))).to_be_visible()
        me.picture("briefing")
        # One sheet of A4, that a board is handed.
        assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
        me.link("To the arbitration room").click()
        # The reasons come by themselves, and put the room's links in anew.
        expect(page.locator("#solved[hx-get]")).to_have_count(0)
        weights = page.get_by_role("slider")
        weights.first.focus()
        weights.first.press("ArrowRight")
        expect(page).to_have_url(re.compile(r"\?"))
        expect(page.locator("#solved[hx-get]")).to_have_count(0)
        me.picture("room")
        page.locator("#solved .lines-of").first.locator("[data-row]").nth(LOOKS.index(look)).click()
        title = page.get_by_role("heading", level=1).inner_text()
        expect(page.get_by_text("私がカスタマーなら賛成か")).to_be_visible()
        me.pick("I would")
        me.pick("Approve")
        page.get_by_label(me("Rationale")).fill(f"{title}: {me.name}")
        me.picture("decide")
        me.press("Record the decision…")
        me.heading("Record this decision?")
        me.picture("sure")
        me.press("Record the decision")
        expect(page.get_by_text(me("The decision is recorded."))).to_be_visible()
        me.go("Decide", "Decision log")
        expect(page.get_by_text(f"{title}: {me.name}")).to_be_visible()
        me.picture("log")
        me.go("Verify", "Outcome reviews")
        page.locator("[data-row]").first.click()
        me.picture("outcome")


def test_an_agent_hands_in_by_keys_alone(browser: Browser, office: Furnished) -> None:
    """From the page that signs in to the voice that is handed in, without a pointer."""
    with contextmanager(opened)(browser, office.address, DESK, language="en") as page:
        me = Morning(page, office, Role.AGENT, "en", on_phone=False, name="keys")
        page.goto("/")
        expect(page.get_by_label("Login")).to_be_focused()
        _type(page, Role.AGENT.value, "Tab", PASSWORD, "Enter")
        expect(page.get_by_label("The customer's words")).to_be_focused()
        _type(page, "The approver is away and nothing moves.")
        expect(page.locator("#known").get_by_text("This one")).to_be_visible()
        page.keyboard.press("Alt+1")
        expect(page.get_by_role("radio", name=re.compile("^This one"))).to_be_checked()
        _until(page, lambda: _focused(page) == "customer")
        _type(page, "hald")
        expect(page.get_by_role("option").first).to_be_visible()
        _type(page, "ArrowDown", "Enter", "Tab", "Space", "ArrowRight", "Control+Enter")
        me.heading("The voice is handed in")
        expect(page.get_by_text("Halden Components K.K.")).to_be_visible()
        _until(page, lambda: "/voices" in page.evaluate("document.activeElement.href || ''"))
        _type(page, "Enter")
        me.heading("My voices")
        expect(page.get_by_text("The approver is away and nothing moves.")).to_be_visible()


KEYS = ("Tab", "Enter", "Space", "ArrowDown", "ArrowRight", "Control+Enter")


def _type(page: Page, *what: str) -> None:
    for each in what:
        if each in KEYS:
            page.keyboard.press(each)
        else:
            page.keyboard.type(each)


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def _until(page: Page, reached: Callable[[], bool], most: int = 40) -> None:
    """Tab on; focus that can't be reached, or leaves the page, is a fault."""
    for _ in range(most):
        if reached():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached within {most} steps from {_focused(page)}")
