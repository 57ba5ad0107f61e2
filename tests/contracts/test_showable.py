"""A contract promises what some request to it could show, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from assay_contracts import parse_bundle
from assay_contracts.breakable import is_breakable

FINE: dict[str, Any] = {"200": {"description": "Fine.", "content": {"application/json": {"schema": {"type": "object"}}}}}
GONE: dict[str, Any] = {"204": {"description": "Gone."}}
TAXONOMY: dict[str, Any] = {
    "envelope": {"code": "/code"},
    "categories": {"yours": {"retry": "none", "shows": "What to change."}},
    "codes": {"BAD": {"category": "yours", "status": 400, "retryable": False, "provoke": {"request": "bad-parameter"}}},
}
FAULTS: dict[str, Any] = {**TAXONOMY, "faults": {"shut": {"scope": "operation", "answers": ["BAD"]}}}
STORED: dict[str, Any] = {"400": {"description": "Wrong.", "headers": {"Cache-Control": {"schema": {"type": "string"}}}}}
PAGES: dict[str, Any] = {
    "style": "cursor",
    "items": "/items",
    "identity": "id",
    "cursor": {"parameter": "after", "next": "/next", "invalid": "BAD", "binds": ["kind"]},
    "size": {"parameter": "limit", "default": 5, "minimum": 1, "maximum": 9, "invalid": "BAD"},
}


def query(name: str, **schema: Any) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "schema": schema}


def promised(operation: dict[str, Any], *, method: str = "get", others: int = 0, taxonomy: dict[str, Any] | None = None) -> set[str]:
    """The clauses that a contract of this operation promises."""
    paths: dict[str, Any] = {"/one": {method: {"operationId": "one", **operation}}}
    paths |= {f"/other{number}": {"get": {"operationId": f"other{number}", "responses": FINE}} for number in range(others)}
    document: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.0.0"}, "paths": paths}
    contract = parse_bundle(document if taxonomy is None else {**document, "x-error-taxonomy": taxonomy})
    return {clause.id for clause in contract.clauses()}


@pytest.mark.parametrize(
    ("operation", "clauses"),
    [
        ({"responses": GONE}, set[str]()),
        ({"responses": FINE}, {"OP-003", "OP-008"}),
        ({"responses": GONE, "parameters": [query("days", type="integer")]}, {"OP-006"}),
        ({"responses": GONE, "parameters": [query("text", type="string")]}, set[str]()),
        ({"responses": GONE, "security": [{"card": []}]}, {"OP-006"}),
    ],
)
def test_an_operation_promises_what_can_be_shown_of_it(operation: dict[str, Any], clauses: set[str]) -> None:
    """No media type of nothing, no rejection where nothing can be wrong, no JSON in 204."""
    assert promised(operation) & {"OP-003", "OP-006", "OP-008"} == clauses


@pytest.mark.parametrize(
    ("responses", "taxonomy", "others", "clauses"),
    [
        (FINE, TAXONOMY, 1, set[str]()),
        ({**FINE, **STORED}, TAXONOMY, 0, {"ERR-006"}),
        (FINE, FAULTS, 0, {"FLT-001", "FLT-003", "FLT-004"}),
        (FINE, FAULTS, 1, {"FLT-001", "FLT-002", "FLT-003", "FLT-004"}),
        (FINE, {**TAXONOMY, "envelope": {"category": "/kind", "retryable": "/again"}}, 0, {"ERR-002", "ERR-003"}),
    ],
)
def test_a_taxonomy_promises_what_its_envelope_and_its_faults_can_show(
    responses: dict[str, Any], taxonomy: dict[str, Any], others: int, clauses: set[str]
) -> None:
    """A fault leaves other operations alone only where there are others; what is never stored is declared so."""
    conditional = {"ERR-002", "ERR-003", "ERR-004", "ERR-006", "FLT-001", "FLT-002", "FLT-003", "FLT-004"}

    assert promised({"responses": responses}, taxonomy=taxonomy, others=others) & conditional == clauses


@pytest.mark.parametrize(
    ("more", "clauses"),
    [
        ([], set[str]()),
        ([query("kind", type="string", enum=["a", "b"])], {"PAG-008"}),
    ],
)
def test_a_cursor_is_moved_only_between_what_it_is_bound_to(more: list[dict[str, Any]], clauses: set[str]) -> None:
    """And the empty collection is that of an empty tenant, where there are tenants."""
    parameters = [query("after", type="string"), query("limit", type="integer"), *more]
    operation = {"responses": FINE, "parameters": parameters, "x-pagination": PAGES}

    assert promised(operation, taxonomy=TAXONOMY) & {"PAG-008", "PAG-012"} == clauses


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, False),
        ({"parameters": [query("range", type="string", enum=["6m", "12m"])]}, False),
        ({"parameters": [query("room", type="string")]}, True),
        ({"x-tenancy": {"parameter": "shop", "forbidden": "BAD"}}, True),
    ],
)
def test_a_number_rests_on_zero_only_where_a_request_chooses_what_is_counted(more: dict[str, Any], expected: bool) -> None:
    """A response that is the same for every request has whatever numbers the data has."""
    operation = {"responses": FINE, "x-derived": [{"value": "/rate", "ratio": {"of": "/sold", "to": "/seen"}}], **more}

    assert ("DER-002" in promised(operation, taxonomy=TAXONOMY)) is expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, True),
        ({"type": "string", "maxLength": 3}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, False),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, True),
        ({"type": ["string", "null"]}, False),
        ({}, False),
    ],
)
def test_a_text_can_be_wrong_where_the_schema_rules_some_out(schema: dict[str, Any], expected: bool) -> None:
    """A choice that any text fits rejects none."""
    contract = parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1.0.0"},
            "paths": {"/one": {"get": {"operationId": "one", "responses": FINE, "parameters": [query("q", **schema)]}}},
        }
    )

    assert is_breakable(contract.operations[0]) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"count": "/n", "values": {"operation": "two", "at": "/v"}}, True),
        (
            {"count": "/n", "values": [{"operation": "gone", "at": "/v"}, {"operation": "two", "at": "/{name}", "by": {"shop": "/shop"}}]},
            True,
        ),
        ({"count": "/n", "values": {"operation": "one", "at": "/v"}}, False),
        ({"values": {"operation": "two", "at": "/v"}}, False),
    ],
)
def test_a_percentile_is_known_where_its_values_can_be_sent_and_counted(rule: dict[str, Any], expected: bool) -> None:
    """An operation of this contract receives them in a body."""
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    percentiles = [{"at": "/p", "rank": 95, "definition": "linear", **rule}]
    contract = parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1.0.0"},
            "paths": {
                "/one": {"get": {"operationId": "one", "responses": FINE, "x-percentile": percentiles}},
                "/two": {"post": {"operationId": "two", "responses": FINE, "requestBody": body}},
            },
        }
    )

    assert any(promise.clause.id == "PCT-001" for promise in contract.promises) is expected
