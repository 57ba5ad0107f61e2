"""The driver of error codes: each declared code is provoked by the request that its row names."""

from __future__ import annotations

import pytest
from assay_conformance.drivers.error_codes import codes_for, drive, is_wrong
from assay_conformance.evidence import Exchange, Refusal
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter, refusals

CODES = {
    "BAD_FIELD": "bad-parameter",
    "NO_FIELD": "missing-parameter",
    "NO_PIER": "unknown-resource",
    "NO_VERB": "unknown-method",
    "NO_RIGHT": "missing-scope",
}
PARAMETERS = (query_parameter("berth", required=True, type="integer", minimum=1), query_parameter("flag"))


def harbour(*codes: str, **more: object) -> Contract:
    """Ships by berth, with these error codes."""
    get = operation("listShips", PARAMETERS, x_error_codes=list(codes), **more)
    return contract_of({"/ships": {"get": get, "post": operation("addShip")}}, codes=CODES)


def fine(_: Call) -> Reply:
    """A harbour that takes anything: what a driver sends does not depend on the answer."""
    return Reply({})


def test_a_code_is_provoked_only_where_it_is_declared() -> None:
    """The row of the taxonomy names the kind of request; an operation without the code is left in peace."""
    assert refusals(evidence_of(drive, harbour("NO_PIER"), fine)) == {"resource/unknown": {("NO_PIER",)}}
    assert evidence_of(drive, harbour(), fine).records == ()


def test_a_required_parameter_is_left_out_alone() -> None:
    """The rest of the query is one that the contract allows, and the error may name the parameter."""
    evidence = evidence_of(drive, harbour("NO_FIELD"), fine)

    (missing,) = [item for item in evidence.of(Refusal) if item.rule == "parameter/missing"]
    assert (missing.exchange.request.query, missing.codes, missing.fields) == ((), ("NO_FIELD",), ("berth",))


def test_only_values_that_are_wrong_beyond_doubt_are_sent() -> None:
    """Any string is a flag, so nothing is sent for it."""
    evidence = evidence_of(drive, harbour("BAD_FIELD"), fine)

    wrong = [item for item in evidence.of(Refusal) if item.rule == "parameter/wrong"]
    assert {item.fields for item in wrong} == {("berth",)}
    assert {item.exchange.request.parameter("berth") for item in wrong} >= {"-1", "not-a-value", "1.5"}


def test_a_parameter_of_which_an_annotation_speaks_is_left_to_its_driver() -> None:
    """Its errors have codes of their own."""
    window = {"from": "berth", "to": "flag", "type": "date-time", "invalid": "BAD_FIELD"}

    evidence = evidence_of(drive, harbour("BAD_FIELD", x_window=window), fine)

    assert "parameter/wrong" not in refusals(evidence)


def test_paths_and_methods_that_the_contract_does_not_have() -> None:
    """A method that some operation of the path has is none of them."""
    exchanges = evidence_of(drive, harbour("NO_PIER", "NO_VERB"), fine).of(Exchange)

    assert {item.request.path for item in exchanges if item.codes == ("NO_PIER",)} == {"/ships/nothing-here", "/ships-nothing-here"}
    assert {item.request.method for item in exchanges if item.codes == ("NO_VERB",)} == {"PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize(("scopes", "credentials"), [([], set[str]()), (["ships:read"], {"unscoped"})])
def test_a_scope_is_missing_where_one_is_required(scopes: list[str], credentials: set[str]) -> None:
    """The credential without it is sent; an operation without scopes has none to lack."""
    exchanges = evidence_of(drive, harbour("NO_RIGHT", security=[{"pass": scopes}]), fine).of(Exchange)

    assert {item.request.credential for item in exchanges} == credentials


def test_codes_of_one_kind_are_those_that_the_operation_declares() -> None:
    """Without a taxonomy there are none."""
    contract = harbour("NO_PIER", "NO_VERB")
    bare = contract_of({"/ships": {"get": operation("listShips")}})

    assert codes_for(contract, contract.operation("listShips"), "unknown-method") == ("NO_VERB",)
    assert codes_for(bare, bare.operation("listShips"), "unknown-method") == ()


@pytest.mark.parametrize(("text", "expected"), [("0", True), ("1", False), ("x", True), ("1.5", True)])
def test_a_text_is_wrong_by_the_schema_of_its_parameter(text: str, expected: bool) -> None:
    """A berth is an integer from 1 on."""
    assert is_wrong(harbour().operation("listShips").parameter("berth"), text) is expected


def test_a_path_that_another_operation_has_is_not_called_unknown() -> None:
    """What comes after the last name of a path is the value of a parameter there, not a path that does not exist."""
    ship = operation(
        "getShip", ({"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}},), x_error_codes=["NO_PIER"]
    )
    contract = contract_of({"/ships/{ship}": {"get": ship}}, codes=CODES)
    exchanges = evidence_of(drive, contract, fine, parameters={"ship": "ark"}).of(Exchange)

    assert [item.request.path for item in exchanges] == ["/ships/ark/nothing-here"]
