"""What a request and `x-window` say of a window: its edges and its length, and what the contract says by length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay_conformance.body_values import duration, instant
from assay_conformance.evidence import Exchange


def requested_window(exchange: Exchange, window: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The start and the end that were requested, in microseconds since 1970."""
    return instant(exchange.request.parameter(window["from"])), instant(exchange.request.parameter(window["to"]))


def rolling_window(exchange: Exchange, window: Mapping[str, Any]) -> str | None:
    """The name of the rolling window that answers a request: the one requested, else the default where no edge was given."""
    rolling: Mapping[str, Any] | None = window.get("rolling")
    if rolling is None or any(exchange.request.parameter(window[end]) is not None for end in ("from", "to")):
        return None
    named: str | None = exchange.request.parameter(rolling["parameter"]) or rolling.get("default")
    return named if named in rolling["spans"] else None


def window_length(exchange: Exchange, window: Mapping[str, Any]) -> int | None:
    """The length of the requested window in microseconds; None where the request does not say it."""
    start, end = requested_window(exchange, window)
    if start is not None and end is not None:
        return end - start if end > start else None
    name = rolling_window(exchange, window)
    span = None if name is None else window["rolling"]["spans"][name]
    return None if span is None else duration(span)


def for_length(entries: Sequence[Mapping[str, Any]], length: int) -> Mapping[str, Any] | None:
    """The first entry for windows of this length; the last one has no `upTo`."""
    return next((entry for entry in entries if "upTo" not in entry or length <= duration(entry["upTo"])), None)
