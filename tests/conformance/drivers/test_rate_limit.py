"""The driver of rate limits: requests too many, the same later, and those of another subject."""

from __future__ import annotations

from assay_conformance.drivers.rate_limit import OWN_REQUESTS, drive_changing
from assay_conformance.evidence import LimitedRequest, QuotaPair
from assay_contracts import parse_bundle

from .harbour import Call, Reply, contract_of, evidence_of, operation

SPEC = {"code": "CROWDED", "policy": "RateLimit-Policy", "remaining": "RateLimit", "retryAfter": "Retry-After"}
PLAIN = contract_of(
    {"/quays": {"get": operation("listQuays", x_rate_limit=SPEC)}, "/tides": {"get": operation("listTides")}},
    codes={"CROWDED": "none"},
    faults={"crowd": {"scope": "operation", "answers": ["CROWDED"]}},
)
TAXONOMY = PLAIN.openapi["x-error-taxonomy"]
CROWDED = TAXONOMY["codes"]["CROWDED"] | {"provoke": {"fault": "crowd"}}
CONTRACT = parse_bundle({**PLAIN.openapi, "x-error-taxonomy": {**TAXONOMY, "codes": {"CROWDED": CROWDED}}})


class Quays:
    """Crowded while the fault is on."""

    def __init__(self) -> None:
        self.crowded = False

    def __call__(self, call: Call) -> Reply:
        if call.path.startswith("/hook/faults"):
            self.crowded = call.method == "PUT"
            return Reply({})
        if self.crowded:
            return Reply({"code": "CROWDED"}, 400, {"Retry-After": "0"})
        return Reply({}, headers={"RateLimit": '"day";r=9'})


def test_a_request_too_many_comes_again_when_the_refusal_is_over() -> None:
    """Only operations with a rate limit are asked for it."""
    (found,) = evidence_of(drive_changing, CONTRACT, Quays(), act=0).of(LimitedRequest)

    assert found.subject == "listQuays"
    assert (found.refused.answer.status, found.after.answer.status) == (400, 200)


def test_requests_of_one_subject_stand_between_two_of_another() -> None:
    """Without tenants nothing is refused: the responses may state what is left."""
    (pair,) = evidence_of(drive_changing, CONTRACT, Quays(), act=0).of(QuotaPair)

    assert [exchange.request.credential for exchange in pair.own] == ["primary"] * OWN_REQUESTS
    assert {pair.before.request.credential, pair.after.request.credential} == {"other"}
    assert not pair.limited


def test_without_a_hook_nothing_is_refused() -> None:
    """The quotas are compared all the same."""
    evidence = evidence_of(drive_changing, CONTRACT, Quays())

    assert (len(evidence.of(LimitedRequest)), len(evidence.of(QuotaPair))) == (0, 1)
