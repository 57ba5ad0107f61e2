"""The driver of the error taxonomy: correlation identifiers and schema versions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from assay_conformance.drivers.error_taxonomy import drive
from assay_conformance.evidence import Exchange, VersionAsk
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter, refusals

CORRELATION = {"header": "Voyage-Id", "pattern": "^[a-z0-9-]{4,64}$"}
VERSIONS = {"header": "Chart-Version", "at": "/chart", "code": "OLD_CHART"}


def harbour(*codes: str, version: str = "2.3.1", **taxonomy: Any) -> Contract:
    """One operation that reads and one that writes, in that version."""
    ships = {"get": operation("listShips", x_error_codes=list(codes)), "post": operation("addShip", x_error_codes=list(codes))}
    return contract_of({"/ships": ships}, codes={"OLD_CHART": "unserved-version"}, version=version, **taxonomy)


def fine(_: Call) -> Reply:
    """A harbour that takes anything."""
    return Reply({"chart": "2.3.1"})


def test_valid_and_invalid_identifiers_are_sent_by_the_pattern_of_the_contract() -> None:
    """The purpose says which they are; an answer is expected to both."""
    exchanges = evidence_of(drive, harbour(correlation=CORRELATION), fine).of(Exchange)
    sent = [(item.request.header("Voyage-Id"), item.purpose) for item in exchanges if item.expected == "accepted"]

    identifiers = [(value, purpose) for value, purpose in sent if value is not None]
    assert {bool(re.search(CORRELATION["pattern"], value)) for value, _ in identifiers} == {True, False}
    assert all(purpose.endswith("invalid") is not bool(re.search(CORRELATION["pattern"], value)) for value, purpose in identifiers)


@pytest.mark.parametrize(
    ("guarded", "credentials"),
    [
        ({"security": []}, set[str]()),
        ({}, {"none"}),
        ({"security": [], "x_tenancy": {"parameter": "pier", "forbidden": "OLD_CHART"}}, {"primary"}),
    ],
)
def test_identifiers_are_sent_with_requests_that_fail(guarded: dict[str, Any], credentials: set[str]) -> None:
    """Without a credential where one is required, for another tenant where there are tenants; elsewhere nothing is wrong with a request."""
    get = operation("listShips", (query_parameter("pier", required=True, type="string"),), **guarded)
    contract = contract_of({"/ships": {"get": get}}, codes={"OLD_CHART": "unserved-version"}, correlation=CORRELATION)
    exchanges = evidence_of(drive, contract, fine).of(Exchange)

    assert {item.request.credential for item in exchanges if item.expected == "refused"} == credentials


def test_requests_without_an_identifier_are_sent_more_than_once() -> None:
    """Whether two answers are given the same one can only be seen of two."""
    exchanges = evidence_of(drive, harbour(correlation=CORRELATION), fine).of(Exchange)

    assert len([item for item in exchanges if item.request.header("Voyage-Id") is None]) >= 2


def test_a_trace_context_is_sent_where_the_contract_honors_one() -> None:
    """A right one and a broken one."""

    def contexts(**spec: bool) -> set[str]:
        exchanges = evidence_of(drive, harbour(correlation=CORRELATION | spec), fine).of(Exchange)
        return {value for item in exchanges if (value := item.request.header("traceparent")) is not None}

    assert (len(contexts(traceparent=True)), contexts()) == (2, set())


def test_versions_are_those_of_the_contract_and_others_beside_them() -> None:
    """A served one is named by one, two or three numbers; one that is not served must be rejected with the contract's code."""
    evidence = evidence_of(drive, harbour("OLD_CHART", schemaVersion={**VERSIONS, "served": ["1.9"]}), fine)
    versions = {item.version: item for item in evidence.of(VersionAsk)}

    assert {name for name, item in versions.items() if item.served} == {"2", "2.3", "2.3.1", "1.9"}
    assert {name for name, item in versions.items() if not item.served} == {"3", "3.0", "2.10", "100.3.1"}
    assert all(item.exchange.request.header("Chart-Version") == name for name, item in versions.items())
    assert {(item.exchange.expected, item.exchange.codes) for item in versions.values()} == {
        ("accepted", ()),
        ("refused", ("OLD_CHART",)),
    }
    assert refusals(evidence) == {"version/unserved": {("OLD_CHART",)}}


def test_only_operations_that_read_are_driven() -> None:
    """A write would leave something behind with each version."""
    evidence = evidence_of(drive, harbour("OLD_CHART", correlation=CORRELATION, schemaVersion=VERSIONS), fine)

    assert {item.subject for item in evidence.of(Exchange)} == {"listShips"}


def test_nothing_is_sent_that_no_contract_speaks_of() -> None:
    """No taxonomy, no correlation, no version; an operation without the code is asked for no version."""
    bare = contract_of({"/ships": {"get": operation("listShips")}})

    assert evidence_of(drive, bare, fine).records == ()
    assert evidence_of(drive, harbour("OLD_CHART"), fine).records == ()
    assert evidence_of(drive, harbour(schemaVersion=VERSIONS), fine).records == ()
