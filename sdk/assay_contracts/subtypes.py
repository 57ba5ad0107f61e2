"""Schemas that a discriminator tells apart: those that its mapping names, and those that derive from it by `allOf`.

Nothing refers to a subtype that is reached in this way alone, yet a value of its base may be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping


def find_subtypes(schemas: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The subtypes of each named schema that has a discriminator, by its name and in the order of their own."""
    bases = _bases(schemas)
    derived = _derived(schemas) if bases else {}
    found: dict[str, tuple[str, ...]] = {}
    for base, schema in bases.items():
        mapped = {mapped_name(target, schemas) for target in _targets(schema["discriminator"])}
        found[base] = tuple(sorted(name for name in {*_below(base, derived), *mapped} - {base} if name is not None))
    return found


def mapped_name(target: str, schemas: Mapping[str, Any]) -> str | None:
    """The named schema that a value of a mapping means: by its name, or by a reference in whatever form; None for none of them."""
    if target in schemas:
        return target
    name = pointers.unescape(target.rpartition("/")[2]) if "#" in target else target.rpartition("/")[2].partition(".")[0]
    return name if name in schemas else None


def without_listed_subtypes(document: dict[str, Any]) -> dict[str, Any]:
    """A document whose bases do not list what derives from them: the list and the inheritance together are a circle.

    Both say the same, and the subtypes are found without the list. A document without such a base is returned as it is.
    """
    schemas = pointers.follow(document, pointers.join("components", "schemas"))
    if not is_mapping(schemas):
        return document
    bases = _bases(schemas)
    derived = _derived(schemas) if bases else {}
    changed = {name: found for name, schema in bases.items() if (found := _unlisted(schema, _below(name, derived) - {name})) is not schema}
    if not changed:
        return document
    return {**document, "components": {**document["components"], "schemas": {**schemas, **changed}}}


def _bases(schemas: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: schema for name, schema in schemas.items() if is_mapping(schema) and "discriminator" in schema}


def _unlisted(schema: dict[str, Any], derived: set[str]) -> dict[str, Any]:
    found = schema
    for word in ("oneOf", "anyOf"):
        options = schema.get(word)
        if is_list(options):
            kept = [option for option in options if not (is_mapping(option) and _referred(option) in derived)]
            if len(kept) < len(options):
                found = {key: value for key, value in found.items() if key != word} | ({word: kept} if kept else {})
    return found


def _referred(option: dict[str, Any]) -> str | None:
    reference = option.get("$ref")
    return pointers.split(reference)[-1] if isinstance(reference, str) and reference.startswith("#/") else None


def _parents(schema: Any) -> Iterator[str]:
    parts = schema.get("allOf") if is_mapping(schema) else None
    for part in parts if is_list(parts) else ():
        reference = part.get("$ref") if is_mapping(part) else None
        if isinstance(reference, str):
            steps = pointers.split(reference)
            if len(steps) in (2, 3) and steps[:-1] in (("components", "schemas"), ("$defs",)):
                yield steps[-1]


def _derived(schemas: Mapping[str, Any]) -> dict[str, list[str]]:
    """The schemas that directly derive from each one."""
    derived: dict[str, list[str]] = {}
    for name, schema in schemas.items():
        for parent in _parents(schema):
            derived.setdefault(parent, []).append(name)
    return derived


def _below(base: str, derived: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [base]
    while waiting:
        for name in derived.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _targets(discriminator: Any) -> Iterator[str]:
    mapping = discriminator.get("mapping") if is_mapping(discriminator) else None
    for target in mapping.values() if is_mapping(mapping) else ():
        if isinstance(target, str):
            yield target
