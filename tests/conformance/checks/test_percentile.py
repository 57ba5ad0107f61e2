"""The check of percentiles, on answers written by hand."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, Request, SentValues
from assay_contracts import Contract, parse_bundle

from .by_hand import OPENAPI, VISITS, exchange, library_with, verdict

ZERO = library_with(VISITS, x_percentile=[{"at": "/p95", "rank": 95, "definition": "nearest-rank", "count": "/count", "whenEmpty": 0}])
GATES = library_with(VISITS, x_percentile=[{"at": "/gates/*/p95", "rank": 95, "definition": "nearest-rank", "count": "/gates/*/count"}])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"count": 0, "p95": 0}, "PASS"),
        ({"count": 0, "p95": 7}, "FAIL"),
        ({"count": 0}, "FAIL"),
        ({"count": 3, "p95": 7}, "INCONCLUSIVE"),
    ],
)
def test_without_values_a_percentile_is_what_is_stated(body: dict[str, Any], expected: str) -> None:
    """One with values shows nothing of it."""
    assert verdict("PCT-002", VISITS, exchange(VISITS, body=body), contract=ZERO) == expected


@pytest.mark.parametrize(
    ("empty", "expected"), [({"count": 0}, "PASS"), ({"count": 0, "p95": None}, "PASS"), ({"count": 0, "p95": 1}, "FAIL")]
)
def test_without_a_stated_value_it_is_absent(empty: dict[str, Any], expected: str) -> None:
    """Each item of a list by its own count."""
    body = {"gates": [{"count": 2, "p95": 5}, empty]}

    assert verdict("PCT-002", VISITS, exchange(VISITS, body=body), contract=GATES) == expected


VALUES = [{"operation": "logVisit", "at": "/meta/v", "by": {"name": "/meta/name"}}, {"operation": "logVisit", "at": "/meta/{name}"}]
RULE = {"at": "/gates/*/p95", "rank": 95, "definition": "nearest-rank", "count": "/gates/*/count"}


def receiving(**rule: Any) -> Contract:
    """The library, which states a percentile of the values that another operation receives."""
    document = copy.deepcopy(OPENAPI)
    document["paths"]["/visits"]["get"]["x-percentile"] = [{**RULE, "values": VALUES, **rule}]
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    document["paths"]["/visits"]["post"] = {
        "operationId": "logVisit",
        "requestBody": body,
        "responses": {"200": {"description": "Logged."}},
    }
    return parse_bundle(document)


SENT, LOOSE = receiving(), receiving(relativeError=0.1)


def logged(number: int, meta: dict[str, Any], status: int = 200) -> Exchange:
    """A request that carries a value."""
    request = Request("POST", "/visits", body=orjson.dumps({"meta": meta}).decode())
    return dataclasses.replace(exchange(VISITS, status, {}), id=f"sent-{number}", subject="logVisit", request=request)


def gates(count: int, p95: float | None, other: float = 7) -> Exchange:
    """What is stated of `wait`, and of a gate for which nothing was sent."""
    wait = {"name": "wait", "count": count} | ({} if p95 is None else {"p95": p95})
    return exchange(VISITS, body={"gates": [{"name": "load", "count": 1, "p95": other}, wait]})


def sent_values(before: Exchange, after: Exchange, *values: int) -> SentValues:
    """So many values of `wait`, the odd ones by its name, between two responses."""
    sent = [logged(place, {"wait": value} if place % 2 else {"name": "wait", "v": value}) for place, value in enumerate(values)]
    return SentValues(id="run", subject=VISITS, purpose="by hand", rule=0, before=before, accepted=tuple(sent), after=after)


HUNDRED = tuple(range(1, 101))


@pytest.mark.parametrize(
    ("before", "after", "values", "expected"),
    [
        (gates(0, None), gates(100, 95), HUNDRED, "PASS"),
        (gates(0, None), gates(100, 96), HUNDRED, "FAIL"),
        (gates(0, None), gates(100, 100), HUNDRED, "FAIL"),
        (gates(0, None), gates(100, None), HUNDRED, "FAIL"),
        (gates(20, 0.5), gates(120, 95), HUNDRED, "PASS"),
        (gates(20, 0.5), gates(120, 94), HUNDRED, "PASS"),
        (gates(20, 0.5), gates(120, 93), HUNDRED, "FAIL"),
        (gates(20, 0.5), gates(120, 100), HUNDRED, "FAIL"),
        (gates(20, 0.5), gates(119, 94), HUNDRED, "INCONCLUSIVE"),
        (gates(20, 0.5), gates(20, 0.5), (), "INCONCLUSIVE"),
        (gates(20, 0.5), gates(21, 0.5), (1,), "INCONCLUSIVE"),
    ],
)
def test_a_percentile_lies_where_the_known_values_put_it(before: Exchange, after: Exchange, values: tuple[int, ...], expected: str) -> None:
    """Of the values before only their number and percentile are known; each source has to be used."""
    assert verdict("PCT-001", VISITS, sent_values(before, after, *values), contract=SENT) == expected


@pytest.mark.parametrize(("stated", "expected"), [(104.4, "PASS"), (104.6, "FAIL"), (85.6, "PASS"), (85.4, "FAIL")])
def test_a_stated_error_is_allowed(stated: float, expected: str) -> None:
    """95 give or take a tenth."""
    assert verdict("PCT-001", VISITS, sent_values(gates(0, None), gates(100, stated), *HUNDRED), contract=LOOSE) == expected
