"""The values that the texts of parameters and form fields stand for, read by their schemas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from assay_contracts.json_types import is_mapping

from assay_compatibility.consumers.visiting import ALTERNATIVES, Visitor
from assay_compatibility.places import Node

Fields = tuple[tuple[str, str], ...]
"""Names and texts in the order in which they were sent; a name may come more than once."""

_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_UNQUOTED = frozenset({"integer", "number", "boolean", "null", "object"})


def read_text(visitor: Visitor, text: str, schema: Node, separator: str = "") -> Any:
    """The value of one text; with a separator, one text may hold a whole array or object."""
    types = visitor.types(schema)
    if separator and "array" in types:
        return [read_text(visitor, part, _items(visitor, schema)) for part in text.split(separator)]
    if separator and "object" in types and not text.startswith("{"):
        parts = text.split(separator)
        if all("=" in part for part in parts):
            named = (part.partition("=") for part in parts)
            return read_fields(visitor, [(name, value) for name, _, value in named], schema)
        return read_fields(visitor, zip(parts[::2], parts[1::2], strict=False), schema)
    if types & _UNQUOTED or "array" in types:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        return text if isinstance(value, str) else value
    return text


def read_fields(visitor: Visitor, fields: Iterable[tuple[str, str]], schema: Node) -> dict[str, Any]:
    """The object of a form: a field that comes more than once, or whose property is an array, is an array; `a[b]` is `b` in `a`."""
    texts: dict[str, list[str]] = {}
    inner: dict[str, list[tuple[str, str]]] = {}
    for name, text in fields:
        outside, bracket, rest = name.partition("[")
        if bracket and rest.endswith("]") and rest != "]":
            inside, _, deeper = rest[:-1].partition("][")
            inner.setdefault(outside, []).append((f"{inside}[{deeper}]" if deeper else inside, text))
        else:
            texts.setdefault(outside if rest == "]" else name, []).append(text)
    found: dict[str, Any] = {}
    for name, parts in texts.items():
        place = visitor.property_of(schema, name)
        if place is None:
            found[name] = parts[0] if len(parts) == 1 else parts
        elif "array" in visitor.types(place) and not (len(parts) == 1 and parts[0].startswith("[")):
            found[name] = [read_text(visitor, part, _items(visitor, place)) for part in parts]
        else:
            found[name] = read_text(visitor, parts[-1], place)
    for name, pairs in inner.items():
        place = visitor.property_of(schema, name)
        found[name] = dict(pairs) if place is None else read_fields(visitor, pairs, place)
    return found


def read_parameter(visitor: Visitor, parameter: Node, texts: list[str], schema: Node) -> Any:
    """The value of a parameter of a path or query from all texts that were sent under its name."""
    style = str(parameter["style"] or ("simple" if parameter["in"] == "path" else "form"))
    separator = _SEPARATORS.get(style, ",")
    if "array" in visitor.types(schema):
        items = _items(visitor, schema)
        parts = [part for text in texts for part in text.split(separator)]
        return [read_text(visitor, part, items) for part in parts]
    return read_text(visitor, texts[-1], schema, separator)


def _items(visitor: Visitor, schema: Node) -> Node:
    """The schema of the entries of an array, wherever a part or an alternative declares it."""
    places = (part.child("items") for part in visitor.parts(schema, ALTERNATIVES))
    return next((place for place in places if is_mapping(place.value)), schema.child("items"))
