"""The driver of errors of operations that write: unknown paths and methods, and bodies that are too large."""

from __future__ import annotations

from typing import Any

from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.write_errors import PADDED_TO, drive_changing
from assay_conformance.evidence import Exchange
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, refusals

CODES = {"NO_PIER": "unknown-resource", "NO_VERB": "unknown-method", "TOO_MUCH": "oversized-body"}
ADDED = CorpusRequest("POST", "/ships", (), (), (("content-type", "application/json"),), "{}")
CASE = CorpusCase("addShip", ADDED, "positive", "examples", "accepted", (), "a ship")
BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}


def harbour(*codes: str, **more: Any) -> Contract:
    """Ships that are listed and added."""
    post = operation("addShip", x_error_codes=list(codes), requestBody=BODY)
    return contract_of({"/ships": {"get": operation("listShips"), "post": post, **more}}, codes=CODES)


def exchanges(contract: Contract, most: int = 10**9) -> tuple[Exchange, ...]:
    """What is sent to a harbour that takes bodies of so many bytes."""

    def answer(call: Call) -> Reply:
        return Reply({}, status=413 if int(call.headers.get("Content-Length", 0)) > most else 200)

    return evidence_of(drive_changing, contract, answer, cases=(CASE,)).of(Exchange)


def test_a_code_is_provoked_only_where_it_is_declared() -> None:
    """With a request in which nothing else is wrong."""
    assert {item.request.path for item in exchanges(harbour("NO_PIER"))} == {"/ships/nothing-here", "/ships-nothing-here"}
    assert {item.request.method for item in exchanges(harbour("NO_VERB"))} == {"PUT", "PATCH", "DELETE"}
    assert exchanges(harbour()) == ()


def test_what_is_sent_to_an_unknown_place_is_expected_to_be_refused() -> None:
    """With the code that the contract declares."""
    evidence = evidence_of(drive_changing, harbour("NO_PIER", "NO_VERB"), lambda _: Reply({}), cases=(CASE,))

    assert refusals(evidence) == {"resource/unknown": {("NO_PIER",)}, "method/unknown": {("NO_VERB",)}}


def test_a_body_grows_until_it_is_too_large() -> None:
    """It stays the same JSON value; a server with a larger bound is not blamed."""
    small = [item.request.body or "" for item in exchanges(harbour("TOO_MUCH"), most=1000)]
    large = exchanges(harbour("TOO_MUCH"))

    assert [len(body) for body in small] == [PADDED_TO[0]]
    assert small[0].strip() == "{}"
    assert [len(item.request.body or "") for item in large] == list(PADDED_TO)
    assert {(item.expected, item.codes) for item in large} == {("any", ())}
