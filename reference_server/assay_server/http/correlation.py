"""Who asks what: the correlation identifier of an exchange, and the trace it belongs to (W3C Trace Context)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Correlator:
    """Accepts the identifiers that the contract calls valid and makes new ones."""

    header: str
    pattern: re.Pattern[str]
    traceparent: bool = False
    """Whether the trace of a valid `traceparent` identifies an exchange whose client gave no identifier."""

    def identify(self, given: str | None, traceparent: str | None = None) -> str:
        """The client's identifier when it is valid, its trace when the contract says so, a new one otherwise."""
        # `$` in a contract's pattern is the very end; Python's would let a newline stand behind it.
        if given is not None and "\n" not in given and self.pattern.search(given):
            return given
        trace = trace_id(traceparent) if self.traceparent and given is None else None
        if trace is not None and self.pattern.search(trace):
            return trace
        return f"req-{secrets.token_hex(12)}"


def trace_id(traceparent: str | None) -> str | None:
    """The trace that a `traceparent` names; None when there is none or it is broken."""
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if match is None:
        return None
    version, trace, parent, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or not trace.strip("0") or not parent.strip("0"):
        return None
    return trace
