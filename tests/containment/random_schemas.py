"""Random JSON Schemas and instances, the same ones for the same seed, small enough that instances often fit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "x")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, -1, 1.5, 10, "", "a", "b", "ab", "abc", "x1", [], [1], ["a"], [1, 1], [1, 2], [1, "a"], [None],
    {}, {"a": 1}, {"b": 1}, {"a": "a"}, {"a": 1, "b": 2}, {"a": 1, "x": 1}, {"b": "a", "x": None}, {"xx": 2},
)  # fmt: skip
DEEP: tuple[Any, ...] = (
    {"a": {"a": {"a": 1}}}, {"a": {"a": {}}}, {"a": [{"a": []}]}, {"b": {"b": "a"}}, [[[]]], [[1]], [[["a"]]], {"x": {"x": {"x": None}}},
)  # fmt: skip
REFERENCES = ("#", "#/$defs/n", "#/$defs/m")
INSIDE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "unevaluatedProperties", "unevaluatedItems")


class Random:
    """A source of schemas and instances."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        pick, some = self.dice.choice, self.dice.sample
        self.makers: dict[str, Callable[[int], Any]] = {
            "minimum": lambda _: pick([0, 1, 2, 1.5]),
            "maximum": lambda _: pick([0, 1, 2, 3, 1.5]),
            "exclusiveMinimum": lambda _: pick([0, 1]),
            "exclusiveMaximum": lambda _: pick([2, 3]),
            "multipleOf": lambda _: pick([1, 2, 3, 0.5, 1.5]),
            "minLength": lambda _: pick([0, 1, 2]),
            "maxLength": lambda _: pick([0, 1, 2]),
            "pattern": lambda _: pick(["^a", "b$", "^[ab]+$", "a", "^x"]),
            "minItems": lambda _: pick([0, 1, 2]),
            "maxItems": lambda _: pick([0, 1, 2]),
            "uniqueItems": lambda _: pick([True, False]),
            "items": self._below,
            "prefixItems": self._several,
            "contains": self._below,
            "minContains": lambda _: pick([0, 1, 2]),
            "maxContains": lambda _: pick([0, 1, 2]),
            "properties": lambda depth: {name: self.schema(depth + 1) for name in some(NAMES, self.dice.randint(1, 2))},
            "patternProperties": lambda depth: {pick(["^a", "x", "^[ab]$"]): self.schema(depth + 1)},
            "additionalProperties": lambda depth: pick([False, self.schema(depth + 1)]),
            "propertyNames": lambda _: pick([{"pattern": "^a"}, {"maxLength": 1}, {"enum": ["a", "b"]}]),
            "required": lambda _: some(NAMES, self.dice.randint(0, 2)),
            "minProperties": lambda _: pick([0, 1, 2]),
            "maxProperties": lambda _: pick([0, 1, 2]),
            "dependentRequired": lambda _: {"a": ["b"]},
            "dependentSchemas": lambda depth: {"a": self.schema(depth + 1)},
            "enum": lambda _: some(VALUES, self.dice.randint(1, 4)),
            "const": lambda _: pick(VALUES),
            "allOf": self._several,
            "anyOf": self._several,
            "oneOf": self._several,
            "not": self._below,
            "if": self._below,
            "then": self._below,
            "else": self._below,
            "unevaluatedProperties": lambda depth: pick([False, self.schema(depth + 1)]),
            "unevaluatedItems": lambda depth: pick([False, self.schema(depth + 1)]),
        }

    def value(self, depth: int = 0) -> Any:
        """An instance."""
        if depth < 2 and self.dice.random() < 0.3:
            if self.dice.random() < 0.5:
                return [self.value(depth + 1) for _ in range(self.dice.randint(0, 3))]
            return {name: self.value(depth + 1) for name in self.dice.sample([*NAMES, "xx", "c"], self.dice.randint(0, 3))}
        return self.dice.choice(VALUES)

    def schema(self, depth: int = 0) -> Any:
        """A schema without references."""
        if depth > 2:
            return self.dice.choice(
                [True, {"type": "string"}, {"type": "integer"}, {"const": 1}, {"type": "number", "minimum": 1}, {"maxLength": 1}]
            )
        schema_of_kinds: dict[str, Any] = {}
        if self.dice.random() < 0.5:
            kinds = [
                "string",
                "integer",
                "number",
                "object",
                "array",
                "null",
                "boolean",
                ["string", "null"],
                ["object", "array"],
                ["integer", "object"],
            ]
            schema_of_kinds["type"] = self.dice.choice(kinds)
        for _ in range(self.dice.randint(0, 3)):
            keyword = self.dice.choice(list(self.makers))
            schema_of_kinds[keyword] = self.makers[keyword](depth)
        return schema_of_kinds

    def recursive(self) -> dict[str, Any]:
        """A schema whose references lead to itself and to each other."""
        parts = [{"allOf": [part]} if isinstance(part, bool) else part for part in (self.schema(), self.schema(1), self.schema(1))]
        root, one, other = json.loads(json.dumps(parts))
        for part in (root, one, other):
            self._refer(part)
        return {**root, "$defs": {"n": one, "m": other}}

    def edited(self, schema: Any) -> Any:
        """A schema with one or two keywords changed, added or gone."""
        copied = json.loads(json.dumps(schema))
        if not isinstance(copied, dict):
            return copied
        places = [copied, *copied.get("$defs", {}).values()]
        for _ in range(self.dice.randint(1, 2)):
            place = self.dice.choice(places)
            gone = [keyword for keyword in place if keyword != "$defs"]
            if gone and self.dice.random() < 0.5:
                place.pop(self.dice.choice(gone))
            else:
                keyword = self.dice.choice(list(self.makers))
                place[keyword] = self.makers[keyword](2)
        return copied

    def pair(self, *, recursive: bool) -> tuple[Any, Any]:
        """Two schemas that have often something to do with each other."""
        make = self.recursive if recursive else self.schema
        one, other = make(), make()
        way = self.dice.random()
        if way < 0.6:
            other = self.edited(one)
            return (one, other) if self.dice.random() < 0.5 else (other, one)
        if way < 0.8 and not recursive:
            return one, {"anyOf": [one, other]}
        if way < 0.9 and not recursive:
            return {"allOf": [one, other]}, other
        return one, other

    def _below(self, depth: int) -> Any:
        return self.schema(depth + 1)

    def _several(self, depth: int) -> Any:
        return [self.schema(depth + 1) for _ in range(self.dice.randint(1, 3))]

    def _refer(self, schema: Any) -> None:
        if not isinstance(schema, dict):
            return
        for keyword, inside in schema.items():
            if keyword in INSIDE:
                if self.dice.random() < 0.3:
                    schema[keyword] = {"$ref": self.dice.choice(REFERENCES)}
                else:
                    self._refer(inside)
            elif keyword in ("properties", "patternProperties", "dependentSchemas"):
                for name in inside:
                    if self.dice.random() < 0.4:
                        inside[name] = {"$ref": self.dice.choice(REFERENCES)}
                    else:
                        self._refer(inside[name])
            elif keyword in ("anyOf", "allOf", "oneOf", "prefixItems"):
                for index, item in enumerate(inside):
                    if self.dice.random() < 0.25:
                        inside[index] = {"$ref": self.dice.choice(REFERENCES[1:])}
                    else:
                        self._refer(item)
