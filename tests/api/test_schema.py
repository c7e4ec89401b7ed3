"""Every operation of the API answers everyone as its description says, and nobody gets more than
the table of permissions gives; benchmarks/schema.py asks for as long as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import ENVIRONMENT, READER, Company, told
from vocloop_models.database import open_database, upgrade

pytestmark = pytest.mark.slow


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    engine = open_database(f"sqlite:///{tmp_path / 'vocloop.db'}")
    upgrade(engine)
    return Company(engine)


def test_every_operation_answers_everyone_as_it_is_described(company: Company) -> None:
    seen = company.run(examples=1)
    described = company.app.openapi()["paths"]
    assert len(seen.operations) == sum(len(each) for each in described.values())
    # What is good is sent too, and is taken: else only refusals would have been looked at.
    assert seen.statuses[200] > len(seen.operations)
    assert not seen.findings, told(seen)


def test_what_is_wrong_is_found(company: Company) -> None:
    company.app.openapi()["paths"]["/api/totals"]["get"]["responses"].pop("200")
    company.tokens[READER] = company.tokens["administrator"]
    seen = company.run(examples=1, only=("/api/totals", "/api/users"))
    assert any("Undocumented" in each for each in seen.findings.values())
    assert any("may not, and is answered" in each for each in seen.findings.values())
