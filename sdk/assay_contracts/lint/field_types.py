"""Rules of types: what an annotation counts, compares or reads as a time is of a type that lets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.annotation_values import parameter_schema
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.pointed import Pointed, pointed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import keyword, kinds
from assay_contracts.lint.subject import OperationPlace, Subject

_NUMERIC = frozenset({"integer", "number"})
_SUMS = {
    "x-window": re.compile(r"/additive/|/series/additive/"),
    "x-filter": re.compile(r"/fields/[^/]+/(partitions|narrows)/"),
    "x-idempotency": re.compile(r"/items/(accepted|duplicate|rejected)$"),
}
_TIMES = {"x-window": re.compile(r"/echo/(from|to)$|/series/start$")}
# By annotation and member: the types that the member may have, and whether null may be one of them.
_PLAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "x-pagination": {"/offset/total": ("integer",), "/size/echo": ("integer",), "/more": ("boolean",)},
    "x-freshness": {"/stalenessMs": ("integer", "number"), "/partial/at": ("boolean",), "/source": ("string",)},
    "x-snapshot": {"/sequence": ("integer",), "/truncated": ("boolean",)},
    "x-stream": {"/sequence/at": ("integer",), "/resume/after": ("integer",), "/type": ("string",)},
    "x-progress": {"/progress": ("integer", "number"), "/state": ("string",), "/phase/at": ("string",), "/type": ("string",)},
    "x-job": {"/progress": ("integer", "number"), "/state": ("string",), "/phase/at": ("string",)},
}
_MOMENTS = {"x-cache": ("/generated/at",), "x-freshness": ("/snapshotAsOf", "/deltaAsOf"), "x-stream": ("/heartbeat/at", "/delta/updated")}


@rule("additive-field-not-numeric")
def additive_field_not_numeric(subject: Subject) -> Iterator[Problem]:
    """A property that is added up over windows, buckets or filter values is a number and never null."""
    for pointer in _matching(subject, _SUMS):
        yield from _unless(pointer, holds=kinds_of(pointer) <= _NUMERIC and pointer.schemas != (), wanted="a number that can be added")


@rule("derived-field-not-numeric")
def derived_field_not_numeric(subject: Subject) -> Iterator[Problem]:
    """A derived property and the properties that it is derived from are numbers."""
    for pointer in pointed(subject):
        if pointer.annotation == "x-derived" and "/with/" not in pointer.at:
            yield from _unless(pointer, holds=kinds_of(pointer) <= _NUMERIC, wanted="a number")


@rule("window-field-of-the-wrong-type")
def window_field_of_the_wrong_type(subject: Subject) -> Iterator[Problem]:
    """The bounds of a window have the declared type, in the request and in the response."""
    for place in _matching(subject, _TIMES):
        declared = place.value.get("type")
        yield from _unless(place, holds=all(_is_time(place.data, schema, declared) for schema in place.schemas), wanted=f"{declared}")
    for pointer, name, value, _, holder in placed(subject):
        if name != "x-window" or not is_mapping(value) or not isinstance(holder, OperationPlace):
            continue
        for member in ("from", "to"):
            schema = parameter_schema(subject, holder, value.get(member))
            if schema is not None and not _is_time(subject.data, schema, value.get("type")):
                yield Problem(f"{pointer}/{member}", f"the parameter {value.get(member)} is not of the window's type {value.get('type')}")


@rule("annotated-field-of-the-wrong-type")
def annotated_field_of_the_wrong_type(subject: Subject) -> Iterator[Problem]:
    """A property that an annotation uses as a number, a flag, a name or a time has that type."""
    for pointer in pointed(subject):
        wanted = _PLAIN.get(pointer.annotation, {}).get(pointer.at)
        if wanted is not None:
            yield from _unless(pointer, holds=kinds_of(pointer) <= set(wanted), wanted=" or ".join(wanted))
        if pointer.at in _MOMENTS.get(pointer.annotation, ()):
            is_time = all(
                _is_time(pointer.data, schema, "date-time") or _is_time(pointer.data, schema, "unix-seconds") for schema in pointer.schemas
            )
            yield from _unless(pointer, holds=is_time, wanted="a time")


@rule("next-cursor-without-an-end")
def next_cursor_without_an_end(subject: Subject) -> Iterator[Problem]:
    """The next cursor is a string, or null on the last page."""
    for pointer in pointed(subject):
        if pointer.annotation == "x-pagination" and pointer.at == "/cursor/next":
            yield from _unless(pointer, holds=kinds_of(pointer) == {"string", "null"}, wanted="a string or null")


@rule("order-key-of-the-wrong-type")
def order_key_of_the_wrong_type(subject: Subject) -> Iterator[Problem]:
    """The property that a list is ordered by has the type that the order compares."""
    for pointer in pointed(subject):
        if pointer.annotation != "x-order" or not pointer.at.endswith("/by"):
            continue
        order = pointers.follow(pointer.value, pointer.at.removesuffix("/by"))
        declared = order.get("type", "string") if is_mapping(order) else "string"
        yield from _unless(
            pointer, holds=all(_compares(pointer.data, schema, declared) for schema in pointer.schemas), wanted=f"a {declared}"
        )


@rule("filter-selects-by-another-value")
def filter_selects_by_another_value(subject: Subject) -> Iterator[Problem]:
    """The property that a filter selects by allows every value of the filter."""
    for pointer in pointed(subject):
        if pointer.annotation != "x-filter" or not pointer.at.endswith("/selects"):
            continue
        values = pointers.follow(pointer.value, pointer.at.removesuffix("/selects") + "/values")
        for schema in pointer.schemas:
            allowed = keyword(pointer.data, schema, "enum")
            for value in values if is_list(values) and is_list(allowed) else []:
                if value not in allowed:
                    yield Problem(pointer.where, f"an item's {pointer.wanted} is never {value}, which the filter accepts")


def kinds_of(pointer: Pointed) -> set[str]:
    """Every type that what is pointed at may have; `untyped` where a schema names none."""
    return {kind for schema in pointer.schemas for kind in kinds(pointer.data, schema) or ("untyped",)}


def _matching(subject: Subject, patterns: dict[str, re.Pattern[str]]) -> Iterator[Pointed]:
    for pointer in pointed(subject):
        pattern = patterns.get(pointer.annotation)
        if pattern is not None and pattern.match(pointer.at) and pointer.schemas:
            yield pointer


def _unless(pointer: Pointed, *, holds: bool, wanted: str) -> Iterator[Problem]:
    if pointer.schemas and not holds:
        found = ", ".join(sorted(kinds_of(pointer)))
        yield Problem(pointer.where, f"{pointer.annotation} takes {pointer.wanted} of the {pointer.holder} for {wanted}: it is {found}")


def _compares(data: dict[str, Any], schema: Any, declared: Any) -> bool:
    if declared == "number":
        return kinds(data, schema) <= _NUMERIC
    return not kinds(data, schema) ^ {"string"} if declared == "string" else _is_time(data, schema, declared)


def _is_time(data: dict[str, Any], schema: Any, declared: Any) -> bool:
    if declared == "unix-seconds":
        return not kinds(data, schema) ^ {"integer"}
    if declared == "date-time":
        return not kinds(data, schema) ^ {"string"} and keyword(data, schema, "format") == "date-time"
    return True
