"""Which pages may ask, and what every response says to browsers."""

from __future__ import annotations

from typing import Any

import pytest
from assay_contracts import load_contract
from assay_server.http.origins import Origins, joined

PAGE = "https://console.example"
CONTRACT = load_contract("reliability@1.1.0")


def test_a_page_of_an_allowed_origin_may_read_what_the_contract_declares() -> None:
    """Its origin is named, never all of them."""
    headers = Origins([PAGE], CONTRACT).headers(PAGE)

    assert headers["Access-Control-Allow-Origin"] == PAGE
    exposed = set(headers["Access-Control-Expose-Headers"].split(", "))
    assert {
        "X-Correlation-Id",
        "ETag",
        "Location",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "Deprecation",
        "Sunset",
        "Link",
    } <= exposed


@pytest.mark.parametrize("origin", [None, "https://other.example", f"{PAGE}.evil.example", "null"])
def test_other_pages_may_not(origin: str | None) -> None:
    """Caches are preflight that it depends on the origin."""
    origins = Origins([PAGE], CONTRACT)

    assert origins.headers(origin) == {"Vary": "Origin"}
    assert origins.preflight(origin, "GET", ["GET"]) == {}


def test_a_server_without_origins_says_nothing_of_them() -> None:
    """As before."""
    assert Origins([], CONTRACT).headers(PAGE) == {}


def test_a_preflight_names_methods_and_headers() -> None:
    """Those of the path and of the contract, the header of a polling token too."""
    origins = Origins(["*"], CONTRACT)
    preflight = origins.preflight(PAGE, "POST", ["GET", "POST"])

    assert preflight["Access-Control-Allow-Methods"] == "GET, POST"
    assert {"Authorization", "Content-Type", "Idempotency-Key", "X-Poll-Token"} <= set(
        preflight["Access-Control-Allow-Headers"].split(", ")
    )
    assert origins.preflight(PAGE, None, ["GET"]) == {}


def test_both_values_of_vary_stay() -> None:
    """A cache must look at all of them."""
    assert joined({"Vary": "Authorization", "A": "1"}, {"Vary": "Origin"}) == {"Vary": "Authorization, Origin", "A": "1"}


def test_a_browser_is_answered_over_a_socket(dsn: str, launch: Any) -> None:
    """Before it sends anything, on a success and on an error; every response forbids guessing and framing."""
    running = launch("--dsn", dsn, "--contract", "reliability@1.0.0", "--origin", PAGE)
    path = "/v1/analytics/failures"
    asking = {"origin": PAGE, "access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    before = running.client.options(path, headers=asking)
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (204, PAGE)
    assert "GET" in before.headers["access-control-allow-methods"]

    for response in (
        running.get(path, {"tenantId": "tenant-a"}, origin=PAGE),
        running.get(path, origin=PAGE),
        running.get("/none", origin=PAGE),
    ):
        assert response.headers["access-control-allow-origin"] == PAGE
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
