"""Whether some request of an operation breaks its schemas: a text that is no value of a parameter, a body that is none."""

from __future__ import annotations

from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.model import Operation, Parameter, Schema

_TEXT_RULES = ("enum", "const", "pattern", "format", "minLength", "maxLength")
_DEEPEST = 6


def is_breakable(operation: Operation) -> bool:
    """Whether some request of an operation breaks its schemas."""
    body = operation.request_body
    if body is not None and (body.required or any(map(is_json, body.content))):
        return True
    return any(_is_breakable(item) for item in operation.parameters)


def _is_breakable(item: Parameter) -> bool:
    return (item.required and item.location != "path") or _rejects_text(item.schema, item.schema, 0)


def _rejects_text(schema: Any, root: Schema, depth: int) -> bool:
    """Whether some text is no value of a schema."""
    if not is_mapping(schema) or depth > _DEEPEST:
        return False
    reference = schema.get("$ref")
    if isinstance(reference, str) and _rejects_text(pointers.follow(root, reference), root, depth + 1):
        return True
    kind: Any = schema.get("type")
    kinds = kind if is_list(kind) else [kind] if kind is not None else []
    if (kinds and "string" not in kinds) or any(rule in schema for rule in _TEXT_RULES):
        return True
    for key in ("allOf", "oneOf", "anyOf"):
        parts = schema.get(key)
        if is_list(parts) and parts:
            found = [_rejects_text(part, root, depth + 1) for part in parts]
            if all(found) if key == "anyOf" else any(found):
                return True
    return False
