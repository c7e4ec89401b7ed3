"""What a page must not show to whoever looks at it, in whatever language and on whatever screen."""

from __future__ import annotations

from playwright.sync_api import Page

SIDEWAYS = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
      && !e.closest('.scroll-x, .sr, pre'))
    .map(e => `${e.tagName}.${e.className}`).slice(0, 5)"""
# Words that end at an edge although more of them follow; for screen readers alone it is so meant.
CUT = """() => [...document.querySelectorAll('main *, header *, nav *')]
  .filter(e => e.checkVisibility() && !e.closest('.sr, svg, pre, select, input, textarea')
    && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
    && e.scrollWidth > e.clientWidth + 1 && e.innerText?.trim())
  .map(e => `${e.tagName}.${e.className}: ${e.innerText.slice(0, 40)}`).slice(0, 5)"""
# What a template shows when it was given nothing to show, or a message without its values.
RAW = r"""() => [...document.querySelectorAll('body *')]
  .filter(e => !e.children.length && !e.closest('script, style, option, .voice, blockquote'))
  .filter(e => /^(None|nan|NaN|undefined|null)$|%\(\w+\)|\{\{/.test(e.textContent.trim()))
  .map(e => e.outerHTML.slice(0, 80)).slice(0, 5)"""
# A script that looks for the one would find the other, and empty it.
TWICE = """() => [...document.querySelectorAll('[id]')].map(e => e.id)
  .filter((id, place, every) => every.indexOf(id) !== place).slice(0, 5)"""
HEADINGS = "() => document.querySelectorAll('h1').length"


def sideways(page: Page) -> None:
    assert page.evaluate(SIDEWAYS) == []


def wrong(page: Page, path: str, language: str) -> list[tuple[str, str, object]]:
    """(path, what, where) of all that is wrong with the page that is open."""
    found: list[tuple[str, str, object]] = []
    spoken = page.locator("html").get_attribute("lang")
    if spoken != language:
        found.append((path, "language", spoken))
    headings = page.evaluate(HEADINGS)
    if headings != 1:
        found.append((path, "h1", headings))
    for what, script in (
        ("sideways", SIDEWAYS),
        ("cut off", CUT),
        ("raw", RAW),
        ("id twice", TWICE),
    ):
        places = page.evaluate(script)
        if places:
            found.append((path, what, places))
    return found
