"""What the annotations of an operation say about laying two of its answers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Operation
from assay_contracts.json_types import is_list, is_mapping


@dataclass(frozen=True, slots=True)
class Alignment:
    """What tells the items of each list apart, what is left out, and which lists were not read to their end."""

    identities: Mapping[str, tuple[str, ...]]
    ignored: frozenset[str]
    cut: frozenset[str] = frozenset()


def annotation_part(operation: Operation, *names: str) -> Mapping[str, Any]:
    """A part of an annotation, empty when the operation does not carry it."""
    found: Any = operation.annotations
    for name in names:
        found = found.get(name) if is_mapping(found) else None
    return found if is_mapping(found) else {}


def alignment_of(operation: Operation, *, same_tenants: bool, given: Mapping[str, tuple[str, ...]]) -> Alignment:
    """How two responses of one operation are laid side by side; identities that are `given` come first.

    Where the tenants of two servers have different names, their echo is left out.
    """
    identities: dict[str, tuple[str, ...]] = {}
    ignored: set[str] = set()
    if pages := annotation_part(operation, "x-pagination"):
        identities[str(pages["items"])] = (str(pages["identity"]),)
        ignored |= {str(pages["cursor"]["next"])} if pages["style"] == "cursor" else set()
    if snapshot := annotation_part(operation, "x-snapshot"):
        identities[str(snapshot["state"])] = (str(snapshot["identity"]),)
    series = annotation_part(operation, "x-window", "series")
    if "at" in series and "start" in series:
        identities[str(series["at"])] = (str(series["start"]),)
    ignored |= set(operation.volatile)
    for value in annotation_part(operation, "x-freshness").values():
        ignored |= _pointers([value])
    if not same_tenants:
        ignored |= _pointers(annotation_part(operation, "x-tenancy").get("echo"))
    return Alignment({**identities, **given}, frozenset(ignored))


def _pointers(value: Any) -> set[str]:
    return {pointer for pointer in value if isinstance(pointer, str) and pointer.startswith("/")} if is_list(value) else set()
