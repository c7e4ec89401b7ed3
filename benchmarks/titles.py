"""Titles and keywords as they come, for reading.

    python benchmarks/titles.py THEMES.json [THEMES.json ...] [--most 30] [--kind ja|en|both]

THEMES.json: what ``vocloop themes discover --themes`` wrote. Prints a table, largest theme first;
``--kind both`` leaves out themes in which one language has less than a fifth."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

LEAST_SHARE = 0.2


def passes(theme: dict[str, Any], kind: str) -> bool:
    size: dict[str, int] = theme["languages"]
    both = min(size.get("ja", 0), size.get("en", 0)) >= LEAST_SHARE * theme["size"]
    return both if kind == "both" else bool(theme.get(f"title_{kind}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("themes", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--kind", choices=("ja", "en", "both"), default="both")
    asked = parser.parse_args()
    found = [t for path in asked.themes for t in json.loads(path.read_text("utf-8")).values()]
    kept = [theme for theme in found if passes(theme, asked.kind)][: asked.most]
    languages = ("ja", "en") if asked.kind == "both" else (asked.kind,)
    print(f"| {' | '.join(f'title ({g})' for g in languages)} | keywords | statements |")
    print(f"|{'---|' * (len(languages) + 2)}")
    for theme in kept:
        titles = " | ".join(
            str(theme.get(f"title_{g}") or "–").replace("|", "/") for g in languages
        )
        print(f"| {titles} | {', '.join(theme['keywords'])} | {theme['size']} |")


if __name__ == "__main__":
    main()
