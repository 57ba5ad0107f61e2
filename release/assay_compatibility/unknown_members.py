"""What is written in a document where no rule looks: members that nobody knows, and components that nothing reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay_contracts.json_types import is_mapping
from assay_contracts.references import reference_texts

from assay_compatibility.classes import Direction
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.rules.model import Change
from assay_compatibility.walks.schema_walk import Walk

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# The members of each object that a rule or the walk reads; extensions have a rule of their own.
_READ: Mapping[str, frozenset[str]] = {
    "operation": frozenset(
        (
            "tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "callbacks",
            "deprecated", "security", "servers",
        )
    ),
    "path": frozenset(("summary", "description", "servers", "parameters", "additionalOperations", "$ref", *METHODS)),
    "parameter": frozenset(
        (
            "name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode", "allowReserved", "schema",
            "content", "example", "examples",
        )
    ),
    "body": frozenset(("description", "content", "required")),
    "response": frozenset(("summary", "description", "headers", "content", "links")),
    "media-type": frozenset(("schema", "itemSchema", "example", "examples", "encoding")),
}  # fmt: skip


def tell_unread(walk: Walk, area: str, old: Node, new: Node, direction: Direction, reach: str) -> None:
    """Report each member that changed and that nobody reads: nobody can say what that means."""
    if not is_mapping(old.value) or not is_mapping(new.value) or old.value == new.value:
        return
    for key in sorted({*old.value, *new.value} - _READ[area]):
        if old[key] == new[key]:
            continue
        if not key.startswith("x-"):
            walk.report("unread-member-changed", Change(old[key], new[key]), direction, new.child(key).pointer, reach)
        elif area != "operation":
            walk.report("extension-changed", Change(old[key], new[key]), Direction.BOTH, new.child(key).pointer, reach)


def tell_unused(walk: Walk) -> None:
    """Report each component that changed, came or went, and that nothing reaches in either document."""
    old, new = walk.old.root.child("components"), walk.new.root.child("components")
    # The rules of security tell of every scheme of OpenAPI, in use or not.
    aside = frozenset[str]() if walk.messages else frozenset({"securitySchemes"})
    compared = {pair[1].pointer for pair in walk.pairs.values()}
    changed = [pair for pair in _changed(old, new, aside) if pair[1].pointer not in compared]
    if not changed:
        return
    reached = _reached(walk.old) | _reached(walk.new)
    for before, after in changed:
        if after.pointer not in reached and not any(pointer.startswith(f"{after.pointer}/") for pointer in reached):
            walk.report("unused-component-changed", Change(before.value, after.value), Direction.BOTH, after.pointer, "document")


def _changed(old: Node, new: Node, aside: frozenset[str]) -> Iterator[tuple[Node, Node]]:
    for section in sorted({key for side in (old, new) for key, _ in side.children()} - aside):
        for name in sorted({key for side in (old, new) for key, _ in side.child(section).children()}):
            before, after = old.child(section, name), new.child(section, name)
            if before.value != after.value:
                yield before, after


def _reached(document: ApiDocument) -> frozenset[str]:
    """The pointers that references lead to, from all that is no component."""
    if document.reached is not None:
        return document.reached
    seen: set[str] = set()
    found: set[str] = set()
    waiting = sorted(reference_texts({key: part for key, part in document.content.items() if key != "components"}))
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        place = document.target(reference)
        found.add(place.pointer)
        waiting.extend(reference_texts(place.value))
    return frozenset(found)
