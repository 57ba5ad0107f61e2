"""Requests read strictly, each parameter by its own schema in the contract.

What a parameter may be, which code answers a bad one and how a window is bounded is all read from the contract. A
parameter that the contract does not name is no error; one that is given twice is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import unquote_plus

import jsonschema_rs
from assay_contracts import Operation, Parameter

from assay_server.http.errors import Refusal

Pairs = Sequence[tuple[str, str]]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DURATION = re.compile(r"P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?", re.ASCII)


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string, in order, decoded."""
    pairs: list[tuple[str, str]] = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return pairs


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and smaller units."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"expected an ISO 8601 duration such as P90D or PT10S, got {text!r}; fix the contract")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def governed(operation: Operation) -> dict[str, str]:
    """The code that answers a bad value, by parameter, where an annotation of the operation says so."""
    annotations = operation.annotations
    window: Mapping[str, Any] = annotations.get("x-window", {})
    paging: Mapping[str, Any] = annotations.get("x-pagination", {})
    codes = [
        (window.get("from"), window.get("invalid")),
        (window.get("to"), window.get("invalid")),
        (window.get("series", {}).get("parameter"), window.get("invalid")),
        *((annotations.get(name, {}).get("parameter"), annotations.get(name, {}).get("invalid")) for name in ("x-filter", "x-order")),
        *((paging.get(part, {}).get("parameter"), paging.get(part, {}).get("invalid")) for part in ("cursor", "size")),
    ]
    return {str(parameter): str(code) for parameter, code in codes if parameter and code}


@dataclass(frozen=True, slots=True)
class _Scalar:
    """How one text becomes a value."""

    fits: Callable[[Any], bool]
    kind: str
    expected: str

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> _Scalar:
        shape = _resolved(schema)
        kind = "date-time" if shape.get("format") == "date-time" else str(shape.get("type", "string"))
        validator = jsonschema_rs.validator_for(dict(schema))
        return cls(validator.is_valid, kind, _wanted(shape))

    def read(self, text: str) -> Any:
        """The value; raises ValueError when the text is none."""
        value: Any = text
        if self.kind == "integer":
            if not _INTEGER.fullmatch(text):
                raise ValueError(self.expected)
            value = int(text)
        elif self.kind == "number":
            if not _NUMBER.fullmatch(text):
                raise ValueError(self.expected)
            value = float(text)
        elif self.kind == "boolean":
            if text not in ("true", "false"):
                raise ValueError(self.expected)
            value = text == "true"
        elif self.kind == "array":
            value = text.split(",") if text else []
        if not self.fits(value):
            raise ValueError(self.expected)
        if self.kind == "date-time":
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                raise ValueError(f"{self.expected}; that day or time does not exist") from None
        return value


@dataclass(frozen=True, slots=True)
class _Query:
    """One parameter of the query."""

    name: str
    required: bool
    code: str
    missing: str
    default: Any
    scalar: _Scalar | None
    fields: Mapping[str, _Scalar]
    exploded: bool = False
    """Whether a list is written as one pair for each of its values."""

    def read(self, pairs: Pairs) -> Any:
        return self._deep(pairs) if self.scalar is None else self._plain(pairs, self.scalar)

    def _plain(self, pairs: Pairs, scalar: _Scalar) -> Any:
        values = [value for name, value in pairs if name == self.name]
        if self.exploded and values:
            values = [",".join(values)]
        if not values:
            if self.required:
                raise Refusal(self.missing, f"{self.name} is missing; it must be {scalar.expected}", field=self.name)
            return self.default
        if len(values) > 1:
            raise Refusal(self.code, f"{self.name} is given {len(values)} times; give it once", field=self.name)
        try:
            return scalar.read(values[0])
        except ValueError as error:
            raise Refusal(self.code, f"{self.name} must be {error}", field=self.name) from None

    def _deep(self, pairs: Pairs) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in pairs:
            if name != self.name and not name.startswith(f"{self.name}["):
                continue
            property_name = name[len(self.name) + 1 : -1]
            scalar = self.fields.get(property_name)
            if scalar is None or name != f"{self.name}[{property_name}]":
                known = " or ".join(f"{self.name}[{field}]" for field in self.fields)
                raise Refusal(self.code, f"{self.name} takes {known}", field=self.name)
            if property_name in fields:
                raise Refusal(self.code, f"{name} is given twice; give it once", field=self.name)
            try:
                fields[property_name] = scalar.read(value)
            except ValueError as error:
                raise Refusal(self.code, f"{name} must be {error}", field=self.name) from None
        return fields


