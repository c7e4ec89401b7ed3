"""What the address of the list of hypotheses asks for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from vocloop.themes.heard import Heard
from vocloop_models import HypothesisState
from vocloop_ui import roadmap_words, segment_words
from vocloop_ui.asked import OF, check_one_of, id_in, segment_in, short
from vocloop_ui.hypothesis_view import Where
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View


@dataclass(frozen=True)
class Asked:
    """The filters, as the address holds them."""

    text: str = ""
    state: str = ""
    segment: str = ""
    department: str = ""

    def where(self) -> Where:
        attribute, _, value = self.segment.partition(OF)
        return Where(
            HypothesisState(self.state) if self.state else None,
            Heard(
                segment=(attribute, value) if self.segment else None,
                department=uuid.UUID(self.department) if self.department else None,
            ),
            self.text,
        )


def asked_by(reader: Reader, parameters: Mapping[str, str]) -> Asked:
    """Read the address. Raises PageInputError that names the parameter and what it may be."""
    asked = Asked(
        short(reader, parameters.get("text", "").strip()),
        parameters.get("state", ""),
        segment_in(reader, parameters.get("segment", "")),
        id_in(reader, "department", parameters.get("department", "")),
    )
    check_one_of(reader, "state", asked.state, [state.value for state in HypothesisState])
    return asked


def chips(view: View, asked: Asked, departments: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The conditions that are on. ``departments``: names by id."""
    reader, found = view.reader, []
    if asked.text:
        found.append(view.chip(reader.gettext("Words"), asked.text, "text"))
    if asked.state:
        value = roadmap_words.hypothesis(reader, HypothesisState(asked.state))
        found.append(view.chip(reader.gettext("State"), value, "state"))
    if asked.segment:
        attribute, _, value = asked.segment.partition(OF)
        name = segment_words.attribute(reader, attribute)
        found.append(view.chip(name, segment_words.value(reader, attribute, value), "segment"))
    if asked.department:
        value = departments.get(asked.department, reader.gettext("unknown department"))
        found.append(view.chip(reader.gettext("Department"), value, "department"))
    return found
