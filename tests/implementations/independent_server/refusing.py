"""The errors of the contract as this server writes them."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

# What the contract's taxonomy says of each code: status, category, whether a retry makes sense, seconds to wait.
CODES: dict[str, tuple[int, str, bool, int]] = {
    "INVALID_PARAMETER": (400, "validation", False, 0),
    "INVALID_WINDOW": (400, "validation", False, 0),
    "INVALID_FILTER": (400, "validation", False, 0),
    "INVALID_SORT": (400, "validation", False, 0),
    "INVALID_PAGE_SIZE": (400, "validation", False, 0),
    "INVALID_CURSOR": (400, "validation", False, 0),
    "NOT_FOUND": (404, "validation", False, 0),
    "METHOD_NOT_ALLOWED": (405, "validation", False, 0),
    "UNAUTHENTICATED": (401, "authz", False, 0),
    "FORBIDDEN_TENANT": (403, "authz", False, 0),
    "FORBIDDEN_SCOPE": (403, "authz", False, 0),
    "SCHEMA_MISMATCH": (406, "contract", False, 0),
    "RATE_LIMITED": (429, "transient", True, 17),
    "STORE_BUSY": (503, "transient", True, 1),
    "UPSTREAM_TIMEOUT": (503, "transient", True, 3600),
    "SERVICE_UNAVAILABLE": (503, "availability", True, 90),
    "UNHANDLED": (500, "unknown", True, 0),
}
FAULTS = {
    "store-busy": "STORE_BUSY",
    "store-down": "SERVICE_UNAVAILABLE",
    "upstream-timeout": "UPSTREAM_TIMEOUT",
    "rate-limit": "RATE_LIMITED",
    "route-fails": "UNHANDLED",
}


class Refused(Exception):
    """The request is answered with an error: its code, a sentence, and the parameter or the tenant that it is about."""

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def status(self) -> int:
        """The status of the answer."""
        return CODES[self.code][0]

    def described(self, correlation: str) -> dict[str, Any]:
        """The body of the answer."""
        status, category, retryable, _ = CODES[self.code]
        return {
            "error": {
                "code": self.code,
                "category": category,
                "message": f"{self.message} … désolé",
                "retryable": retryable,
                "httpStatus": status,
                "correlationId": correlation,
                "details": {**self.details, "more": [1, None]},
                "help": "ask the operator",
                "at": dt.datetime.now(dt.UTC).isoformat(),
            },
            "trace": secrets.token_hex(8),
        }

    def headers(self) -> list[tuple[str, str]]:
        """The headers that the code asks for."""
        wait = CODES[self.code][3]
        found = [("cache-CONTROL", "max-age=0, no-store, must-revalidate")]
        if wait:
            found.append(("RETRY-after", str(wait)))
        if self.code == "RATE_LIMITED":
            found += [("ratelimit", f'"burst";r=0;t={wait}'), ("RateLimit-POLICY", '"burst";q=3;w=1;qu="requests"')]
        if self.code == "UNAUTHENTICATED":
            found.append(("www-authenticate", 'Bearer realm="second", error="invalid_token"'))
        if self.code == "METHOD_NOT_ALLOWED":
            found.append(("allow", "GET"))
        return found
