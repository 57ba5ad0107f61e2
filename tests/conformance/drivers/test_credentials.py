"""The driver of credentials: right requests with none, with bad ones and without a scope."""

from __future__ import annotations

from typing import Any

from assay_conformance.authorization import RESHAPED
from assay_conformance.drivers.credentials import drive, drive_changing
from assay_conformance.evidence import Evidence, Exchange, Refusal
from assay_conformance.target import Secret
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter, refusals

SCOPED = {"security": [{"pass": ["ships:read"]}]}
CODES = {"NO_PASS": "no-credential", "NO_RIGHT": "missing-scope"}


def harbour(*statuses: str, **more: Any) -> Contract:
    """Ships that are listed and added with a pass, and a weather report for everybody."""
    ships = operation("listShips", [query_parameter("flag", required=True, enum=["blue"])], x_error_codes=list(CODES), **more)
    ships["responses"] |= {status: {"description": "No."} for status in statuses}
    weather = operation("readWeather", security=[])
    return contract_of({"/ships": {"get": ships, "post": operation("addShip")}, "/weather": {"get": weather}}, codes=CODES)


def guarded(call: Call) -> Reply:
    """The ships, for whoever has a pass."""
    return Reply({}) if call.role == "primary" else Reply({"code": "NO_PASS"}, 401)


def credentials(evidence: Evidence) -> set[tuple[str, str]]:
    """Each operation with the credentials of which it was sent."""
    return {(item.subject, item.request.credential) for item in evidence.of(Exchange)}


def test_each_operation_that_requires_a_credential_is_sent_none_and_bad_ones() -> None:
    """One that requires none is left in peace; what writes waits for the drivers that change the target."""
    assert credentials(evidence_of(drive, harbour(), guarded)) == {("listShips", role) for role in ("none", "forged", *RESHAPED)}
    assert {name for name, _ in credentials(evidence_of(drive_changing, harbour(), guarded))} == {"addShip"}


def test_a_token_for_another_audience_is_sent_where_the_target_states_one() -> None:
    """Nobody but its issuer can make one."""
    stated = {"primary": Secret("token-primary"), "another-audience": Secret("token-elsewhere")}

    assert ("listShips", "another-audience") in credentials(evidence_of(drive, harbour(), guarded, credentials=stated))


def test_everything_but_the_credential_is_right() -> None:
    """Otherwise the server could answer for something else."""
    wrong = [item.exchange for item in evidence_of(drive, harbour(), guarded).of(Refusal) if item.rule == "authorization/forged"]

    assert [item.request.query for item in wrong] == [(("flag", "blue"),)]


def test_a_scope_is_left_out_where_the_operation_requires_one() -> None:
    """With the code of its own."""
    rules = refusals(evidence_of(drive, harbour(**SCOPED), guarded))

    assert rules["authorization/unscoped"] == {("NO_RIGHT",)}
    assert "authorization/unscoped" not in refusals(evidence_of(drive, harbour(), guarded))
    assert rules["authorization/none"] == {("NO_PASS",)}


def test_a_request_aims_at_a_status_that_is_declared() -> None:
    """401 without a credential, 403 without a scope."""

    def aims(*statuses: str) -> dict[str, tuple[int, ...]]:
        evidence = evidence_of(drive, harbour(*statuses, **SCOPED), guarded)
        return {item.rule.removeprefix("authorization/"): item.exchange.aimed for item in evidence.of(Refusal)}

    assert {name: aims("401", "403")[name] for name in ("none", "forged", "unscoped")} == {"none": (401,), "forged": (), "unscoped": (403,)}
    assert set(aims().values()) == {()}


def test_a_request_that_is_wrong_besides_is_sent_without_a_credential() -> None:
    """Who has none is told nothing about it."""
    first = [item.exchange.request for item in evidence_of(drive, harbour(), guarded).of(Refusal) if item.rule == "authorization/first"]

    assert [(item.credential, item.header("accept")) for item in first] == [("none", "application/x-assay-nothing")]
