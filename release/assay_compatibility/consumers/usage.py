"""How often a consumer met each place of a document, and which values it met there."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction

_MOST_VALUES = 1_000
"""More different values than this in one place are not kept: then every value counts as met there."""


@dataclass(slots=True)
class Side:
    """What went one way. `times` counts each pointer of the document; `values` holds the scalars met there, as JSON.

    `unread` holds the places of schemas that were met at least once by a value that was not recorded.
    """

    times: Counter[str] = field(default_factory=Counter[str])
    values: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    unread: set[str] = field(default_factory=set[str])

    def meet(self, pointer: str, value: str | None = None) -> None:
        """One more meeting with a place, where it is a scalar with its JSON text."""
        self.times[pointer] += 1
        if value is not None:
            known = self.values.setdefault(pointer, set())
            if len(known) <= _MOST_VALUES:
                known.add(value)

    def has_met(self, pointer: str, value: str) -> bool:
        """Whether a value was met in a place, or may have been."""
        known = self.values.get(pointer, set())
        return value in known or len(known) > _MOST_VALUES or pointer in self.unread


@dataclass(slots=True)
class Usage:
    """Everything that one consumer uses of a document.

    `operations` counts calls by label: `GET /things/{}` with every parameter of the path left unnamed, or `operation message` of a
    feed. `whole` is whether it was derived from code rather than from traffic: then what is optional may also be left out.
    """

    operations: Counter[str] = field(default_factory=Counter[str])
    sent: Side = field(default_factory=Side)
    received: Side = field(default_factory=Side)
    whole: bool = False
    elsewhere: int = 0

    def times(self, pointer: str, direction: Direction) -> int:
        """How often a place was met in a direction; of both, in either."""
        return sum(side.times[pointer] for side in self.sides(direction))

    def sides(self, direction: Direction) -> tuple[Side, ...]:
        """What was sent, what was received, or both."""
        match direction:
            case Direction.REQUEST:
                return (self.sent,)
            case Direction.RESPONSE:
                return (self.received,)
            case Direction.BOTH:
                return (self.sent, self.received)

    def calls(self, reach: str) -> int:
        """How often what a finding reaches was called: an operation, every operation of a path, or a message."""
        label = unnamed(reach)
        # "POST POST /orders callback done": no recording holds what the server calls, so who calls the operation meets its callbacks.
        if " callback " in label:
            label = label.partition(" ")[2].rpartition(" callback ")[0]
        if label.startswith("/"):
            return sum(count for name, count in self.operations.items() if name.partition(" ")[2] == label)
        return self.operations[label]


def scalar_text(value: Any) -> str | None:
    """The JSON text of a value, the same for equal numbers; None for objects and arrays.

    >>> scalar_text(1.0), scalar_text(1), scalar_text(True), scalar_text([])
    ('1', '1', 'true', None)
    """
    if is_mapping(value) or is_list(value):
        return None
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value, ensure_ascii=False)


def unnamed(label: str) -> str:
    """The label of an operation whatever its path parameters are called.

    >>> unnamed("GET /pets/{petId}/toys/{toy}")
    'GET /pets/{}/toys/{}'
    """
    return re.sub(r"\{[^}]*\}", "{}", label)