@dataclass(frozen=True, slots=True)
class _Window:
    """What a window must be beyond two moments."""

    start: str
    end: str
    longest: timedelta | None
    code: str

    def check(self, values: Mapping[str, Any]) -> None:
        start, end = values[self.start], values[self.end]
        if end <= start:
            raise Refusal(self.code, f"{self.end} must be later than {self.start}", field=self.end)
        if self.longest is not None and end - start > self.longest:
            raise Refusal(self.code, f"{self.end} must be at most {self.longest.days} days after {self.start}", field=self.end)


class RequestReader:
    """Reads the path, the query and the headers of one operation; `tenant` is the query parameter that names the tenant, if any."""

    __slots__ = ("_headers", "_path", "_query", "_tenant", "_window")

    def __init__(self, operation: Operation, *, tenant: str | None, general: str, header_codes: Mapping[str, str]) -> None:
        codes = governed(operation)
        query = {
            item.name: _query(item, codes.get(item.name, general), general) for item in operation.parameters if item.location == "query"
        }
        self._tenant = query.pop(tenant) if tenant is not None else None
        self._query = tuple(query.values())
        self._path = tuple((item.name, general, _Scalar.of(item.schema)) for item in operation.parameters if item.location == "path")
        self._headers = tuple(
            (item, header_codes.get(item.name.lower(), general), _Scalar.of(item.schema))
            for item in operation.parameters
            if item.location == "header"
        )
        window: Mapping[str, Any] = operation.annotations.get("x-window", {})
        # A window in another unit than time is for its room, which knows the unit.
        timed = bool(window) and window.get("type", "date-time") == "date-time"
        longest = window.get("longest")
        self._window = _Window(window["from"], window["to"], duration(longest) if longest else None, window["invalid"]) if timed else None

    def tenant(self, pairs: Pairs) -> str:
        """The tenant that a request speaks for; empty for an operation without tenants."""
        return cast("str", self._tenant.read(pairs)) if self._tenant is not None else ""

    def path(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of the path; raises Refusal for one that breaks its schema."""
        return {name: _read(scalar, values[name], name, code, within="path") for name, code, scalar in self._path}

    def headers(self, header: Callable[[str], str | None]) -> dict[str, Any]:
        """The headers that the contract names, without those that were not sent; raises Refusal for one that it forbids."""
        found: dict[str, Any] = {}
        for item, code, scalar in self._headers:
            given = header(item.name)
            if given is not None:
                found[item.name] = _read(scalar, given, item.name, code, within="header")
            elif item.required:
                raise Refusal(code, f"{item.name} is missing; it must be {scalar.expected}", field=item.name, within="header")
        return found

    def query(self, pairs: Pairs) -> dict[str, Any]:
        """Every other parameter by name; None stands for one that is neither given nor has a default."""
        values = {item.name: item.read(pairs) for item in self._query}
        if self._window is not None:
            self._window.check(values)
        return values


def _read(scalar: _Scalar, text: str, name: str, code: str, *, within: str) -> Any:
    try:
        return scalar.read(text)
    except ValueError as error:
        raise Refusal(code, f"{name} must be {error}", field=name, within=within) from None


def _query(parameter: Parameter, code: str, missing: str) -> _Query:
    shape = _resolved(parameter.schema)
    if shape.get("type") == "object":
        definitions = parameter.schema.get("$defs", {})
        fields = {name: _Scalar.of({**schema, "$defs": definitions}) for name, schema in shape["properties"].items()}
        return _Query(parameter.name, parameter.required, code, missing, None, None, fields)
    exploded = parameter.explode and shape.get("type") == "array"
    return _Query(parameter.name, parameter.required, code, missing, shape.get("default"), _Scalar.of(parameter.schema), {}, exploded)


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return cast("Mapping[str, Any]", schema["$defs"][reference.removeprefix("#/$defs/")])
    return schema


def _wanted(shape: Mapping[str, Any]) -> str:
    """A schema in words."""
    if "enum" in shape:
        return "one of " + ", ".join(str(value) for value in shape["enum"])
    if shape.get("type") == "array":
        return "a list of values that the contract has, with commas between them"
    if shape.get("type") == "integer":
        return f"a whole number from {shape.get('minimum', '…')} to {shape.get('maximum', '…')}"
    if shape.get("format") == "date-time":
        return "a time in UTC such as 2026-11-01T00:00:00Z"
    if "pattern" in shape:
        return f"a string that matches {shape['pattern']}"
    return f"a string of at most {shape['maxLength']} characters" if "maxLength" in shape else "a string"
