"""What templates take from each other is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from vocloop_ui.view import TEMPLATES, environment


def names(imported: nodes.Import | nodes.FromImport) -> Iterator[str]:
    """As the template knows what it imports."""
    if isinstance(imported, nodes.Import):
        yield imported.target
        return
    for name in imported.names:
        yield name if isinstance(name, str) else name[1]


def unused(source: str) -> set[str]:
    tree = environment("en").parse(source)
    imported = {
        name for each in tree.find_all((nodes.Import, nodes.FromImport)) for name in names(each)
    }
    return imported - {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load"}


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_imports_nothing_that_it_does_not_use(path: Path) -> None:
    assert unused(path.read_text("utf-8")) == set()


def test_an_unused_import_is_found_under_the_name_it_is_given() -> None:
    source = """
        {% import "parts.html" as parts %}{% import "marks.html" as marks %}
        {% from "titles.html" import in_reader, in_other as other, summary with context %}
        {{ marks.bar() }}{{ in_reader(theme) }}
    """
    assert unused(source) == {"parts", "other", "summary"}
