"""The committed description of the API is the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vocloop.intake.records import FeedbackIn
from vocloop_api.examples import BATCH, FEEDBACK
from vocloop_api.openapi import PATH, document


@pytest.fixture(scope="session")
def written() -> str:
    return document()


@pytest.fixture(scope="session")
def described(written: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written)
    return found


def test_the_committed_file_is_up_to_date(written: str) -> None:
    committed = PATH.read_text(encoding="utf-8")
    assert committed == written, "the API has changed: run python -m vocloop_api.openapi"


def test_it_is_served(client: TestClient, described: dict[str, Any]) -> None:
    assert client.get("/api/openapi.json").json() == described


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    prefix = "#/components/schemas/"
    wanted = {ref for ref in _references(described) if ref.startswith(prefix)}
    known = {prefix + name for name in described["components"]["schemas"]}
    assert wanted <= known
    assert prefix + "FeedbackIn" in wanted


def test_every_refusal_is_described_as_problem_details(described: dict[str, Any]) -> None:
    for operations in described["paths"].values():
        for operation in operations.values():
            refusals = {s: a for s, a in operation["responses"].items() if int(s) >= 400}
            assert {"422", "503"} <= set(refusals)
            for answer in refusals.values():
                assert list(answer["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in described["components"]["schemas"]


@pytest.mark.parametrize("row", [each["value"] for each in FEEDBACK.values()])
def test_the_examples_are_taken(client: TestClient, row: dict[str, Any]) -> None:
    FeedbackIn.model_validate(row)
    assert client.post("/api/feedback", json=row).status_code == 201


def test_the_example_of_a_batch_is_taken(client: TestClient) -> None:
    report = client.post("/api/feedback:batch", json=BATCH["both"]["value"]).json()
    assert report["stored"] == 2


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()
