"""Which columns of a wide table a reader wants: in the address, so that a link and a saved view
keep it. The table has the class ``look``; components.css hides by place what it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

PARAMETER = "columns"


@dataclass(frozen=True)
class Columns:
    """``every``: (key, words) of those that may be left out, in order; ``first``: the place of the
    first of them in the table, counted from 1."""

    every: Sequence[tuple[str, str]]
    shown: frozenset[str]
    first: int

    @property
    def written(self) -> str:
        """As an address says it; "" for all."""
        return written(self.shown, [key for key, _ in self.every])

    @property
    def look(self) -> str:
        places = enumerate(self.every, self.first)
        return " ".join(f"hide-{place}" for place, (key, _) in places if key not in self.shown)


def chosen(every: Sequence[tuple[str, str]], asked: str, first: int = 2) -> Columns:
    """``asked``: keys with commas between; none that is known means all."""
    keys = {key for key, _ in every}
    return Columns(every, frozenset(keys & set(asked.split(",")) or keys), first)


def asked_in(parameters: Mapping[str, str]) -> str:
    """The keys in an address, however a form has sent them, with commas between."""
    if isinstance(parameters, QueryParams):
        return ",".join(parameters.getlist(PARAMETER))
    return parameters.get(PARAMETER, "")


def written(shown: frozenset[str], keys: Sequence[str]) -> str:
    """Keys that are not known are left out: a link may be older than a table."""
    kept = [key for key in keys if key in shown]
    return "" if len(kept) in (0, len(keys)) else ",".join(kept)
