"""The oracle: what the contract says about one request, case by case."""

from __future__ import annotations

import pytest
from assay_conformance.corpus.cases import CorpusRequest, Slot
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.pairing import paired
from assay_conformance.corpus.schemas import Undecided
from assay_conformance.corpus.slot_filling import slotted
from assay_conformance.corpus.slots import example_values
from assay_contracts import Contract, load_contract

TENANT = ("tenantId", Slot("tenant:primary"))
WINDOW = (("from", Slot("window:from")), ("to", Slot("window:to")))
CURSOR = "eyJrIjpbMTIzXX0.c2lnbmF0dXJl"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("reliability@1.0.0")


def funnel(*query: tuple[str, str | Slot], **headers: str) -> CorpusRequest:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return CorpusRequest("GET", "/v1/analytics/funnel-metrics", (), query, sent)


def failures(*query: tuple[str, str | Slot]) -> CorpusRequest:
    return CorpusRequest("GET", "/v1/analytics/failures", (), query)


def oracle(contract: Contract, request: CorpusRequest) -> Oracle:
    return Oracle(contract, next(item for item in contract.operations if item.path == request.path))


@pytest.mark.parametrize(
    "request_",
    [
        funnel(TENANT, *WINDOW),
        funnel(TENANT, *WINDOW, ("groupBy", "day"), ("filter[channel]", "web"), ("filter[errorClass]", "timeout")),
        funnel(TENANT, ("from", "2026-01-01T00:00:00Z"), ("to", "2026-04-01T00:00:00Z")),
        funnel(TENANT, ("from", "2026-01-01T00:00:00.5Z"), ("to", "2026-01-01T00:00:00.500001Z")),
        funnel(TENANT, *WINDOW, ("somethingElse", "1"), ("somethingElse", "2")),
        funnel(TENANT, *WINDOW, accept_schema_version="1.0.7", if_none_match='W/"a", "b"', x_correlation_id="?"),
        failures(TENANT, ("pageSize", "200")),
    ],
)
def test_what_the_contract_allows_is_accepted(contract: Contract, request_: CorpusRequest) -> None:
    """Windows up to the longest, unknown parameters, any correlation identifier."""
    expectation = oracle(contract, request_).expect(request_)

    assert (expectation.outcome, expectation.codes) == ("accepted", ())


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        (funnel(*WINDOW), {"INVALID_PARAMETER"}),
        (funnel(TENANT, WINDOW[0]), {"INVALID_PARAMETER"}),
        (funnel(TENANT, ("from", "yesterday"), WINDOW[1]), {"INVALID_WINDOW"}),
        (funnel(TENANT, ("from", "2026-02-30T00:00:00Z"), WINDOW[1]), {"INVALID_WINDOW"}),
        (funnel(TENANT, ("from", "2026-01-02T00:00:00Z"), ("to", "2026-01-02T00:00:00Z")), {"INVALID_WINDOW"}),
        (funnel(TENANT, ("from", "2026-01-02T00:00:00Z"), ("to", "2026-01-01T00:00:00Z")), {"INVALID_WINDOW"}),
        (funnel(TENANT, ("from", "2026-01-01T00:00:00Z"), ("to", "2026-04-01T00:00:00.000001Z")), {"INVALID_WINDOW"}),
        (funnel(TENANT, *WINDOW, ("filter[channel]", "fax")), {"INVALID_FILTER"}),
        (funnel(TENANT, *WINDOW, ("filter[component]", "lead_router")), {"INVALID_FILTER"}),
        (funnel(TENANT, *WINDOW, ("groupBy", "week")), {"INVALID_PARAMETER", "INVALID_WINDOW"}),
        (funnel(("tenantId", "Not A Tenant"), *WINDOW), {"INVALID_PARAMETER", "FORBIDDEN_TENANT"}),
        (funnel(TENANT, ("from", ""), WINDOW[1]), {"INVALID_PARAMETER", "INVALID_WINDOW"}),
        (funnel(TENANT, *WINDOW, accept_schema_version="9"), {"SCHEMA_MISMATCH"}),
        (funnel(TENANT, *WINDOW, accept_schema_version="latest"), {"SCHEMA_MISMATCH", "INVALID_PARAMETER"}),
        (failures(TENANT, ("cursor", CURSOR)), {"INVALID_CURSOR"}),
        (failures(TENANT, ("cursor", "short")), {"INVALID_CURSOR"}),
        (failures(TENANT, ("pageSize", "0")), {"INVALID_PAGE_SIZE"}),
        (failures(TENANT, ("pageSize", "ten")), {"INVALID_PAGE_SIZE"}),
        (failures(TENANT, ("pageSize", "٣")), {"INVALID_PAGE_SIZE"}),
        (failures(TENANT, ("sort", "eventTime")), {"INVALID_SORT"}),
        (failures(TENANT, ("sort", "eventTime"), ("pageSize", "201")), {"INVALID_SORT", "INVALID_PAGE_SIZE"}),
    ],
)
def test_what_the_contract_forbids_is_refused_with_the_governing_code(contract: Contract, request_: CorpusRequest, codes: set[str]) -> None:
    """The annotation that governs a parameter names the code; where the contract leaves a choice, each choice is right."""
    expectation = oracle(contract, request_).expect(request_)

    assert (expectation.outcome, set(expectation.codes)) == ("refused", codes)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (failures(TENANT, TENANT), "given twice"),
        (failures(TENANT, ("filter[component]", "lead_router"), ("filter[component]", "lead_router")), "given twice"),
        (failures(TENANT, ("filter", "x")), "without brackets"),
        (failures(TENANT, ("filter[]", "x")), "brackets within brackets"),
        (failures(TENANT, ("filter[component", "x")), "does not close"),
        (failures(TENANT, ("pageSize[]", "1")), "takes none"),
        (failures(TENANT, ("pageSize", "050")), "another notation"),
        (failures(TENANT, ("pageSize", "50.0")), "another notation"),
        (failures(TENANT, ("pageSize", "-0")), "minus zero"),
        (failures(TENANT, ("x", "y" * 5000)), "URL longer"),
        (funnel(TENANT, ("from", "2026-06-30T23:59:60Z"), ("to", "2026-07-02T00:00:00Z")), "not every clock"),
        (funnel(TENANT, ("from", "0000-01-01T00:00:00Z"), ("to", "0001-01-02T00:00:00Z")), "not every clock"),
        (funnel(TENANT, ("from", "2026-01-01T00:00:00Z"), WINDOW[1]), "one end is not known"),
        (funnel(TENANT, *WINDOW, if_none_match=""), "header that is empty"),
        (funnel(TENANT, *WINDOW, if_none_match="0"), "lets a server ignore"),
        (funnel(TENANT, *WINDOW, x_correlation_id="x" * 1025), "correlation identifier"),
    ],
)
def test_what_the_contract_leaves_open_is_no_case(contract: Contract, request_: CorpusRequest, reason: str) -> None:
    """A correct server may answer either way, so nothing is expected of it."""
    with pytest.raises(Undecided, match=reason):
        oracle(contract, request_).expect(request_)


