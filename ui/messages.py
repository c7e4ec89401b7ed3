"""Keep the message catalogues in step with the pages: ``python ui/messages.py``.

New messages are added to ui/vocloop_ui/locale/{ja,en}/LC_MESSAGES/messages.po, unused ones are
dropped. The English ones are filled in from the source; the Japanese ones wait for a translator,
and the tests fail until they are there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent / "vocloop_ui"
# What people may see of its errors stands in vocloop.errors.says and says_of, with a context of its
# own.
DOMAIN = PACKAGE.parents[1] / "vocloop"
DOMAIN_METHODS = [("**.py", "python")]
DOMAIN_KEYWORDS = {"says": None, "says_of": (2, 3)}
LANGUAGES = ("ja", "en")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
# ``_`` is a throw-away name in Python; only these carry messages there and in templates.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
WIDTH = 100


def extracted() -> Catalog:
    """Every message of the pages, with the file it stands in."""
    catalogue = Catalog()
    found = extract_from_dir(PACKAGE, METHODS, OPTIONS, keywords=KEYWORDS)
    for filename, _line, message, _comments, _context in sorted(found, key=lambda m: m[:2]):
        catalogue.add(message, locations=[(filename, 0)])
    found = extract_from_dir(DOMAIN, DOMAIN_METHODS, keywords=DOMAIN_KEYWORDS)
    for filename, _line, message, _comments, _context in sorted(found, key=lambda m: m[:2]):
        catalogue.add(message, locations=[(f"vocloop/{filename}", 0)], context="error")
    return catalogue


def path_of(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "messages.po"


def catalogue_of(language: str) -> Catalog:
    path = path_of(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def fill_english(message: Message) -> None:
    one, many = message.id if isinstance(message.id, tuple) else (message.id, None)
    message.string = one if many is None else (one, many)


def main() -> int:
    template = extracted()
    missing = 0
    for language in LANGUAGES:
        catalogue = catalogue_of(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        for message in catalogue:
            if not message.id:
                continue
            if language == "en":
                fill_english(message)
                message.flags.discard("fuzzy")
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            # A message that changed its form keeps its old words, marked as not to be trusted.
            if message.fuzzy or not all(strings):
                missing += 1
                sys.stdout.write(f"{language}: {message.id!r} waits for its translation\n")
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            # No line numbers and no dates: a page edited elsewhere must not change this file.
            write_po(
                file,
                catalogue,
                width=WIDTH,
                omit_header=True,
                sort_by_file=False,
                sort_output=True,
                include_lineno=False,
            )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
