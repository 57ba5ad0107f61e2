"""The mapping of windowing 1.0.0 to 2.0.0: every response of the one is a response of the other."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import load_contract
from assay_contracts.json_types import is_mapping

from .examples_of import response_examples

LEGACY, CANONICAL = load_contract("windowing@1.0.0"), load_contract("windowing@2.0.0")
LEGACY_SUMMARY, CANONICAL_SUMMARY = LEGACY.operation("getUserSummary"), CANONICAL.operation("getSummary")
# Where a property of 1.0.0 stands in 2.0.0, as both documents say.
SUMMARY = {
    "pubkey": "meta.pubkey",
    "interval": "meta.window.type",
    "window.startTs": "meta.window.startTs",
    "window.endTs": "meta.window.endTs",
    "data": "data.cards",
    "timeline": "data.timeline",
}
ERROR = {
    "error.message": "detail",
    "error.httpStatus": "status",
    "error.details.field": "errors[0].field",
    "error.details.component": "component",
    "error.code": "code",
    "error.category": "category",
    "error.retryable": "retryable",
    "error.correlationId": "correlationId",
}
# What 2.0.0 states and 1.0.0 could not.
FRESHNESS = {"snapshotAsOf": "2026-11-08T10:00:00Z", "deltaAsOf": "2026-11-08T10:00:00Z", "stalenessMs": 0}
META = {"freshness": FRESHNESS, "source": "fallback", "isPartial": False, "metricVersion": "2.0"}


def moved(body: Any, mapping: dict[str, str], into: dict[str, Any]) -> dict[str, Any]:
    """The properties of a body at their new places."""
    for source, target in mapping.items():
        missing = object()
        value: Any = body
        for name in source.split("."):
            value = value.get(name, missing) if is_mapping(value) else missing
        if value is not missing:
            _put(into, target, value)
    return into


def _put(into: dict[str, Any], path: str, value: Any) -> None:
    if path == "errors[0].field":
        into["errors"] = [{"field": value, "message": into["detail"]}]
        return
    *way, last = path.split(".")
    for name in way:
        into = into.setdefault(name, {})
    into[last] = value


SUCCESSES = [
    (media, body) for operation, status, media, body in response_examples(LEGACY) if (operation, status) == ("getUserSummary", "200")
]
ERRORS = [(status, body) for operation, status, _, body in response_examples(LEGACY) if operation == "getUserSummary" and status >= "400"]


@pytest.mark.parametrize(("media", "body"), SUCCESSES)
def test_a_legacy_summary_becomes_a_canonical_one(media: str, body: Any) -> None:
    """Nothing of it is lost but the version, and the result is what the canonical schema describes."""
    schema = CANONICAL_SUMMARY.responses["200"].content[media]
    mapped = moved(body, SUMMARY, {"schemaVersion": "2.0.0", "meta": dict(META)})

    jsonschema_rs.Draft202012Validator(dict(schema)).validate(mapped)
    assert set(body) == {name.split(".")[0] for name in SUMMARY} | {"schemaVersion"}
    assert (mapped["data"]["cards"], mapped["data"]["timeline"]) == (body["data"], body["timeline"])


@pytest.mark.parametrize(("status", "body"), ERRORS)
def test_a_legacy_error_becomes_a_problem(status: str, body: Any) -> None:
    """Code, category, retryability and correlation keep their names; the type follows from the code."""
    schema = CANONICAL_SUMMARY.responses[status].content["application/problem+json"]
    kind = f"urn:assay:problem:{body['error']['code'].lower().replace('_', '-')}"
    mapped = moved(body, ERROR, {"type": kind, "title": "The request failed", "instance": "urn:assay:exchange:req-0f3a9c1e"})

    jsonschema_rs.Draft202012Validator(dict(schema)).validate(mapped)


def test_there_is_something_to_map() -> None:
    """An example of each status is mapped above."""
    declared = {status for status in LEGACY_SUMMARY.responses if status >= "400"}

    assert SUCCESSES
    assert {status for status, _ in ERRORS} == declared


@pytest.mark.parametrize("contract", [LEGACY, CANONICAL], ids=["1.0.0", "2.0.0"])
def test_the_documents_state_the_mapping(contract: Any) -> None:
    """A person who moves reads the same mapping; the newer document has that of errors too."""
    description = contract.openapi["info"]["description"]
    mapping = SUMMARY if contract is LEGACY else SUMMARY | ERROR
    names = {name.removeprefix("error.") if name.count(".") == 1 else name for name in mapping} | set(mapping.values())

    assert [name for name in sorted(names) if f"`{name}`" not in description and f"`error.{name}`" not in description] == []
