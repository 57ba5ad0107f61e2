"""The driver of statuses: names that nobody issued, where the contract declares what is answered then."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.drivers.statuses import drive, unknown_name, unknown_names
from assay_conformance.evidence import Exchange
from assay_conformance.judging import judge
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter

READ = operation("readShip", [{"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}}], security=[])


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


def test_names_of_several_forms_are_tried_until_one_is_looked_for() -> None:
    """A schema may say that any string is a name where the server wants a UUID."""

    def by_uuid(call: Call) -> Reply:
        return Reply({}, 404 if len(call.path.rpartition("/")[2]) == 36 else 422)

    sent = [item.request.path.rpartition("/")[2] for item in evidence_of(drive, harbour("404"), by_uuid).of(Exchange)]

    assert sent == ["987654321", "assay-nobody-issued-this", "00000000-0000-4000-8000-00000a55a700"]


def test_at_last_a_name_has_the_form_of_one_that_exists() -> None:
    """A short one may be counted up, and then its neighbour exists."""
    read = harbour().operation("readShip")

    assert [*unknown_names(read, {"ship": "ship-000000000017"})][-1] == ("ship", "ship-000000999982")
    assert [text for _, text in unknown_names(read, {"ship": "tug-17"})] == [text for _, text in unknown_names(read)]


@pytest.mark.parametrize(("status", "expected"), [(404, [(), (404,)]), (200, [()])])
def test_a_name_that_nobody_issues_is_no_unknown_one(status: int, expected: list[tuple[int, ...]]) -> None:
    """A public key that was never heard of is a name like the others, with nothing in it."""
    contract, key = harbour("404", pattern="^[0-9a-f]{64}$"), "0123456789abcdef" * 4
    evidence = evidence_of(drive, contract, lambda _: Reply({}, status), parameters={"ship": key})

    assert [item.aimed for item in evidence.of(Exchange)] == expected


@pytest.mark.parametrize(("status", "expected"), [(404, "PASS"), (200, "FAIL"), (422, "INCONCLUSIVE"), (400, "INCONCLUSIVE")])
def test_a_name_that_is_rejected_for_its_form_does_not_show_what_an_unknown_one_gets(status: int, expected: str) -> None:
    """A server that knows every name breaks its contract; one whose names have a form that no schema tells may not."""
    contract = contract_of({"/ships/{ship}": {"get": {**READ, "responses": {"404": READ["responses"]["200"]}}}})
    evidence = evidence_of(drive, contract, lambda _: Reply({}, status))
    (row,) = judge(contract, evidence, only={"OP-007"}).rows

    assert row.verdict.value == expected
