"""The checks of rate limits, on refusals written by hand."""

from __future__ import annotations

import itertools

import pytest
from assay_conformance.evidence import Exchange, LimitedRequest, QuotaPair
from assay_contracts import parse_bundle

from .by_hand import OPENAPI, VISITS, error, exchange, library_with, verdict

_IDS = itertools.count(1)
SPEC = {"code": "CROWDED", "policy": "RateLimit-Policy", "remaining": "RateLimit", "retryAfter": "Retry-After"}
SECURED = {
    **library_with(VISITS, x_rate_limit=SPEC).openapi,
    "security": [{"card": []}],
    "components": {"securitySchemes": {"card": {"type": "http", "scheme": "bearer"}}},
}
LIBRARY = parse_bundle(SECURED)
WHOLE = {"ratelimit-policy": '"day"; w=60; q=100', "ratelimit": '"day";r=0;t=2', "retry-after": "2"}


def refused(**headers: str | None) -> Exchange:
    """A request too many; a header is left out by None."""
    answer = error("CROWDED", 503, subject=VISITS)
    named = {name: value for name, value in {**WHOLE, **{key.replace("_", "-"): value for key, value in headers.items()}}.items() if value}
    return exchange(VISITS, 503, answer.answer.json, headers=named)


def fine(left: int | None = None) -> Exchange:
    """A success, with so much left of the quota."""
    return exchange(VISITS, 200, {"visits": 1}, headers={} if left is None else {"ratelimit": f'"day";r={left};t=60'})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (refused(), "PASS"),
        (refused(retry_after="Mon, 30 Nov 2026 10:00:00 GMT"), "PASS"),
        (refused(retry_after=None), "FAIL"),
        (refused(retry_after="soon"), "FAIL"),
        (refused(ratelimit_policy=None), "FAIL"),
        (refused(ratelimit_policy='"day"; w=60'), "FAIL"),
        (refused(ratelimit=None), "FAIL"),
        (refused(ratelimit='"day";t=2'), "FAIL"),
        (refused(ratelimit_policy="100;w=60", ratelimit="limit=100, remaining=0, reset=2"), "PASS"),
        (refused(ratelimit_policy="100, 1000;w=3600", ratelimit="0"), "PASS"),
        (refused(ratelimit_policy="many", ratelimit="0"), "FAIL"),
        (refused(ratelimit="none"), "FAIL"),
        (fine(), "INCONCLUSIVE"),
    ],
)
def test_a_refusal_names_policy_rest_and_time(found: Exchange, expected: str) -> None:
    """Parameters stand in any order."""
    assert verdict("RAT-001", VISITS, found, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("first", "after", "expected"), [(refused(), fine(), "PASS"), (refused(), refused(), "FAIL"), (fine(), fine(), "INCONCLUSIVE")]
)
def test_a_refusal_is_over_when_it_says(first: Exchange, after: Exchange, expected: str) -> None:
    """The same request came after the pause."""
    item = LimitedRequest(id=f"l{next(_IDS)}", subject=VISITS, purpose="by hand", refused=first, after=after, waited=2.0)

    assert verdict("RAT-002", VISITS, item, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [("2", "FAIL"), ("60", "INCONCLUSIVE"), ("Mon, 30 Nov 2026 10:00:02 GMT", "FAIL"), ("Mon, 30 Nov 2026 10:01:00 GMT", "INCONCLUSIVE")],
)
def test_a_refusal_that_the_run_did_not_wait_out_shows_nothing(retry_after: str, expected: str) -> None:
    """A date counts from that of the response; the run waited two seconds."""
    first = refused(retry_after=retry_after, date="Mon, 30 Nov 2026 10:00:00 GMT")
    item = LimitedRequest(id=f"l{next(_IDS)}", subject=VISITS, purpose="by hand", refused=first, after=refused(), waited=2.0)

    assert verdict("RAT-002", VISITS, item, contract=LIBRARY) == expected


@pytest.mark.parametrize(("after", "expected"), [(85, "PASS"), (70, "FAIL")])
def test_a_request_may_use_up_several_units_of_a_quota(after: int, expected: str) -> None:
    """Each of these costs five."""
    own = (fine(50), fine(45), fine(40))
    pair = QuotaPair(id=f"l{next(_IDS)}", subject=VISITS, purpose="by hand", own=own, before=fine(90), after=fine(after), limited=False)

    assert verdict("RAT-003", VISITS, pair, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("own", "before", "after", "limited", "expected"),
    [
        (refused(), fine(), fine(), True, "PASS"),
        (refused(), fine(), refused(), True, "FAIL"),
        (fine(), fine(), fine(), True, "INCONCLUSIVE"),
        (fine(50), fine(90), fine(89), False, "PASS"),
        (fine(50), fine(90), fine(100), False, "PASS"),
        (fine(50), fine(90), fine(86), False, "FAIL"),
        (fine(), fine(), fine(), False, "INCONCLUSIVE"),
    ],
)
def test_the_quota_of_another_subject(own: Exchange, before: Exchange, after: Exchange, limited: bool, expected: str) -> None:
    """Three requests of one subject stand between two of another."""
    pair = QuotaPair(
        id=f"l{next(_IDS)}", subject=VISITS, purpose="by hand", own=(own, own, own), before=before, after=after, limited=limited
    )

    assert verdict("RAT-003", VISITS, pair, contract=LIBRARY) == expected


def test_without_credentials_there_are_no_subjects() -> None:
    """Nothing says whose a quota is."""
    bare = library_with(VISITS, x_rate_limit=SPEC)

    assert OPENAPI.get("security") is None
    assert "RAT-003" not in {promise.clause.id for promise in bare.promises}