def test_a_breakage_of_meaning_is_none_of_the_schema(contract: Contract) -> None:
    """A well-formed cursor that nobody issued fits its schema and is refused all the same."""
    request = failures(TENANT, ("cursor", CURSOR))
    expectation = oracle(contract, request).expect(request)

    assert (expectation.fits_schema, expectation.outcome, expectation.why) == (True, "refused", "cursor: never issued")


def test_a_request_that_is_broken_twice_is_taken_apart(contract: Contract) -> None:
    """Each breakage stands alone once, with the tenant from the target and without the cursor that nobody issued."""
    grown = failures(("tenantId", "some-tenant"), ("cursor", CURSOR), ("pageSize", "0"), ("sort", "size"))
    found = list(slotted(oracle(contract, grown), grown))

    assert found == [
        failures(TENANT, ("pageSize", "0")),
        failures(TENANT, ("sort", "size")),
        failures(TENANT, ("pageSize", "0"), ("sort", "size")),
    ]


def test_a_good_request_keeps_its_own_window_beside_that_of_the_target(contract: Contract) -> None:
    """The window that was grown is tried as it stands, and the target's own in its place."""
    grown = funnel(("tenantId", "some-tenant"), ("from", "2026-01-02T00:00:00Z"), ("to", "2026-01-01T00:00:00Z"), ("groupBy", "day"))
    found = list(slotted(oracle(contract, grown), grown))

    assert [request.values("to") for request in found] == [(Slot("window:to"),), ("2026-01-01T00:00:00Z",)]


