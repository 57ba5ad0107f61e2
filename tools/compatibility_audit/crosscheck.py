"""What containment and plain instances say about a schema edit, whatever the rules say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jsonschema_rs
from assay_containment import Kind, SchemaInvalid, contains
from assay_containment.instances import Instances
from assay_containment.schemas import Unresolved, read
from assay_containment.validator_dialects import accepts
from assay_contracts.json_types import is_mapping

from compatibility_audit.objects import Json

# How many instances of each side are shown to the other.
INSTANCES = 25
# Values that nobody made for the two schemas at hand.
POOL: tuple[Json, ...] = (
    *(None, True, False, 0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 15, 20, 21, -1, 1.5, 2.5),
    *("", "a", "ab", "abc", "alpha", "beta", "gamma", "1", "alphabet", "2026-01-31", "2026-01-31T10:00:00Z"),
    *([], ["a"], ["a", "a"], ["a", "b", "c", "d", "e"], ["a", 1], ["alpha", 1, None], [1], [1, 2, 3], [None]),
    *({}, {"alpha": "a"}, {"alpha": "b"}, {"alpha": "a", "beta": 1}, {"alpha": 1}, {"alpha": "alphabet"}, {"beta": 1}, {"gamma": 1}),
    *({"gamma": "a"}, {"alpha": "a", "gamma": "a"}, {"alpha": "a", "beta": 1, "gamma": 1}, {"beta": "b", "x": 1}),
    {"alpha": "a", "beta": "b", "gamma": "c", "delta": "d"},
)

# What the references of the edited schemas lead to; the host documents say the same.
REFERRED = {
    "Text": {"type": "string"},
    "Short": {"type": "string", "maxLength": 3},
    "Unused": {"type": "string"},
    "Thing": {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether every instance of one schema is one of the other; None where nobody knows."""

    contained: bool | None
    witness: Json = None


@dataclass(slots=True)
class Crosscheck:
    """Pairs of schemas, each asked once; references are read in one document."""

    document: Json = field(default_factory=lambda: {"components": {"schemas": REFERRED}})
    known: dict[str, Answer] = field(default_factory=dict[str, Answer])
    built: dict[str, Any] = field(default_factory=dict[str, Any])
    contradictions: list[str] = field(default_factory=list[str])

    def contained(self, a: Json, b: Json) -> Answer:
        """Containment of a in b, the engine and the instances agreeing."""
        key = json.dumps([a, b], sort_keys=True)
        if key not in self.known:
            self.known[key] = self._answer(a, b)
        return self.known[key]

    def _answer(self, a: Json, b: Json) -> Answer:
        """By values that nobody made for the two, then by the engine, whose yes is put to instances made for both."""
        counter = next(self._counterexamples(a, b, POOL), None)
        if counter is not None:
            return Answer(False, counter[0])
        try:
            answer = contains(a, b, document_a=self.document, document_b=self.document)
        except (SchemaInvalid, RecursionError):
            return Answer(None)
        if answer.kind is Kind.UNDECIDED:
            return Answer(None)
        if answer.kind is Kind.NOT_CONTAINED:
            return Answer(False, answer.witness)
        counter = next(self._counterexamples(a, b, (*self._likely(a, b), *self._likely(b, a))), None)
        if counter is None:
            return Answer(True)
        self.contradictions.append(f"{json.dumps(a)} is told to be contained in {json.dumps(b)}, but not {json.dumps(counter[0])}")
        return Answer(False, counter[0])

    def _counterexamples(self, a: Json, b: Json, values: Iterable[Json]) -> Iterator[tuple[Json]]:
        """Instances of a that b refuses."""
        first, second = self._validator(a), self._validator(b)
        if first is None or second is None:
            return
        for value in values:
            if first.is_valid(value) and not second.is_valid(value):
                yield (value,)

    def _likely(self, a: Json, b: Json) -> Iterator[Json]:
        try:
            yield from islice(Instances(accepts).candidates([read(a, self.document)], [read(b, self.document)]), INSTANCES)
        except (Unresolved, SchemaInvalid, RecursionError):
            return

    def _validator(self, schema: Json) -> Any:
        key = json.dumps(schema, sort_keys=True)
        if key not in self.built:
            whole = {**schema, "components": self.document["components"]} if is_mapping(schema) else schema
            try:
                self.built[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=False)
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
                self.built[key] = None
        return self.built[key]
