"""Narrowing of parsed JSON: the one border between `Any` and typed mappings, lists and strings."""

from __future__ import annotations

from typing import Any, TypeGuard

from assay_contracts.errors import DocumentMalformed


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether the value is a JSON array."""
    return isinstance(value, list)


def kind(value: Any) -> str:
    """The JSON name of a value's type, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return f"the string {value[:60]!r}"
    return "a list" if isinstance(value, list) else "a mapping"


def mapping(value: Any, where: str) -> dict[str, Any]:
    """The value as a mapping, or an error naming the place."""
    if not is_mapping(value):
        raise DocumentMalformed(where, expected="a mapping", actual=kind(value))
    return value


def optional_mapping(value: Any, where: str) -> dict[str, Any]:
    """The value as a mapping, empty when it is absent."""
    return {} if value is None else mapping(value, where)


def sequence(value: Any, where: str) -> list[Any]:
    """The value as a list, empty when it is absent."""
    if value is None:
        return []
    if not is_list(value):
        raise DocumentMalformed(where, expected="a list", actual=kind(value))
    return value


def strings(value: Any, where: str) -> tuple[str, ...]:
    """The value as a tuple of strings, empty when it is absent."""
    return tuple(text(item, f"{where}/{index}") for index, item in enumerate(sequence(value, where)))


def text(value: Any, where: str) -> str:
    """The value as a string, or an error naming the place."""
    if not isinstance(value, str):
        raise DocumentMalformed(where, expected="a string", actual=kind(value))
    return value


def optional_text(value: Any, where: str) -> str:
    """The value as a string, empty when it is absent."""
    return "" if value is None else text(value, where)