@pytest.fixture(scope="module")
def rolling() -> Contract:
    """A contract with rolling windows, and a list that is asked for as of a moment that a response stated."""
    return load_contract("windowing@2.0.0")


EDGES = (("startTs", Slot("seconds:from")), ("endTs", Slot("seconds:to")))
ROLLING = ("interval", "24h")


def summary(*query: tuple[str, str | Slot]) -> CorpusRequest:
    return CorpusRequest("GET", "/api/v2/analytics/user/{pubkey}/summary", (("pubkey", Slot("parameter:pubkey")),), query)


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        (summary(), set[str]()),
        (summary(ROLLING), set[str]()),
        (summary(*EDGES), set[str]()),
        (summary(EDGES[0]), {"INVALID_WINDOW"}),
        (summary(EDGES[1]), {"INVALID_WINDOW"}),
        (summary(*EDGES, ROLLING), {"INVALID_WINDOW"}),
        (summary(EDGES[0], ROLLING), {"INVALID_WINDOW"}),
        (summary(*EDGES, ("interval", "8d")), {"INVALID_PARAMETER"}),
    ],
)
def test_an_edge_alone_or_beside_a_rolling_window_is_no_window(rolling: Contract, request_: CorpusRequest, codes: set[str]) -> None:
    """A rolling window stands instead of both edges."""
    assert set(oracle(rolling, request_).expect(request_).codes) == codes


def test_a_moment_that_no_response_stated_decides_nothing(rolling: Contract) -> None:
    """It is left out of what is grown; one that breaks its schema is a bad parameter as any other."""
    path = "/api/v2/analytics/user/{pubkey}/drilldown/{metric}"
    places = (("pubkey", Slot("parameter:pubkey")), ("metric", Slot("parameter:metric")))
    known = oracle(rolling, CorpusRequest("GET", path))
    as_of = CorpusRequest("GET", path, places, (("asOf", "2026-11-01T00:00:00Z"),))
    broken = CorpusRequest("GET", path, places, (("asOf", "yesterday"),))

    with pytest.raises(Undecided, match="a moment that no response stated"):
        known.expect(as_of)
    assert known.expect(broken).codes == ("INVALID_PARAMETER",)
    assert all("asOf" not in dict(request.query) for request in slotted(known, as_of))
    assert all("asOf" not in dict(request.query) for request in paired(known.operation, example_values(rolling), known.moments))


def test_a_body_with_too_much_may_be_called_too_large(rolling: Contract) -> None:
    """A body that lacks something may not."""
    path = "/api/v2/analytics/events"
    headers = (("content-type", "application/json"), ("idempotency-key", "batch-0001"))

    def codes(body: str) -> tuple[str, ...]:
        request = CorpusRequest("POST", path, headers=headers, body=body)
        return oracle(rolling, request).expect(request).codes

    assert codes('{"events": [' + ",".join(["{}"] * 5001) + "]}") == ("INVALID_BODY", "PAYLOAD_TOO_LARGE")
    assert codes('{"events": []}') == ("INVALID_BODY",)
