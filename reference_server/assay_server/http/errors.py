"""Refusals: what the server answers instead of a result, as the contract's taxonomy has it.

Refusal is the only exception that a route raises on purpose. It names a code; status, category and the retryable
flag are the taxonomy's, never the caller's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from assay_contracts import ErrorCode, Taxonomy

from assay_server.postgres.store_errors import StoreBusy, StoreError, StoreTimeout


@dataclasses.dataclass(slots=True, eq=False)
class Refusal(Exception):
    """One code of the taxonomy with one sentence for a person, and what else is known."""

    code: str
    message: str
    field: str | None = None
    component: str | None = None
    tenant: str | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    within: str | None = None
    """Where the field stands: `path`, `query`, `header` or `body`."""


def refusal_headers(refusal: Refusal, known: ErrorCode) -> dict[str, str]:
    """The headers of an error: never stored, and whatever the taxonomy asks of the code."""
    headers = {"Cache-Control": "no-store", **refusal.headers}
    for name in known.headers:
        if name not in headers:
            headers[name] = _DEFAULTS[name]
    return headers


_DEFAULTS = {"Retry-After": "2", "WWW-Authenticate": "Bearer", "Allow": "GET, HEAD, OPTIONS"}
"""What a header says when whoever refused knew nothing better."""


def store_refusal(error: StoreError) -> Refusal:
    """What a trouble of the store is called outside; its own words stay in the log."""
    match error:
        case StoreBusy():
            return Refusal("STORE_BUSY", "the store is busy; come back in 1 s", component="store", headers={"Retry-After": "1"})
        case StoreTimeout():
            return Refusal(
                "UPSTREAM_TIMEOUT",
                "the store took too long; come back in 2 s or ask for less",
                component="store",
                headers={"Retry-After": "2"},
            )
        case StoreError():
            return Refusal(
                "SERVICE_UNAVAILABLE", "the store cannot be reached; come back in 5 s", component="store", headers={"Retry-After": "5"}
            )


def unhandled() -> Refusal:
    """The answer to a failure that nobody foresaw."""
    return Refusal("UNHANDLED", "the request failed; quote the correlation id")


def check_known(taxonomy: Taxonomy) -> None:
    """Raise ValueError when the contract lacks a code that this server answers with."""
    missing = sorted(ANSWERED - taxonomy.codes.keys())
    if missing:
        raise ValueError(f"expected the contract to declare {', '.join(missing)}, its taxonomy does not; serve another contract")


ANSWERED = {
    "INVALID_PARAMETER", "NOT_FOUND", "METHOD_NOT_ALLOWED", "PAYLOAD_TOO_LARGE", "UNAUTHENTICATED", "FORBIDDEN_SCOPE",
    "RATE_LIMITED", "STORE_BUSY", "UPSTREAM_TIMEOUT", "SERVICE_UNAVAILABLE", "UNHANDLED",
}  # fmt: skip
"""Codes that are named in this package; every other one is read from an annotation."""
