"""What `x-cache` says of the time at which a response was generated, and which requests leave that time open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_values import at, duration, instant
from assay_conformance.evidence import Exchange


def generated(operation: Operation) -> Mapping[str, Any]:
    """The part of `x-cache` that says where the time stands; empty where there is none."""
    found: Mapping[str, Any] = operation.annotations.get("x-cache", {}).get("generated", {})
    return found


def longest_age(operation: Operation) -> int:
    """The microseconds by which a response may be older than its request."""
    return duration(generated(operation).get("within", "PT0S"))


def fixes_time(exchange: Exchange, operation: Operation, pointer: str) -> bool:
    """Whether a request fixes the time at a pointer: by a cursor that keeps it, by a parameter with that very time, or as a replay."""
    annotations, request = operation.annotations, exchange.request
    cursor: Mapping[str, Any] = annotations.get("x-pagination", {}).get("cursor", {})
    window: Mapping[str, Any] = annotations.get("x-window", {})
    sent = {name: value for name, value in request.query if name not in (window.get("from"), window.get("to"))}
    if pointer in cursor.get("keeps", ()) and cursor.get("parameter") in sent:
        return True
    key = annotations.get("x-idempotency", {}).get("header")
    if isinstance(key, str) and request.header(key) is not None:
        return True
    stated = instant(at(exchange.answer.json, pointer))
    return stated is not None and stated in {instant(value) for value in sent.values()}
