"""What is asked of a parameter's schema: its types, its properties, its examples, and whether a text on the wire fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from assay_contracts import Schema

from assay_conformance.schema_kinds import INTEGER, NUMBER, kinds_of, readings, resolved

_LENIENT = re.compile(r"[-+]?[0-9]+(?:\.0*)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_BOOLEANS = ("true", "false", "1", "0", "yes", "no", "on", "off")
_NULLS = ("", "null", "none", "nil")


class Undecided(Exception):
    """The contract does not say whether the request is right; it has no place in a corpus."""


class Misfit(Exception):
    """A text on the wire is no value of the parameter's schema."""


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
        self._types = kinds_of(schema)
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)

    def read(self, text: str) -> Any:
        """The value that a text stands for. Raises `Misfit` with the reason, or `Undecided` where readers may rightly differ."""
        values = readings(self._types, text)
        if not values:
            self._doubt(text)
            raise Misfit("type")
        wrong = Misfit("type")
        for value in values:
            if value == 0 and text == "-0":
                raise Undecided("minus zero as a number")
            try:
                self.validate(value)
            except Misfit as misfit:
                wrong = misfit
            else:
                return value
        self._doubt(text)
        raise wrong

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

    def _doubt(self, text: str) -> None:
        """Raise `Undecided` for what is no value in the one notation and may be one in another."""
        if self._types & {"object", "array"}:
            raise Undecided("a parameter of a type that is not read")
        if "string" in self._types or not self._types:
            return
        if "null" in self._types and text.lower() in _NULLS:
            raise Undecided("a null as text")
        exact = INTEGER.fullmatch(text) or ("number" in self._types and NUMBER.fullmatch(text))
        if self._types & {"integer", "number"} and not exact and _LENIENT.fullmatch(text):
            raise Undecided("a number in another notation")
        if "boolean" in self._types and text not in ("true", "false") and text.lower() in _BOOLEANS:
            raise Undecided("a boolean in another notation")


def rule_of(error: jsonschema_rs.ValidationError) -> str:
    """The keyword that a validation error is about."""
    path = [str(part) for part in error.schema_path]
    return path[-1] if path else "schema"
