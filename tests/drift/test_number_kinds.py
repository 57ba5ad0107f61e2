"""Which class a number is of, and when two numbers are too far apart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from assay_contracts import load_contract
from assay_drift.two_servers.alignment import Alignment, alignment_of
from assay_drift.two_servers.number_kinds import NumberKinds, by_name
from assay_drift.two_servers.pairing import pairs
from assay_drift.two_servers.thresholds import Threshold, Thresholds

from .scripted import shop_contract


@pytest.mark.parametrize(
    ("pointer", "kind"),
    [
        ("/metrics/starts", "count"),
        ("/series/*/metrics/submissions", "count"),
        ("/metrics/conversionRate", "rate"),
        ("/metrics/retryRate", "rate"),
        ("/series/*/metrics/p95SubmitLatencyMs", "latency"),
    ],
)
def test_the_numbers_of_the_reliability_console_have_their_classes(pointer: str, kind: str) -> None:
    """By annotation where there is one, by name where there is none."""
    operation = load_contract("reliability@1.0.0").operation("getFunnelMetrics")

    assert NumberKinds(operation, Thresholds()).of(pointer, 1.0) == kind


@pytest.mark.parametrize(("pointer", "kind"), [("/total", "count"), ("/products/*/price", "amount")])
def test_the_numbers_of_a_shop_have_their_classes(pointer: str, kind: str) -> None:
    """Nothing rests on one contract's words."""
    assert NumberKinds(shop_contract().operation("listProducts"), Thresholds()).of(pointer, 1.0) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("/p99", "latency"),
        ("/latency/p50", "latency"),
        ("/durationSeconds", "latency"),
        ("/error_rate", "rate"),
        ("/cacheHitRatio", "rate"),
        ("/rateLimitedCount", "count"),
        ("/price", None),
        ("/separate", None),
        ("/p95/value", "latency"),
    ],
)
def test_a_name_says_what_a_number_is(name: str, kind: str | None) -> None:
    """Whole words of it, and of the one around it."""
    assert by_name(name) == kind


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "number", "x-unit": "ms"}, "latency"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "rate"),
        ({"type": "number", "description": "The 95th percentile of waiting."}, "latency"),
        ({"type": "integer"}, "count"),
        ({"type": ["integer", "null"]}, "count"),
        ({"type": "number"}, "amount"),
        ({}, "count"),
    ],
)
def test_a_schema_says_what_a_number_is(schema: dict[str, Any], kind: str) -> None:
    """Its unit, its words, its bounds and its type; of what it says nothing the value does."""
    operation = shop_contract().operation("listProducts")
    answer = dataclasses.replace(operation.responses["200"], content={"application/json": {"properties": {"thing": schema}}})
    operation = dataclasses.replace(operation, responses={"200": answer}, annotations={})

    assert NumberKinds(operation, Thresholds()).of("/thing", 3) == kind


@pytest.mark.parametrize(
    ("threshold", "reference", "value", "exceeded"),
    [
        (Threshold(0), 3, 3, False),
        (Threshold(0), 3, 4, True),
        (Threshold(0.5), 3, 3.5, False),
        (Threshold(0.001), 0.25, 0.251, False),
        (Threshold(1e-9, relative=True), 0.0, 1e-17, False),
        (Threshold(0.05, relative=True), 100, 105, False),
        (Threshold(0.05, relative=True), 100, 94, True),
        (Threshold(0.05, relative=True), 0, 1, True),
        (Threshold(0.05, relative=True), 0, 0, False),
    ],
)
def test_a_threshold_is_absolute_or_relative(threshold: Threshold, reference: float, value: float, exceeded: bool) -> None:
    """At the limit is still within it."""
    assert threshold.exceeded(reference, value) is exceeded


PLAIN = Alignment({}, frozenset())


def found(first: Any, second: Any, again: Any, alignment: Alignment = PLAIN) -> list[tuple[str, str]]:
    """The pointers and kinds of what differs and does not move."""
    result: list[tuple[str, str]] = []
    for pair in pairs(alignment, first, second, again):
        numeric = pair.value is not None
        if not pair.moving and (pair.value != pair.reference if numeric else not pair.same):
            result.append((pair.pointer, pair.kind))
    return result


@pytest.mark.parametrize(
    ("first", "second", "again", "expected"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, {"a": 1}, [("/a", "number")]),
        ({"a": 1}, {"a": 2}, {"a": 3}, []),
        ({"a": 1}, {}, {"a": 1}, [("/a", "missing member")]),
        ({}, {"a": 1}, {}, [("/a", "extra member")]),
        ({"a": 1}, {}, {}, []),
        ({"a": "x"}, {"a": "y"}, {"a": "x"}, [("/a", "text")]),
        ({"a": "x"}, {"a": "z"}, {"a": "y"}, []),
        ({"a": 1}, {"a": "1"}, {"a": 1}, [("/a", "type")]),
        ({"a": True}, {"a": 1}, {"a": True}, [("/a", "type")]),
        ({"at": "2026-11-01T00:00:00Z"}, {"at": "2026-11-01T01:00:00+01:00"}, {"at": "2026-11-01T00:00:00.000Z"}, []),
        ([{"id": 1, "n": 1}, {"id": 2, "n": 2}], [{"id": 2, "n": 2}, {"id": 1, "n": 1}], [{"id": 1, "n": 1}, {"id": 2, "n": 2}], []),
        ([{"id": 1}, {"id": 2}], [{"id": 1}], [{"id": 1}, {"id": 2}], [("/*", "missing item")]),
        ([1, 2], [1, 2, 3], [1, 2], [("/length", "number")]),
    ],
)
def test_three_answers_side_by_side(first: Any, second: Any, again: Any, expected: list[tuple[str, str]]) -> None:
    """What the first server says twice holds; what it says once moves."""
    assert found(first, second, again) == expected


def test_behind_the_end_of_a_list_that_was_cut_nothing_is_missing() -> None:
    """It may stand on a page that nobody asked for; before the end it is missing all the same."""
    items = [{"id": number} for number in range(6)]
    cut = Alignment({"": ("id",)}, frozenset(), frozenset({""}))

    assert found(items, items[:4], items, cut) == []
    assert found(items, [items[0], *items[2:]], items, cut) == [("/*", "missing item")]
    assert found(items, [{"id": 77}], items, cut) != []


def test_an_alignment_comes_from_the_annotations() -> None:
    """Cursors and volatile members are not compared, lists are matched by identity, series by their start."""
    contract = load_contract("reliability@1.0.0")
    failures = alignment_of(contract.operation("listFailures"), same_tenants=False, given={})
    funnel = alignment_of(contract.operation("getFunnelMetrics"), same_tenants=True, given={"/series": ("x",)})

    assert failures.identities == {"/items": ("eventId",)}
    assert failures.ignored == {"/page/cursor", "/items/*/tenantId"}
    assert funnel.identities == {"/series": ("x",)}
    assert funnel.ignored == {"/meta/generatedAt"}
