"""A schema of a document as the schema of a client's type.

A reader keeps what a later minor version of the server adds: enumerations are open, unknown properties are no error, and what
only a validator needs goes. A format becomes a Python type only where reading and writing back gives the same string; else it
stays a string with its format in the description. Defaults are the server's, so they go too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.upgrade_to_2020_12 import upgraded

DEFINITIONS = "#/$defs/"
# What validates instances or annotates them, and makes no type.
_NOT_TYPES = frozenset(
    {
        *("examples", "example", "$comment", "default", "xml", "externalDocs", "contentEncoding", "contentMediaType", "contentSchema"),
        *("not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies", "propertyNames", "$id", "$anchor"),
        *("$dynamicAnchor", "$recursiveAnchor", "$schema", "$vocabulary", "unevaluatedProperties", "unevaluatedItems", "contains"),
        *("minContains", "maxContains", "uniqueItems", "nullable", "minProperties", "maxProperties"),
    }
)
_NAMED = ("properties", "patternProperties", "$defs", "definitions")
_KEPT_FORMATS = frozenset({"date-time", "date"})
_SCALARS: tuple[tuple[type, str], ...] = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"))


def shaped(node: Any, version_member: str | None, member: str = "") -> Any:
    """A schema as a client reads it; `version_member` names the property that states the schema version."""
    if is_list(node):
        return [shaped(item, version_member) for item in node]
    if isinstance(node, bool):
        return {}
    if not is_mapping(node):
        return node
    schema = _or_null(node) if node.get("nullable") is True else node
    if version_member is not None and member == version_member:
        return {"type": "string", "description": schema.get("description", "The version of the payload.")}
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NOT_TYPES or key.startswith("x-"):
            continue
        if key in _NAMED and is_mapping(value):
            named = value
            found[key] = {name: shaped(inner, version_member, name if key == "properties" else "") for name, inner in named.items()}
        elif key in ("enum", "const", "required", "type", "discriminator"):
            found[key] = value
        elif key == "additionalProperties" and value is False:
            continue
        else:
            found[key] = shaped(value, version_member) if is_mapping(value) or is_list(value) else value
    if "$dynamicRef" in found or "$recursiveRef" in found:
        return {key: value for key, value in found.items() if key == "description"}
    _shape_format(found)
    _shape_numbers(found)
    if isinstance(found.get("pattern"), str) and not _is_compilable(found["pattern"]):
        del found["pattern"]
    return _opened(_of_constants(_of_maps(found)))


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that says `nullable`: 3.1 has no such word, but documents that come from 3.0 still do, and their servers send null."""
    rest = {key: value for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [{"type": "null"}, rest]} if "$ref" in rest else upgraded(rest, nullable=True)


def _of_maps(schema: dict[str, Any]) -> dict[str, Any]:
    """A map that may be null as a choice of both: the generator of models forgets its values otherwise."""
    if schema.get("type") not in (["object", "null"], ["null", "object"]) or "properties" in schema:
        return schema
    own = {key: value for key, value in schema.items() if key in ("additionalProperties", "patternProperties")}
    if not any(is_mapping(value) and value for value in own.values()):
        return schema
    rest = {key: value for key, value in schema.items() if key not in own and key != "type"}
    return {**rest, "anyOf": [{"type": "object", **own}, {"type": "null"}]}


def _shape_format(schema: dict[str, Any]) -> None:
    name = schema.get("format")
    if not isinstance(name, str):
        schema.pop("format", None)
        return
    if name in _KEPT_FORMATS and "string" in _types(schema):
        schema.pop("pattern", None)
        schema.pop("minLength", None)
        schema.pop("maxLength", None)
        return
    del schema["format"]
    if "string" in _types(schema):
        words = str(schema.get("description", "")).strip()
        schema["description"] = f"{words}{' ' if words else ''}Format: {name}."


