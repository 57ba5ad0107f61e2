"""A host document with only what an edit in one place can matter to, so that thousands of comparisons take seconds."""

from __future__ import annotations

from assay_contracts.json_types import is_mapping

from compatibility_audit.objects import Json
from compatibility_audit.sites import Pointer

# What stands beside the way down and is read only for itself.
ASIDE = frozenset({"callbacks", "responses", "requestBody"})
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def cut(host: Json, pointer: Pointer) -> Json:
    """The host without what stands beside the way to a pointer in another path, webhook, or part of an operation."""
    if len(pointer) < 3 or pointer[0] not in ("paths", "webhooks"):
        return host
    first, name = pointer[0], pointer[1]
    other = "webhooks" if first == "paths" else "paths"
    kept = {key: item for key, item in host.items() if key != other}
    return {**kept, first: {name: _within(host[first][name], pointer[2:])}}


def _within(value: Json, pointer: Pointer) -> Json:
    if not pointer or not is_mapping(value):
        return value
    name, rest = pointer[0], pointer[1:]
    if name not in value:
        return value
    if name in METHODS and rest:
        return {**{key: item for key, item in value.items() if key not in METHODS}, name: _within(value[name], rest)}
    if name in ASIDE and len(rest) > 1:
        value = {key: item for key, item in value.items() if key not in (*ASIDE, "parameters") or key == name}
    if name == "parameters" and rest:
        return {key: item for key, item in value.items() if key not in ASIDE}
    return {**value, name: _within(value[name], rest)}
