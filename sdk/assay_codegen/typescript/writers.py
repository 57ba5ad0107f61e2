"""Which function of the runtime writes a parameter or a body: the more it can do, the more an application carries that uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import essence, is_json

from assay_codegen.typescript.words import literal
from assay_codegen.views import Argument, BodyView

# The name under which modules of operations and channels import the functions.
WRITERS = "writers"
IMPORT = f'import * as {WRITERS} from "./runtime/writers.js";\n'
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
_DEEPEST = 20


def parameter_literal(argument: Argument, key: str, schema: Mapping[str, Any]) -> str:
    """A parameter as the runtime reads it."""
    facts: dict[str, object] = {"name": argument.wire, "in": argument.location}
    if key != argument.wire:
        facts["key"] = key
    if _is_plain(argument, schema):
        return literal(facts)
    if (
        argument.style == "deepObject"
        and not argument.media
        and not argument.allow_reserved
        and set(_types(schema, schema, 0)) == {"object"}
    ):
        return _with_writer(facts, "deepObject")
    facts |= {"style": argument.style, "explode": argument.explode}
    if argument.media:
        facts["media"] = argument.media
    if argument.allow_reserved:
        facts["allowReserved"] = True
    return _with_writer(facts, "styled")


def body_literal(body: BodyView, key: str) -> str:
    """A body as the runtime reads it."""
    facts: dict[str, object] = {"key": key, "media": body.media, "required": body.required}
    if body.encodings:
        facts["encodings"] = {
            item.name: {**({"media": item.media} if item.media else {}), "style": item.style, "explode": item.explode}
            for item in body.encodings
        }
    if body.files:
        facts["files"] = body.files
    if body.omit:
        facts["omit"] = body.omit
    forms = {"multipart/form-data": "multipart", "application/x-www-form-urlencoded": "form"}
    return _with_writer(facts, forms.get(essence(body.media)) or ("json" if is_json(body.media) else "content"))


def _with_writer(facts: Mapping[str, object], writer: str) -> str:
    return f'{literal(facts)[:-1]}, "write": {WRITERS}.{writer}}}'


def _is_plain(argument: Argument, schema: Mapping[str, Any]) -> bool:
    """Whether a parameter is a scalar or an array in the style that needs no writer of its own."""
    if argument.media or argument.allow_reserved:
        return False
    if argument.location in ("path", "header"):
        return argument.style == "simple" and _types(schema, schema, 0) <= _SCALARS | {"array"}
    if argument.style == "form" and argument.explode:
        return _types(schema, schema, 0) <= _SCALARS | {"array"}
    return argument.style == "form" and _types(schema, schema, 0) <= _SCALARS


def _types(schema: object, root: Mapping[str, Any], depth: int) -> frozenset[str]:
    """The types that values of a schema may have; of a schema that does not say so, any."""
    anything = _SCALARS | {"array", "object"}
    if not is_mapping(schema) or depth > _DEEPEST:
        return anything
    found = anything
    stated = schema.get("type")
    if isinstance(stated, str):
        found &= {stated}
    elif is_list(stated):
        found &= frozenset(map(str, stated))
    values = schema["enum"] if is_list(schema.get("enum")) else [schema["const"]] if "const" in schema else None
    if values is not None and not any(is_mapping(value) or is_list(value) for value in values):
        found &= _SCALARS
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        found &= _types(root.get("$defs", {}).get(reference.removeprefix("#/$defs/")), root, depth + 1)
    for word in ("anyOf", "oneOf"):
        if is_list(schema.get(word)):
            found &= frozenset[str]().union(*(_types(option, root, depth + 1) for option in schema[word]))
    for part in schema["allOf"] if is_list(schema.get("allOf")) else ():
        found &= _types(part, root, depth + 1)
    return found