def _shape_numbers(schema: dict[str, Any]) -> None:
    # Multiples of a fraction are no question that binary numbers answer.
    if isinstance(schema.get("multipleOf"), float) or ("multipleOf" in schema and "number" in _types(schema)):
        del schema["multipleOf"]


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type")
    return (types,) if isinstance(types, str) else tuple(types) if is_list(types) else ()


@lru_cache(maxsize=4096)
def _is_compilable(pattern: str) -> bool:
    """Whether the engine of the models reads a pattern; it has no look-around."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _of_constants(schema: dict[str, Any]) -> dict[str, Any]:
    """A choice of constants as the enumeration that it is."""
    for word in ("oneOf", "anyOf"):
        options: Any = schema.get(word)
        if not is_list(options) or not options or "properties" in schema:
            continue
        values: list[Any] = []
        for option in options:
            constant = _constants_of(option)
            if constant is None:
                break
            values.extend(constant)
        else:
            rest = {key: value for key, value in schema.items() if key not in (word, "type")}
            return {**rest, "enum": values}
    return schema


def _constants_of(option: Any) -> list[Any] | None:
    if not is_mapping(option):
        return None
    inner = option
    if "const" in inner:
        return [inner["const"]]
    if _types(inner) == ("null",):
        return [None]
    values: Any = inner.get("enum")
    return list(values) if is_list(values) else None


def _opened(schema: dict[str, Any]) -> dict[str, Any]:
    """An enumeration that also takes what a later version adds; one with a single value is a constant."""
    values: Any = schema.get("enum")
    if not is_list(values):
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("enum", "type")}
    listed = values
    given = [value for value in listed if value is not None]
    nullable = len(given) < len(listed) or "null" in _types(schema)
    kinds = {_kind(value) for value in given}
    if not given or None in kinds:
        return rest
    if len(kinds) > 1 or kinds == {"number"} or kinds == {"boolean"}:
        types = sorted({*(str(kind) for kind in kinds), *(["null"] if nullable else [])})
        return {**rest, "type": types[0] if len(types) == 1 else types}
    (kind,) = kinds
    if len(given) == 1 and not nullable:
        return {**rest, "const": given[0], "type": kind}
    alternatives: list[dict[str, Any]] = [{"type": kind, "enum": list(dict.fromkeys(given))}, {"type": kind}]
    return {**rest, "anyOf": [*alternatives, *([{"type": "null"}] if nullable else [])]}


def _kind(value: Any) -> str | None:
    return next((name for kind, name in _SCALARS if isinstance(value, kind)), None)


def renamed(node: Any, names: Mapping[str, str]) -> Any:
    """A schema whose references go by other names."""
    if is_list(node):
        return [renamed(item, names) for item in node]
    if not is_mapping(node):
        return node
    found = {key: renamed(value, names) if is_mapping(value) or is_list(value) else value for key, value in node.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith(DEFINITIONS):
        key, *rest = pointers.split(reference.removeprefix("#"))[1:]
        found["$ref"] = "#" + pointers.join("$defs", names.get(key, key), *rest)
    return found


def definition(reference: str) -> str:
    """The name of the definition that a reference leads to."""
    return pointers.unescape(unquote(reference.removeprefix(DEFINITIONS)))


def bare(node: Any) -> Any:
    """A schema without its words, to tell whether two mean the same."""
    if is_list(node):
        return [bare(item) for item in node]
    if not is_mapping(node):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            found[key] = {name: bare(inner) for name, inner in value.items()}
        elif key not in ("description", "title"):
            found[key] = bare(value)
    return found


def components(node: Any) -> Any:
    """A schema that refers to the components of a document."""
    if is_list(node):
        return [components(item) for item in node]
    if not is_mapping(node):
        return node
    found = {key: components(value) if is_mapping(value) or is_list(value) else value for key, value in node.items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        found["$ref"] = reference.replace(DEFINITIONS, "#/components/schemas/", 1)
    return found
