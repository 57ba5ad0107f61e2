"""Cross-origin requests: which pages may ask, what they may send, and which headers of a response they may read (the Fetch standard)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay_contracts import Contract

from assay_server.http.contract_view import key_headers

_SECONDS = "600"
ANY = "*"


class Origins:
    """The headers that a browser asks for, for the pages of the origins that are allowed; none without such origins."""

    __slots__ = ("_allowed", "_exposed", "_sent")

    def __init__(self, allowed: Iterable[str], contract: Contract) -> None:
        self._allowed = frozenset(allowed)
        operations = contract.operations
        declared = {name.lower(): name for item in operations for answer in item.responses.values() for name in answer.headers}
        self._exposed = ", ".join(sorted({**declared, "etag": "ETag", "location": "Location", "retry-after": "Retry-After"}.values()))
        taken = {parameter.name for item in operations for parameter in item.parameters if parameter.location == "header"}
        self._sent = ", ".join(sorted({"Authorization", "Content-Type", "traceparent", *taken, *key_headers(contract).values()}))

    def headers(self, origin: str | None) -> dict[str, str]:
        """What a response says to the page of an origin."""
        if not self._allowed:
            return {}
        if origin is None or not (ANY in self._allowed or origin in self._allowed):
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": self._exposed,
            "Timing-Allow-Origin": origin,
            "Vary": "Origin",
        }

    def preflight(self, origin: str | None, method: str | None, allowed: Iterable[str]) -> dict[str, str]:
        """What a browser is told before it sends a request; nothing for an `OPTIONS` that is none of a browser's."""
        if method is None or "Access-Control-Allow-Origin" not in self.headers(origin):
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(allowed),
            "Access-Control-Allow-Headers": self._sent,
            "Access-Control-Max-Age": _SECONDS,
        }


def joined(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The headers with more of them; both values of `Vary` stay."""
    vary = ", ".join(part["Vary"] for part in (headers, more) if part.get("Vary"))
    return {**headers, **more, **({"Vary": vary} if vary else {})}
