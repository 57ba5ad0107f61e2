"""Which class a number of an answer is of: what the annotations say first, then its unit, its name, its words, its bounds and its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Operation
from assay_contracts.json_types import is_list, is_mapping

from assay_drift.members import Members
from assay_drift.two_servers.alignment import annotation_part
from assay_drift.two_servers.thresholds import Thresholds

_COUNTS = frozenset({"count", "counts", "total", "totals", "number", "size", "seq", "sequence"})
_RATES = frozenset({"rate", "ratio", "share", "percent", "percentage", "pct", "fraction", "proportion"})
_LATENCIES = frozenset(
    {"latency", "duration", "elapsed", "percentile", "quantile", "median", "ms", "millis", "milliseconds", "micros", "nanos", "seconds"}
)
_QUANTILE = re.compile(r"p\d{2,3}")
_UNITS = {
    **dict.fromkeys(("ms", "s", "us", "µs", "ns", "min", "h", "seconds", "milliseconds", "second", "millisecond"), "latency"),
    **dict.fromkeys(("%", "percent", "ratio", "1", "share"), "rate"),
    **dict.fromkeys(("count", "events", "items", "{count}"), "count"),
}
_LATENCY_WORDS = re.compile(r"\b(percentile|quantile|milliseconds|latency|duration)\b", re.I)
_RATE_WORDS = re.compile(r"\b(ratio|share|percent|percentage|proportion)\b", re.I)


class NumberKinds:
    """The class of each number of one operation's success answers."""

    def __init__(self, operation: Operation, thresholds: Thresholds) -> None:
        self._operation, self._thresholds = operation, thresholds
        self._annotated = dict(_annotated(operation))
        self._members = [
            Members(schema)
            for status, response in operation.responses.items()
            if status.startswith("2") or status == "default"
            for media, schema in response.content.items()
            if media.split(";")[0].endswith("json")
        ]
        self._known: dict[str, str] = {}

    def of(self, pointer: str, value: float) -> str:
        """The class of the number at a pointer, in which `*` stands for items and keys."""
        if pointer not in self._known:
            self._known[pointer] = (
                self._thresholds.given_class(self._operation.id, pointer) or self._annotated.get(pointer) or self._described(pointer)
            )
        found = self._known[pointer]
        return ("count" if isinstance(value, int) else "amount") if found == "unknown" else found

    def _described(self, pointer: str) -> str:
        schemas = [schema for members in self._members for schema in members.schemas.get(pointer, ())]
        unit = next((str(schema[key]).lower() for schema in schemas for key in ("x-unit", "x-units", "unit") if key in schema), None)
        if unit is not None:
            return _UNITS.get(unit, "amount")
        return by_name(pointer) or _by_schema(schemas)


def by_name(pointer: str) -> str | None:
    """What the name of a member says; the names around it count when its own says nothing."""
    names = [part for part in pointer.split("/") if part and part != "*"]
    for name in reversed(names[-2:]):
        words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+", name)]
        if not words:
            continue
        if words[-1] in _COUNTS:
            return "count"
        if any(word in _LATENCIES or _QUANTILE.fullmatch(word) for word in words):
            return "latency"
        if any(word in _RATES for word in words):
            return "rate"
    return None


def _by_schema(schemas: list[Mapping[str, Any]]) -> str:
    types: set[str] = set()
    for schema in schemas:
        kind = schema.get("type")
        types |= {str(word) for word in kind} if is_list(kind) else {kind} if isinstance(kind, str) else set()
    if "number" in types:
        description = " ".join(str(schema.get("description", "")) for schema in schemas)
        if _LATENCY_WORDS.search(description):
            return "latency"
        if _RATE_WORDS.search(description) or any(schema.get("minimum") == 0 and schema.get("maximum") == 1 for schema in schemas):
            return "rate"
        return "amount"
    return "count" if "integer" in types else "unknown"


def _annotated(operation: Operation) -> Iterator[tuple[str, str]]:
    """What annotations say of numbers; of two the later one counts."""
    window, series = annotation_part(operation, "x-window"), annotation_part(operation, "x-window", "series")
    yield from ((str(pointer), "count") for pointer in window.get("additive", ()))
    for own in annotation_part(operation, "x-window", "series", "additive").values():
        yield f"{series.get('at', '')}/*{own}", "count"
    for name in annotation_part(operation, "x-filter", "fields"):
        spec = annotation_part(operation, "x-filter", "fields", name)
        for pointers in (spec.get("partitions"), spec.get("narrows")):
            yield from ((str(pointer), "count") for pointer in (pointers if is_list(pointers) else ()))
    total = annotation_part(operation, "x-pagination", "offset").get("total")
    if isinstance(total, str):
        yield total, "count"
    derived: Any = operation.annotations.get("x-derived")
    for entry in derived if is_list(derived) else ():
        if is_mapping(entry) and "ratio" in entry:
            yield str(entry["value"]), "rate"
