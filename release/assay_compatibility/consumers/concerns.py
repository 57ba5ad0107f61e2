"""Which findings concern a consumer: those about something that it sends or reads."""

from __future__ import annotations

from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list

from assay_compatibility.classes import Direction, Severity
from assay_compatibility.consumers.usage import Side, Usage, scalar_text
from assay_compatibility.findings import Finding
from assay_compatibility.places import ApiDocument
from assay_compatibility.unknown_members import METHODS

_NAMED = frozenset(
    {
        "properties", "patternProperties", "parameters", "responses", "headers", "content", "schemas", "paths", "anyOf", "oneOf",
        "prefixItems", "messages", "channels", "operations", "requestBodies",
    }
)  # fmt: skip
"""Keywords whose children are met one by one."""
_ALONE = frozenset({"items", "additionalProperties", "requestBody", "schema", "payload"})
_REQUIRED_NOW = frozenset(
    {
        "member-became-required", "member-with-default-became-required", "required-member-added", "required-member-with-default-added",
        "parameter-became-required", "required-parameter-added", "body-became-required", "required-body-added",
    }
)  # fmt: skip
"""Rules about what must be sent from now on: they concern who has left it out."""


def uses_of(finding: Finding, old: ApiDocument, usage: Usage) -> int:
    """How often a consumer meets what a finding is about; 0 when the finding does not concern it.

    Something that was only added, and that asks nothing of anybody, concerns nobody who was there before.
    """
    direction = Direction(finding.direction)
    if finding.reaches == ("document",):
        return sum(usage.operations.values()) if finding.level.rank >= Severity.UNDECIDED.rank else 0
    calls = sum(usage.calls(reach) for reach in finding.reaches)
    if not calls:
        return 0
    pointer = finding.places[0] if finding.places else finding.pointer
    if finding.axis == "source":
        return calls
    if finding.rule in _REQUIRED_NOW:
        return _times_left_out(pointer, direction, old, usage, calls)
    if not old.at(pointer)[1] and finding.before is None and finding.level.rank < Severity.UNDECIDED.rank:
        return 0
    place = _unit(pointer, old)
    times = calls if place is None else usage.times(place, direction) or _callbacks(finding, usage)
    if (
        times
        and not _callbacks(finding, usage)
        and finding.rule.startswith("enum-value")
        and is_list(finding.before)
        and is_list(finding.after)
    ):
        removed = [value for value in finding.before if value not in finding.after]
        added = [value for value in finding.after if value not in finding.before]
        if removed and not added:
            return times if any(_has_met(side, pointer, value) for side in usage.sides(direction) for value in removed) else 0
    return min(times, calls) if place is not None and _is_operation(place) else times


def _callbacks(finding: Finding, usage: Usage) -> int:
    """How often an operation was called whose callbacks a finding reaches: what they carry is in no recording."""
    return sum(usage.calls(reach) for reach in finding.reaches if " callback " in reach)


def _times_left_out(pointer: str, direction: Direction, old: ApiDocument, usage: Usage, calls: int) -> int:
    """How often what is required now was not sent; code, or a value that was not recorded, may leave it out once."""
    holder, word, _ = _split(pointer)
    around = usage.times(holder, direction) if word == "properties" else calls
    missing = around - usage.times(pointer, direction)
    if around and (usage.whole or any(holder in side.unread for side in usage.sides(direction))):
        return max(missing, 1)
    return max(missing, 0)


def _split(pointer: str) -> tuple[str, str, str]:
    """What holds the map that a place is in, the keyword of that map, and the key."""
    above, _, key = pointer.rpartition("/")
    holder, _, word = above.rpartition("/")
    return holder, word, key


def _unit(pointer: str, old: ApiDocument) -> str | None:
    """The nearest place at or above a pointer that is met as one: a property, a parameter, a response, an operation."""
    while pointer:
        _, word, key = _split(pointer)
        met = word in _NAMED or key in _ALONE or (key in METHODS and word != "properties" and pointer.startswith("/paths/"))
        if met and old.at(pointer)[1]:
            return pointer
        if "/" not in pointer:
            return None
        pointer = pointer.rpartition("/")[0]
    return None


def _is_operation(pointer: str) -> bool:
    return pointer.startswith("/paths/") and len(pointers.split(pointer)) in (2, 3)


def _has_met(side: Side, pointer: str, value: Any) -> bool:
    schema = pointer.removesuffix("/enum").removesuffix("/const")
    text = scalar_text(value)
    return text is None or side.has_met(schema, text)
