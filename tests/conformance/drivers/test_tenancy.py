"""The driver of tenancy: three tenants side by side, and credentials where they do not belong."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from assay_conformance.authorization import RESHAPED
from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.tenancy import UNKNOWN_TENANT, drive, drive_changing, near_names
from assay_conformance.evidence import Alike, Evidence, Exchange, Neighbours, Refusal, Walk
from assay_conformance.judging import judge

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter, refusals
from .ships import LIST_PARAMETERS, PAGES, TENANCY, list_ships

QUAY = query_parameter("quay", required=True)
CODES = {"NO_PASS": "no-credential", "NOT_YOURS": "foreign-tenant"}


def guarded(call: Call) -> Reply:
    """The ships of a quay, for whoever has its pass."""
    if not call.role:
        return Reply({"code": "NO_PASS"}, 401)
    return list_ships(call) if call.query.get("quay") == f"{call.role}-quay" else Reply({"code": "NOT_YOURS"}, 403)


def driven(*codes: str, **annotations: Any) -> Evidence:
    """What the driver records of the ships of a quay."""
    ships = operation("listShips", (QUAY, *LIST_PARAMETERS), x_tenancy=TENANCY, x_error_codes=list(codes), **annotations)
    return evidence_of(drive, contract_of({"/ships": {"get": ships}}, codes=CODES), guarded)


def named(exchange: Exchange) -> tuple[list[str], str]:
    """The tenants that a request names, and the role of its credential."""
    return [value for name, value in exchange.request.query if name == "quay"], exchange.request.credential


def test_three_tenants_are_asked_for_with_their_own_credentials() -> None:
    """The same request otherwise."""
    (item,) = driven("NOT_YOURS").of(Neighbours)

    assert [named(exchange) for exchange in (item.primary, item.other, item.empty)] == [
        ([f"{role}-quay"], role) for role in ("primary", "other", "empty")
    ]


def test_a_foreign_tenant_is_requested_both_ways() -> None:
    """The one with data and the one without; each must be rejected with the code of the contract."""
    foreign = [item for item in driven("NOT_YOURS").of(Refusal) if item.rule == "tenant/foreign"]

    assert {(*named(item.exchange)[0], named(item.exchange)[1]) for item in foreign} == {
        ("other-quay", "primary"),
        ("primary-quay", "other"),
        ("primary-quay", "empty"),
        ("empty-quay", "primary"),
    }
    assert {item.codes for item in foreign} == {("NOT_YOURS",)}


def test_names_near_the_covered_one_are_requested() -> None:
    """Longer, shorter and in the other case; a comparison by beginning lets them in."""
    near = [item for item in driven("NOT_YOURS").of(Refusal) if item.rule == "tenant/near"]

    assert [named(item.exchange) for item in near] == [
        ([name], "primary") for name in ("primary-quayx", "primary-quay-2", "primary-qua", "PRIMARY-QUAY")
    ]


@pytest.mark.parametrize(
    ("own", "schema", "expected"),
    [
        ("acme", {"type": "string", "pattern": "^[a-z]+$"}, ["acmex", "acm"]),
        ("acme", {"type": "string", "enum": ["acme", "acm"]}, ["acm"]),
        ("0F3A9C1E-0000-4000-8000-000000000001", {"type": "string"}, []),
        ("ops@acme.example", {"type": "string"}, []),
        ("acme.example", {"type": "string", "format": "hostname"}, []),
    ],
)
def test_only_names_that_mean_another_tenant_are_near(own: str, schema: dict[str, Any], expected: list[str]) -> None:
    """The contract allows them, and case is more than spelling."""
    assert near_names(own, schema) == expected


def test_the_tag_of_a_tenant_is_sent_with_the_credential_of_another() -> None:
    """A server that compares tags before tenants would say that nothing changed."""
    tags = {item.request.header("if-none-match"): named(item) for item in driven("NOT_YOURS").of(Exchange)}

    assert tags['"primary-quay"'] == (["primary-quay"], "other")


def test_two_tenants_at_once_are_requested_without_an_expectation() -> None:
    """A server may reject the request or answer for the tenant that is covered."""
    both = [item for item in driven("NOT_YOURS").of(Exchange) if len(named(item)[0]) == 2]

    assert {(tuple(named(item)[0]), item.expected) for item in both} == {
        (("primary-quay", "other-quay"), "any"),
        (("other-quay", "primary-quay"), "any"),
    }


def test_a_foreign_tenant_and_an_unknown_one_are_recorded_side_by_side() -> None:
    """With a credential, and without one where the contract has a code for that."""
    alike = driven("NO_PASS", "NOT_YOURS").of(Alike)

    assert [(named(item.foreign), named(item.unknown)) for item in alike] == [
        ((["other-quay"], role), ([UNKNOWN_TENANT], role)) for role in ("primary", "none")
    ]


def test_bad_credentials_are_sent_where_the_contract_has_a_code_for_them() -> None:
    """An expired one only where the target has one."""

    def rules(*codes: str) -> set[str]:
        return {rule for rule in refusals(driven(*codes)) if rule.startswith("credential/")}

    assert rules("NO_PASS", "NOT_YOURS") == {f"credential/{role}" for role in ("none", "forged", *RESHAPED)}
    assert rules("NOT_YOURS") == set()


def test_lists_are_walked_for_two_tenants_and_a_cursor_is_taken_across() -> None:
    """A cursor of the primary tenant, with the credential of another."""
    evidence = driven("NOT_YOURS", x_pagination=PAGES)
    stolen = [item.exchange for item in evidence.of(Refusal) if item.exchange.request.parameter("after") is not None]

    assert {walk.tenant for walk in evidence.of(Walk)} == {"primary", "other"}
    assert [(named(exchange), exchange.request.parameter("after")) for exchange in stolen] == [((["primary-quay"], "other"), "2")]


BERTH = {"type": "object", "required": ["quay", "ship"], "properties": {"quay": {"type": "string"}, "ship": {"type": "string"}}}
IN_BODY = {"parameter": "/quay", "echo": ["/quay"], "forbidden": "NOT_YOURS"}
BOOK = operation(
    "bookBerth",
    requestBody={"required": True, "content": {"application/json": {"schema": BERTH}}},
    x_tenancy=IN_BODY,
    x_error_codes=["NOT_YOURS", "NO_PASS"],
)
BODY = CorpusRequest("POST", "/berths", headers=(("content-type", "application/json"),), body='{"quay": "example-quay", "ship": "aurora"}')
BOOKINGS = (CorpusCase("bookBerth", BODY, "positive", "examples", "accepted", (), "by hand"),)


def booked() -> Evidence:
    """What the driver records of berths that are booked for the quay in the body."""

    def answer(call: Call) -> Reply:
        return Reply({}) if call.role else Reply({"code": "NO_PASS"}, 401)

    return evidence_of(drive_changing, contract_of({"/berths": {"post": BOOK}}, codes=CODES), answer, cases=BOOKINGS)


def quay_in(exchange: Exchange) -> tuple[str, str]:
    """The tenant in the body of a request, and the role of its credential."""
    return str(orjson.loads(exchange.request.body or "")["quay"]), exchange.request.credential


def test_a_tenant_in_the_body_is_that_of_the_target() -> None:
    """The example of the contract names one that no target has."""
    (item,) = booked().of(Neighbours)

    assert [quay_in(exchange) for exchange in (item.primary, item.other, item.empty)] == [
        (f"{role}-quay", role) for role in ("primary", "other", "empty")
    ]


def test_a_foreign_and_an_unknown_tenant_are_named_in_the_body() -> None:
    """And every bad credential is sent with the right one."""
    evidence = booked()
    (alike,) = evidence.of(Alike)
    tried = {rule: {quay_in(item.exchange) for item in evidence.of(Refusal) if item.rule == rule} for rule in refusals(evidence)}

    assert (quay_in(alike.foreign), quay_in(alike.unknown)) == (("other-quay", "primary"), (UNKNOWN_TENANT, "primary"))
    assert tried["tenant/foreign"] == {
        ("other-quay", "primary"), ("primary-quay", "other"), ("primary-quay", "empty"), ("empty-quay", "primary")
    }  # fmt: skip
    assert tried["credential/none"] == {("primary-quay", "none")}


def test_the_tenant_of_a_response_is_compared_with_that_of_the_body() -> None:
    """Where the contract says that it is stated."""

    def verdict(stated: str) -> str:
        def answer(call: Call) -> Reply:
            return Reply({"quay": stated or f"{call.role}-quay"}) if call.role else Reply({"code": "NO_PASS"}, 401)

        contract = contract_of({"/berths": {"post": BOOK}}, codes=CODES)
        evidence = evidence_of(drive_changing, contract, answer, cases=BOOKINGS)
        kept = [item for item in evidence.of(Exchange) if item.expected == "accepted"]
        return next(row.verdict.value for row in judge(contract, Evidence(evidence.provenance, tuple(kept)), only={"TEN-001"}).rows)

    assert (verdict(""), verdict("primary-quay")) == ("PASS", "FAIL")
