"""Rules of lists: what an annotation walks over is a list, of things that can be told apart and put in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.field_types import kinds_of
from assay_contracts.lint.pointed import Pointed, pointed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import alternatives, kinds
from assay_contracts.lint.subject import Subject

_LISTS = {
    "x-pagination": ("/items",),
    "x-order": ("/items",),
    "x-filter": ("/items",),
    "x-snapshot": ("/state", "/changes"),
    "x-window": ("/series/at",),
    "x-stream": ("/snapshot/state", "/delta/changes"),
}
_IDENTITIES = {"x-pagination": ("/identity",), "x-snapshot": ("/identity",), "x-stream": ("/snapshot/identity",)}


@rule("annotated-list-is-no-array")
def annotated_list_is_no_array(subject: Subject) -> Iterator[Problem]:
    """A property that an annotation uses as a list of items, changes or buckets is an array."""
    for pointer in pointed(subject):
        if pointer.at in _LISTS.get(pointer.annotation, ()) and pointer.schemas and kinds_of(pointer) != {"array"}:
            found = ", ".join(sorted(kinds_of(pointer)))
            yield Problem(pointer.where, f"{pointer.annotation} takes {pointer.wanted} of the {pointer.holder} for a list: it is {found}")


@rule("item-identity-optional")
def item_identity_optional(subject: Subject) -> Iterator[Problem]:
    """The property that identifies an item is required, and is a string or a number."""
    for pointer in pointed(subject):
        if pointer.at in _IDENTITIES.get(pointer.annotation, ()) and pointer.schemas:
            if not _required(pointer):
                yield Problem(pointer.where, f"{pointer.wanted} identifies items, and the {pointer.holder} does not require it")
            elif not all(kinds(pointer.data, schema) <= {"string", "integer"} for schema in pointer.schemas):
                yield Problem(pointer.where, f"{pointer.wanted} identifies items: make it a string or an integer")


@rule("order-key-optional")
def order_key_optional(subject: Subject) -> Iterator[Problem]:
    """The property that a list is ordered by is required."""
    for pointer in pointed(subject):
        if pointer.annotation == "x-order" and pointer.at.endswith("/by") and pointer.schemas and not _required(pointer):
            yield Problem(pointer.where, f"items are ordered by {pointer.wanted}, which the {pointer.holder} does not require")


@rule("default-order-unknown")
def default_order_unknown(subject: Subject) -> Iterator[Problem]:
    """The default order is one of the listed orders."""
    for pointer, name, value, _, _ in placed(subject):
        orders = value.get("orders") if name == "x-order" and is_mapping(value) else None
        if is_mapping(orders) and is_mapping(value) and value.get("default") not in list(orders):
            yield Problem(f"{pointer}/default", f"the default order {value.get('default')} is not among: {', '.join(map(str, orders))}")


def _required(pointer: Pointed) -> bool:
    """Whether whatever holds the member requires it, in every place that the pointer leads to."""
    member = pointers.split(pointer.wanted)[-1]
    return all(any(member in _names(branch) for branch in alternatives(pointer.data, holder)) for holder in pointer.lists)


def _names(schema: dict[str, Any]) -> list[Any]:
    required = schema.get("required")
    return required if is_list(required) else []
