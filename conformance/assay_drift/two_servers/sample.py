"""The sample: which operation is asked of which tenant, over which window, with which filters. The same seed gives the same questions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay_conformance.body_values import duration
from assay_conformance.corpus.schemas import options_of
from assay_conformance.driver_context import DriverContext, query_pairs
from assay_conformance.request_plans import SECOND, allowed_query, narrowed, span
from assay_conformance.schema_kinds import kinds_of
from assay_contracts import Operation, Parameter

from assay_drift.two_servers.alignment import annotation_part

_LENGTHS = (3600, 6 * 3600, 24 * 3600)
_GRAINS = (3600, 60, 1)
_TENANTS = {"primary": 6, "other": 3, "empty": 1}
"""How often each tenant is asked; an empty one has little to tell."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, short of the server that it goes to. `tenant` is a role of the target."""

    operation: Operation
    tenant: str
    query: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The question as a report shows it."""
        parameters = [f"{name}={value}" for name, value in query_pairs(self.query)]
        return " ".join([self.operation.id, *([self.tenant] if "x-tenancy" in self.operation.annotations else []), *parameters])


def sample(
    driven: DriverContext, operations: Sequence[Operation], roles: Sequence[str], window: tuple[int, int], count: int, seed: str
) -> tuple[Question, ...]:
    """So many questions, all operations in turn, the plainest of each first; none twice, so that a small API may have fewer."""
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    found: dict[str, Question] = {}
    for attempt in range(count * 4 if operations else 0):
        if len(found) >= count:
            break
        operation = operations[attempt % len(operations)]
        plain = attempt < len(operations)
        question = _question(driven, operation, roles, window, dice, plain=plain)
        found.setdefault(question.label, question)
    return tuple(found.values())


def _question(
    driven: DriverContext, operation: Operation, roles: Sequence[str], window: tuple[int, int], dice: random.Random, *, plain: bool
) -> Question:
    query = allowed_query(driven, operation)
    if "x-window" in operation.annotations:
        query |= span(operation, *(window if plain else _part(operation, window, dice)))
    if plain:
        return Question(operation, roles[0], query)
    role = dice.choices(list(roles), [_TENANTS.get(role, 1) for role in roles])[0]
    query |= narrowed(operation, dict(_chosen(operation, dice)))
    query |= dict(_ordered(operation, dice))
    query |= dict(_others(operation, query, dice))
    return Question(operation, role, query)


def _part(operation: Operation, window: tuple[int, int], dice: random.Random) -> tuple[int, int]:
    """A part of the window: some hours or all of it, beginning at a whole hour, minute or second."""
    start, end = window
    whole = min(end - start, _longest(operation) or end - start)
    length = min(whole, dice.choice((*_LENGTHS, whole // SECOND)) * SECOND)
    grain = dice.choice(_GRAINS) * SECOND
    begin = start + dice.randint(0, max(0, (end - length - start) // grain)) * grain
    return begin, min(end, begin + length)


def _longest(operation: Operation) -> int | None:
    """The longest window in microseconds; None where there is no bound, or one in months or years."""
    try:
        return duration(str(annotation_part(operation, "x-window")["longest"]))
    except (KeyError, ValueError):
        return None


def _chosen(operation: Operation, dice: random.Random) -> Iterator[tuple[str, str]]:
    for name in annotation_part(operation, "x-filter", "fields"):
        values: list[str] = annotation_part(operation, "x-filter", "fields", name).get("values", [])
        if values and dice.random() < 0.5:
            yield name, dice.choice(values)


def _ordered(operation: Operation, dice: random.Random) -> Iterator[tuple[str, Any]]:
    order, pages = operation.annotations.get("x-order"), operation.annotations.get("x-pagination")
    if order and "parameter" in order and dice.random() < 0.7:
        yield order["parameter"], dice.choice(sorted(order["orders"]))
    if pages:
        size = pages["size"]
        yield size["parameter"], dice.choice((size["default"], size["maximum"], max(size["minimum"], min(size["maximum"], 25))))


def _others(operation: Operation, query: Mapping[str, Any], dice: random.Random) -> Iterator[tuple[str, Any]]:
    """Optional parameters whose few values the contract lists."""
    taken = {*query, *(annotation_part(operation, name).get("parameter") for name in operation.annotations)}
    for parameter in operation.parameters:
        values = _values(parameter)
        if parameter.location == "query" and not parameter.required and parameter.name not in taken and values and dice.random() < 0.5:
            yield parameter.name, dice.choice(values)


def _values(parameter: Parameter) -> list[Any]:
    listed = [value for value in options_of(parameter.schema) if value is not None]
    return listed or (["true", "false"] if "boolean" in kinds_of(parameter.schema) else [])
