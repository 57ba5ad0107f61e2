"""Messages of one channel that travel the same way: whether whoever receives one can tell which it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import combinations

import orjson
from assay_contracts.json_types import is_list

from assay_compatibility.asyncapi_reading import AsyncApiReading
from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.schemas.normal_form import canonical
from assay_compatibility.schemas.self_contained import self_contained
from assay_compatibility.walks.schema_walk import Walk

# Past these bounds it is not known whether two messages are distinct, and the finding is undecided.
MOST_PAIRS = 400
MOST_PARTS = 40
MOST_BYTES = 40_000


class Distinct(Enum):
    """Whether no value is both of two messages. `UNKNOWN` where no proof decides, `BOUND` where a bound ended the question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    BOUND = "bound"


@dataclass(slots=True)
class Flow:
    """The messages that travel one way over one channel, before and now, and the operations that they belong to."""

    olds: dict[str, Node] = field(default_factory=dict[str, Node])
    news: dict[str, Node] = field(default_factory=dict[str, Node])
    reaches: set[str] = field(default_factory=set[str])


class Discrimination:
    """Pairs of messages that could be told apart, and no longer can."""

    def __init__(self, walk: Walk, old: AsyncApiReading, new: AsyncApiReading) -> None:
        self.walk = walk
        self.old, self.new = old, new
        self.comparisons = 0

    def compare(self, flow: Flow) -> None:
        """Ask of each pair of a flow that was there before; a pair with a new message counts where all others could be told apart."""
        known = [name for name in flow.news if name in flow.olds]
        for one, other in combinations(known, 2):
            if self._changed(flow, one) or self._changed(flow, other):
                self._pair(flow, one, other, partial(self._distinct, self.old, flow.olds[one], flow.olds[other]))
        added = [name for name in flow.news if name not in flow.olds]
        if len(known) > 1 and added:
            before = self._all_distinct(flow.olds.values())
            for one in added:
                for other in known:
                    self._pair(flow, one, other, lambda: before)

    def _changed(self, flow: Flow, name: str) -> bool:
        return any(
            not self.walk.changed.clean(self.old.part(flow.olds[name], key).value, self.new.part(flow.news[name], key).value)
            for key in ("payload", "headers")
        )

    def _all_distinct(self, messages: Iterable[Node]) -> Distinct:
        """Whether all messages could be told apart before."""
        return _all({self._distinct(self.old, one, other) for one, other in combinations(messages, 2)})

    def _pair(self, flow: Flow, one: str, other: str, distinct_before: Callable[[], Distinct]) -> None:
        first, second = flow.news[one], flow.news[other]
        now = self._distinct(self.new, first, second)
        before = Distinct.NO if now is Distinct.YES else distinct_before()
        # Where no proof decides either side, nothing says that anything changed.
        if before is Distinct.NO or (before is now is Distinct.UNKNOWN):
            return
        alike = before is Distinct.YES and now is Distinct.NO
        rule = "messages-became-alike" if alike else "messages-perhaps-alike"
        both = self._both(self.new, first, second)
        schemas = (Node(f"{second.pointer}/payload", False), Node(f"{first.pointer}/payload", both)) if alike else None
        for reach in sorted(flow.reaches):
            self.walk.report(rule, Change(f"{one} or {other}", f"{one} and {other}"), Direction.BOTH, first.pointer, reach, schemas)

    def _distinct(self, reading: AsyncApiReading, one: Node, other: Node) -> Distinct:
        """Whether no value is both messages."""
        from assay_containment import Kind, SchemaInvalid, contains

        if self._named(reading, one, other):
            return Distinct.YES
        self.comparisons += 1
        if self.comparisons > MOST_PAIRS:
            return Distinct.BOUND
        answers: set[Distinct] = set()
        for key in ("payload", "headers"):
            parts = [reading.part(message, key) for message in (one, other)]
            if key == "headers" and any(part.value is None for part in parts):
                continue
            if not all(reading.readable(part) for part in parts):
                return Distinct.UNKNOWN
            both = self_contained(_all_of(*(reading.schema(part) for part in parts)), reading.document, most=MOST_PARTS)
            if both is None or len(orjson.dumps(both)) > MOST_BYTES:
                return Distinct.BOUND
            try:
                kind = contains(both, False).kind
            except (SchemaInvalid, RecursionError):
                return Distinct.UNKNOWN
            answers.add({Kind.CONTAINED: Distinct.YES, Kind.NOT_CONTAINED: Distinct.NO}.get(kind, Distinct.UNKNOWN))
        # One part that tells them apart is enough.
        return next(answer for answer in (Distinct.YES, Distinct.UNKNOWN, Distinct.NO) if answer in answers)

    def _named(self, reading: AsyncApiReading, one: Node, other: Node) -> bool:
        """Whether both are objects that must have a member whose listed values differ: how most messages are told apart."""
        parts = [reading.part(message, "payload") for message in (one, other)]
        if any(part.value is None or not reading.readable(part) for part in parts):
            return False
        schemas = self.walk.old_schemas if reading is self.old else self.walk.new_schemas
        first, second = (schemas.of(schemas.resolved(reading.schema(part))) for part in parts)
        if frozenset({"object"}) not in (first.types, second.types):
            return False
        for name in first.required.keys() & second.required.keys() & first.properties.keys() & second.properties.keys():
            values = [schemas.of(schemas.resolved(schema.properties[name])).keywords.get("enum") for schema in (first, second)]
            if is_list(values[0]) and is_list(values[1]) and not {*map(canonical, values[0])} & {*map(canonical, values[1])}:
                return True
        return False

    def _both(self, reading: AsyncApiReading, one: Node, other: Node) -> dict[str, object]:
        return _all_of(*(reading.schema(reading.part(message, "payload")) for message in (one, other)))


def _all(answers: set[Distinct]) -> Distinct:
    """Whether every pair is distinct."""
    return next((answer for answer in (Distinct.NO, Distinct.BOUND, Distinct.UNKNOWN) if answer in answers), Distinct.YES)


def _all_of(*places: Node) -> dict[str, object]:
    """What is valid against every one; a message without a schema takes anything."""
    return {"allOf": [True if place.value is None else place.value for place in places]}
