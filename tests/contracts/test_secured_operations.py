"""Whether an operation requires a credential follows from its security alone."""

from __future__ import annotations

from typing import Any

import pytest
from assay_contracts import Contract, parse_bundle

ANSWERS: dict[str, Any] = {"200": {"description": "Fine."}, "401": {"description": "Who are you?"}}


def contract(operation: dict[str, Any], security: list[dict[str, list[str]]] | None) -> Contract:
    """A contract of one operation."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Depot", "version": "1.0.0"},
        "paths": {"/parcels": {"get": {"operationId": "listParcels", "responses": ANSWERS, **operation}}},
        "components": {"securitySchemes": {"card": {"type": "http", "scheme": "bearer"}}},
    }
    return parse_bundle(document if security is None else {**document, "security": security}, None)


CASES: list[tuple[dict[str, Any], list[dict[str, list[str]]] | None, bool]] = [
    ({}, [{"card": []}], True),
    ({"security": [{"card": []}]}, None, True),
    ({}, None, False),
    ({"security": []}, [{"card": []}], False),
    ({}, [{"card": []}, {}], False),
    ({"responses": {"200": ANSWERS["200"]}}, [{"card": []}], True),
    ({"x-tenancy": {"parameter": "depot"}}, [{"card": []}], True),
]


@pytest.mark.parametrize(("operation", "security", "expected"), CASES)
def test_security_decides_whether_a_credential_is_required(
    operation: dict[str, Any], security: list[dict[str, list[str]]] | None, expected: bool
) -> None:
    """One alternative without a scheme leaves the operation open; neither tenants nor declared statuses matter."""
    assert contract(operation, security).operations[0].secured is expected
