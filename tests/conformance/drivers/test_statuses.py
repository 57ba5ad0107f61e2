"""The driver of statuses: names that nobody issued, where the contract declares what is answered then."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.drivers.statuses import drive, unknown_name
from assay_conformance.evidence import Exchange
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter


def harbour(*statuses: str, **schema: Any) -> Contract:
    """One ship by its name, and what may be answered besides 200."""
    ship = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string", **schema}}
    read = operation("readShip", [ship, query_parameter("part", required=True, enum=["hull"])])
    read["responses"] |= {status: {"description": "Not there."} for status in statuses}
    return contract_of({"/ships/{ship}": {"get": read, "delete": operation("scrapShip", [ship])}})


def lost(_: Call) -> Reply:
    """A harbour without ships."""
    return Reply({}, 404)


def test_a_name_that_nobody_issued_aims_at_the_declared_statuses() -> None:
    """Besides the name the request is right; what deletes is left in peace."""
    exchanges = evidence_of(drive, harbour("404", "410"), lost).of(Exchange)
    unknown = unknown_name(harbour().operation("readShip"))

    assert [(item.subject, item.aimed, item.request.query) for item in exchanges] == [("readShip", (404, 410), (("part", "hull"),))]
    assert [("ship", item.request.path.removeprefix("/ships/")) for item in exchanges] == [unknown]


def test_nothing_is_sent_where_no_such_status_is_declared() -> None:
    """Nobody promised anything."""
    assert evidence_of(drive, harbour("409"), lost).records == ()


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "maximum": 9}, ("ship", "9")),
        ({"format": "uuid"}, ("ship", "00000000-0000-4000-8000-00000a55a700")),
        ({"pattern": "^[A-Z]{4}[0-9]{4}$"}, ("ship", "ZZZZ9999")),
        ({"pattern": "^ship-[0-9]{2}$"}, None),
        ({"enum": ["ferry", "tug"]}, None),
    ],
)
def test_an_unknown_name_is_one_that_its_schema_allows(schema: dict[str, Any], expected: tuple[str, str] | None) -> None:
    """None where every allowed name that is at hand may exist."""
    assert unknown_name(harbour(**schema).operation("readShip")) == expected
