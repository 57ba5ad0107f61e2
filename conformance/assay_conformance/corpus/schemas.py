"""What is asked of a parameter's schema: its types, its properties, its examples, and whether a text on the wire fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import jsonschema_rs
from assay_contracts import Schema, pointers

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_LENIENT = re.compile(r"[-+]?[0-9]+(?:\.0*)?(?:[eE][-+]?[0-9]+)?", re.ASCII)


class Undecided(Exception):
    """The contract does not say whether the request is right; it has no place in a corpus."""


class Misfit(Exception):
    """A text on the wire is no value of the parameter's schema."""


def resolved(schema: Schema, root: Schema | None = None) -> Schema:
    """The schema with a `$ref` at its top followed, as far as it leads within itself."""
    root = root or schema
    for _ in range(20):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        target = pointers.follow(root, reference)
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def types_of(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema names; empty when it names none."""
    named: Any = resolved(schema).get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(cast("list[str]", named))
    values = [value for value in options_of(schema) if isinstance(value, str)]
    return frozenset({"string"}) if values else frozenset()


def options_of(schema: Schema) -> tuple[Any, ...]:
    """The values that a schema enumerates, in order; empty when it does not."""
    top = resolved(schema)
    return (top["const"],) if "const" in top else tuple(top.get("enum", ()))


def examples_of(schema: Schema) -> tuple[Any, ...]:
    """The examples that a schema shows."""
    return tuple(resolved(schema).get("examples", ()))


def properties_of(schema: Schema) -> Mapping[str, Schema]:
    """The properties of an object schema, each self-contained."""
    top = resolved(schema)
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {name: {**part, **definitions} for name, part in top.get("properties", {}).items()}


class Reader:
    """Reads texts of the wire as values of one schema. Formats are asserted: a date-time that is none does not fit."""

    def __init__(self, schema: Schema) -> None:
        self._types = types_of(schema)
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)

    def read(self, text: str) -> Any:
        """The value that a text stands for. Raises `Misfit` with the reason, or `Undecided` where readers may rightly differ."""
        value = self._cast(text)
        self.validate(value)
        return value

    def validate(self, value: Any) -> None:
        """Raises `Misfit` with the first rule that a value breaks."""
        error = next(self._validator.iter_errors(value), None)
        if error is not None:
            raise Misfit(rule_of(error))

    def fits(self, text: str) -> bool:
        """Whether a text stands for a value of the schema beyond doubt."""
        try:
            self.read(text)
        except (Misfit, Undecided):
            return False
        return True

    def _cast(self, text: str) -> Any:
        if not self._types or "string" in self._types:
            return text
        if "integer" in self._types or "number" in self._types:
            if text == "-0":
                raise Undecided("minus zero as a number")
            if INTEGER.fullmatch(text):
                return int(text)
            if "number" in self._types and _NUMBER.fullmatch(text):
                return float(text)
            if _LENIENT.fullmatch(text):
                raise Undecided("a number in another notation")
            raise Misfit("type")
        if "boolean" in self._types:
            if text in ("true", "false"):
                return text == "true"
            if text.lower() in ("true", "false", "1", "0", "yes", "no", "on", "off"):
                raise Undecided("a boolean in another notation")
            raise Misfit("type")
        raise Undecided("a parameter of a type that is not read")


def rule_of(error: jsonschema_rs.ValidationError) -> str:
    """The keyword that a validation error is about."""
    path = [str(part) for part in error.schema_path]
    return path[-1] if path else "schema"
