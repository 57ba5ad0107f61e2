"""Every edit of the objects of a document: a field added, removed, changed; an entry added, removed, renamed, moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assay_compatibility.classes import Direction
from assay_contracts.json_types import is_list, is_mapping

from compatibility_audit.objects import Json, Node
from compatibility_audit.samples import samples
from compatibility_audit.sites import MISSING, Missing, Pointer, Site

# More values of one field than these say nothing new about a field of the standard's own.
MOST_VALUES = 5


@dataclass(frozen=True, slots=True)
class Edit:
    """One place, and two values of it; turned round it is another edit."""

    object: str
    field: str
    pointer: Pointer
    direction: Direction
    kind: str
    before: Json
    after: Json
    schema: bool = False
    annotation: str = ""
    # The value that the standard says it has when it is absent, if it says so.
    default: tuple[Json, ...] = ()

    @property
    def reversed(self) -> Edit:
        """The edit that undoes it."""
        return Edit(
            self.object, self.field, self.pointer, self.direction, _UNDONE.get(self.kind, self.kind), self.after, self.before,
            self.schema, self.annotation, self.default,
        )  # fmt: skip

    @property
    def sentence(self) -> str:
        """What it does, in a few words."""
        if self.kind not in ("changed", "replaced", "up", "down"):
            return self.kind
        return f"{self.kind}: {shown(self.before)} → {shown(self.after)}"


_UNDONE = {
    "added": "removed",
    "removed": "added",
    "entry added": "entry removed",
    "entry removed": "entry added",
    "up": "down",
    "down": "up",
}


def shown(value: Json) -> str:
    """A value in a few letters."""
    written = repr(value) if isinstance(value, Missing) else json.dumps(value, sort_keys=True)
    return written if len(written) <= 48 else written[:45] + "..."


def edits_at(site: Site) -> Iterator[Edit]:
    """Every edit of one site, both ways round."""
    for edit in _one_way(site):
        yield edit
        yield edit.reversed


def _one_way(site: Site) -> Iterator[Edit]:
    for name, nodes in site.description.fields.items() if is_mapping(site.value) else ():  # a value may be one object or a list of them
        yield from _of_field(site, name, nodes)
    if site.description.entries and is_mapping(site.value):
        yield from _of_entries(site)
    if site.description.items and is_list(site.value):
        yield from _of_items(site)


def _of_field(site: Site, name: str, nodes: list[Node]) -> Iterator[Edit]:
    now = site.value.get(name, MISSING)
    values = [] if isinstance(now, Missing) else [now]
    for value in samples(nodes, f"{site.name}.{name}"):
        if value not in values or isinstance(value, bool):
            values.append(value)
    values = _distinct(values)[:MOST_VALUES]
    pointer = (*site.pointer, name)
    annotation = site.annotation or (name if name in site.description.annotated else "")
    default = tuple(node.keywords["default"] for node in nodes if "default" in node.keywords)[:1]
    for value in values[:2]:
        yield Edit(site.name, name, pointer, site.direction, "added", MISSING, value, annotation=annotation, default=default)
    if not _nested(now):
        for one, other in pairwise(values):
            yield Edit(site.name, name, pointer, site.direction, _kind(one, other), one, other, annotation=annotation)
    elif len(values) > 1:
        yield Edit(site.name, name, pointer, site.direction, "replaced", now, values[-1], annotation=annotation)


def _nested(value: Json) -> bool:
    """Whether what is inside has edits of its own."""
    return is_mapping(value) or (is_list(value) and any(is_mapping(item) for item in value))


def _kind(one: Json, other: Json) -> str:
    if is_list(one) and is_list(other) and sorted(map(repr, one)) == sorted(map(repr, other)):
        return "entries moved"
    if isinstance(one, bool) or isinstance(other, bool):
        return "changed"
    if isinstance(one, int | float) and isinstance(other, int | float):
        return "up" if other > one else "down"
    return "changed"


def _of_entries(site: Site) -> Iterator[Edit]:
    entries = {key: item for key, item in site.value.items() if key not in site.description.fields and not key.startswith("x-")}
    if not entries:
        return
    first = next(iter(entries))

    def edit(kind: str, after: Json) -> Edit:
        return Edit(site.name, "*", site.pointer, site.direction, kind, site.value, after, annotation=site.annotation)

    new = _another(first, entries.keys())
    yield edit("entry added", {**site.value, new: entries[first]})
    for name in entries:
        rest = {key: item for key, item in site.value.items() if key != name}
        if rest:
            yield edit(f"entry removed ({name})", rest)
    for name in entries:
        other = next((item for key, item in entries.items() if key != name and item != entries[name]), None)
        if other is not None:
            yield edit(f"entry replaced ({name})", {**site.value, name: other})
    yield edit("entry renamed", {new if key == first else key: item for key, item in site.value.items()})
    yield edit("entries moved", dict(reversed(site.value.items())))


def _another(name: str, taken: Json) -> str:
    """A key like another one, of the same kind and not yet taken."""
    if name.isdigit() and len(name) == 3:
        return next(status for status in ("202", "418") if status not in taken)
    if name.startswith("/"):
        return f"{name}/more"
    if "/" in name:
        return "text/csv"
    return f"{name}-more" if not name.startswith("$") else f"{name}/more"


def _of_items(site: Site) -> Iterator[Edit]:
    def edit(kind: str, after: Json) -> Edit:
        return Edit(site.name, "*", site.pointer, site.direction, kind, site.value, after, annotation=site.annotation)

    fresh = next((sample for sample in samples(site.description.items, f"{site.name}.*") if sample not in site.value), None)
    if fresh is not None:
        yield edit("entry added", [*site.value, fresh])
    if site.value:
        yield edit("entry removed", site.value[1:])
    if len(site.value) > 1:
        yield edit("entries moved", site.value[::-1])


def _distinct(values: list[Json]) -> list[Json]:
    found: dict[str, Json] = {}
    for value in values:
        found.setdefault(json.dumps(value, sort_keys=True), value)
    return list(found.values())
