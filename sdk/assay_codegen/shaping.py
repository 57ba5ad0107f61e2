"""A schema of a document as the schema of a client's type.

An enumeration of text is opened, since a reader must accept a value that a later minor version adds. A schema version loses
its pattern, since only its major counts and the runtime checks that. A time loses its pattern, since it becomes a real time.
Examples go, since they are no part of a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from assay_contracts import pointers

DEFINITIONS = "#/$defs/"
_NOT_TYPES = ("examples", "example", "$comment")


def shaped(node: Any, version_member: str | None, member: str = "") -> Any:
    """A schema as a client reads it; `version_member` names the member that states the schema version."""
    if isinstance(node, list):
        items = cast("list[object]", node)
        return [shaped(each, version_member) for each in items]
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    if "properties" in schema:
        members = {key: shaped(each, version_member, key) for key, each in schema["properties"].items()}
        rest = {key: each for key, each in schema.items() if key != "properties"}
        return {**shaped(rest, version_member), "properties": members}
    if version_member is not None and member == version_member:
        return {"type": "string", "description": schema.get("description", "The version of the payload.")}
    found = {key: shaped(each, version_member) for key, each in schema.items() if key not in _NOT_TYPES}
    if found.get("format") in ("date-time", "date"):
        found.pop("pattern", None)
    if found.get("type") == "string" and "enum" in found:
        found["anyOf"] = [{"type": found.pop("type"), "enum": found.pop("enum")}, {"type": "string"}]
    return found


def renamed(node: Any, names: Mapping[str, str]) -> Any:
    """A schema whose references go by other names."""
    if isinstance(node, list):
        items = cast("list[object]", node)
        return [renamed(each, names) for each in items]
    if not isinstance(node, dict):
        return node
    found = {key: renamed(each, names) for key, each in cast("dict[str, Any]", node).items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        key = definition(reference)
        found["$ref"] = DEFINITIONS + names.get(key, key)
    return found


def definition(reference: str) -> str:
    """The name of the definition that a reference leads to."""
    return pointers.unescape(unquote(reference.removeprefix(DEFINITIONS)))


def bare(node: Any) -> Any:
    """A schema without its words, to tell whether two mean the same."""
    if isinstance(node, list):
        items = cast("list[object]", node)
        return [bare(each) for each in items]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", node).items():
        if key == "properties":
            found[key] = {name: bare(each) for name, each in cast("dict[str, Any]", value).items()}
        elif key not in ("description", "title"):
            found[key] = bare(value)
    return found


def components(node: Any) -> Any:
    """A schema that refers to the components of a document."""
    if isinstance(node, list):
        items = cast("list[object]", node)
        return [components(each) for each in items]
    if not isinstance(node, dict):
        return node
    found = {key: components(each) for key, each in cast("dict[str, Any]", node).items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        found["$ref"] = reference.replace(DEFINITIONS, "#/components/schemas/", 1)
    return found
