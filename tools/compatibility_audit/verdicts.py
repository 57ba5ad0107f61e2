"""The audit itself: every edit of a host document, judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from assay_compatibility.classes import Direction, Severity, worst
from assay_compatibility.errors import DocumentRefused
from assay_contracts import Annotation, find_documents, read_vocabulary
from assay_contracts.json_types import is_mapping

from compatibility_audit.battery import Battery
from compatibility_audit.cells import Cell, Fired, Status, fired
from compatibility_audit.crosscheck import Crosscheck
from compatibility_audit.cutting import cut
from compatibility_audit.edits import Edit, edits_at
from compatibility_audit.keywords import SchemaEdit
from compatibility_audit.objects import Json, Node
from compatibility_audit.sites import Missing, Pointer, Site, Sites, at, put
from compatibility_audit.waivers import Waivers, read_waivers

OFFICIAL = {"openapi": "openapi-3.1.json", "asyncapi": "asyncapi-3.0.0.json"}
# Where schemas of every type are edited in every way; elsewhere a few edits of each keyword show that the place is read at all.
WHOLE = {
    "openapi": (
        ("paths", "/things/{id}", "post", "requestBody", "content", "application/json", "schema"),
        ("paths", "/things/{id}", "post", "responses", "200", "content", "application/json", "schema"),
    ),
    "asyncapi": (("components", "messages", "ask", "payload"), ("components", "messages", "told", "payload")),
}

# Where the annotations of each kind are put in the host documents.
HOMES: Mapping[str, Mapping[str, Pointer]] = {
    "openapi": {"operation": ("paths", "/things/{id}", "get"), "document": ()},
    "asyncapi": {"channel": ("channels", "things")},
}


@dataclass(slots=True)
class Audit:
    """The cells of one kind of document."""

    kind: str
    waivers: Waivers = field(default_factory=read_waivers)
    host: Json = None
    battery: Battery = field(default_factory=lambda: Battery(Crosscheck()))
    crosscheck: Crosscheck = field(init=False)
    validator: Any = field(init=False)
    sites: tuple[Site, ...] = field(init=False)
    annotations: Mapping[str, Annotation] = field(init=False)
    good: Mapping[str, Any] = field(init=False)
    shared: frozenset[Pointer] = field(init=False)

    def __post_init__(self) -> None:
        self.host = host_of(self.kind)
        official = official_schema(self.kind)
        self.validator = jsonschema_rs.validator_for(official)
        self.crosscheck = self.battery.crosscheck
        self.annotations = annotations_of(self.kind)
        nodes = {name: Node(annotation.schema, annotation.schema, name) for name, annotation in self.annotations.items()}
        self.sites = tuple(Sites(self.host, Node(official, official, self.kind), nodes).all())
        directions = [(site.pointer, site.direction) for site in self.sites if site.description.schema]
        self.shared = frozenset(pointer for pointer, direction in directions if (pointer, direction.turned) in directions)
        self.good = {name: jsonschema_rs.Draft202012Validator(dict(annotation.schema)) for name, annotation in self.annotations.items()}

    def cells(self, *, every: int = 1, schemas: bool = True) -> Iterator[Cell]:
        """Every cell, judged; or of so many edits of objects only one."""
        for number, site in enumerate(self.sites):
            if not site.description.schema:
                yield from self._of_object(site, number, every)
            elif schemas and (every == 1 or site.pointer in WHOLE[self.kind]):
                yield from self._of_schema(site)

    def _of_object(self, site: Site, number: int, every: int) -> Iterator[Cell]:
        host = cut(self.host, site.pointer)
        for edit in list(edits_at(site))[number % every :: every]:
            before, after = (put(host, edit.pointer, side) for side in (edit.before, edit.after))
            if all(self._possible(edit, side) for side in (edit.before, edit.after)):
                spoken = self.spoken(before, after)
                if spoken is not None:
                    yield self._judged(edit, spoken)

    def _possible(self, edit: Edit, value: Json) -> bool:
        """Whether the official schema, or that of the annotation it is a part of, allows the document with a value in the place."""
        document = put(self.host, edit.pointer, value)
        if not edit.annotation:
            return bool(self.validator.is_valid(document))
        whole_at = edit.pointer[: edit.pointer.index(edit.annotation) + 1]
        if whole_at == edit.pointer and isinstance(value, Missing):
            return True
        whole = at(document, whole_at)
        return bool(self.good[edit.annotation].is_valid(whole))

    def _of_schema(self, site: Site) -> Iterator[Cell]:
        if site.direction is Direction.BOTH:
            return
        host = cut(self.host, site.pointer)
        for change in self.battery.whole if site.pointer in WHOLE[self.kind] else self.battery.few:
            one = schema_edit(site.pointer, site.direction, change)
            for edit in (one, one.reversed):
                spoken = self.spoken(put(host, edit.pointer, edit.before), put(host, edit.pointer, edit.after))
                if spoken is not None:
                    yield self.judged_schema(edit, spoken)

    def spoken(self, before: Json, after: Json) -> tuple[Fired, ...] | None:
        try:
            return fired(before, after)
        except DocumentRefused:
            # A reference that leads nowhere: no document that anybody could use.
            return None

    def _judged(self, edit: Edit, spoken: Sequence[Fired]) -> Cell:
        rules = {finding.rule for finding in spoken}
        if rules - self.waivers.catch_all:
            return Cell(self.kind, edit, tuple(spoken), Status.CLAIMED)
        note = _same_meaning(edit)
        if note and not any(finding.level.rank > Severity.PATCH.rank for finding in spoken):
            return Cell(self.kind, edit, tuple(spoken), Status.EQUAL, note)
        reason = self.waivers.waiver(self.kind, edit)
        status = Status.UNCLAIMED if reason is None else Status.WAIVED
        return Cell(self.kind, edit, tuple(spoken), status, reason or "")

    def judged_schema(self, edit: Edit, spoken: Sequence[Fired]) -> Cell:
        """The verdict on an edit of a schema, with what containment says of it."""
        before, after = (read_in_place(edit, side, self.kind) for side in (edit.before, edit.after))
        wider, narrower = self.crosscheck.contained(before, after), self.crosscheck.contained(after, before)
        cell = self._judged(edit, spoken)
        if not spoken and wider.contained and narrower.contained:
            return Cell(self.kind, edit, (), Status.EQUAL, "the same instances fit")
        needed, smaller = (wider, before) if edit.direction is Direction.REQUEST else (narrower, after)
        unclear = edit.field == "not" and edit.pointer in self.shared
        if unclear or (written_as_text(edit) and not _same_type(edit)) or self.crosscheck.contained(smaller, False).contained:
            return cell
        # Of a schema that is read in both directions each has its own findings; elsewhere what stands under `not` has turned round.
        directions = {edit.direction} if edit.pointer in self.shared else {Direction.REQUEST, Direction.RESPONSE}
        here = tuple(finding for finding in spoken if finding.direction in directions)
        doubt = _doubt(here, contained=needed.contained)
        if doubt is None or (self.waivers.explanation(edit, here, doubt) or (None if here else self.waivers.waiver(self.kind, edit))):
            return cell
        witness = f", as {json.dumps(needed.witness)} shows" if needed.contained is False else ""
        return Cell(self.kind, edit, cell.fired, Status.CONTRADICTED, doubt + witness)


def read_in_place(edit: Edit, schema: Json, kind: str) -> Json:
    """A schema with what its place says besides: headers and queries are objects, and AsyncAPI reads nothing beside a reference."""
    if kind == "asyncapi" and is_mapping(schema) and "$ref" in schema:
        schema = {"$ref": schema["$ref"]}
    return {"allOf": [schema], "type": "object"} if edit.pointer[-1] in ("headers", "query") else schema


def _doubt(spoken: Sequence[Fired], *, contained: bool | None) -> str | None:
    """What containment has against the class of an edit in its direction."""
    level = worst(finding.level for finding in spoken)
    if (
        contained is True
        and level is Severity.MAJOR
        and not all(finding.policy or finding.unshown for finding in spoken if finding.level is Severity.MAJOR)
    ):
        return "breaking, though every instance that was good still is"
    if (
        contained is False
        and level.rank < Severity.UNDECIDED.rank
        and not any(finding.policy and finding.law is Severity.MAJOR for finding in spoken)
    ):
        return "not breaking, though an instance that was good no longer is"
    return None


def written_as_text(edit: Edit) -> bool:
    """Whether the values in a place are written as text, so that types mean less than they do in JSON."""
    if edit.pointer[-1] != "schema" or edit.pointer[0] == "channels":
        return edit.pointer[-2:-1] == ("parameters",)
    return not ("content" in edit.pointer and "json" in edit.pointer[-2])


def _same_type(edit: Edit) -> bool:
    types = [side.get("type") if is_mapping(side) else None for side in (edit.before, edit.after)]
    return types[0] is not None and types[0] == types[1]


def _same_meaning(edit: Edit) -> str | None:
    """Why an edit changes nothing, if the standard itself says so."""
    if edit.kind == "entries moved" and isinstance(edit.before, dict):
        return "the members of an object have no order"
    values = [side for side in (edit.before, edit.after) if not isinstance(side, Missing)]
    if len(values) == 1 and edit.default and values == list(edit.default):
        return "the standard's default"
    return None


def schema_edit(pointer: Pointer, direction: Direction, change: SchemaEdit) -> Edit:
    """An edit of the schema in a place."""
    before, after = change.schemas
    kind = f"{change.sentence} in {change.base}"
    return Edit("schema", change.keyword, pointer, direction, kind, before, after, schema=True)


@cache
def official_schema(kind: str) -> Any:
    """The JSON Schema that a standard publishes for its documents."""
    return json.loads((files("assay_contracts") / "schemas" / OFFICIAL[kind]).read_text(encoding="utf-8"))


@cache
def annotations_of(kind: str) -> Mapping[str, Annotation]:
    """Our annotations that a kind of document may carry, each with an example of it."""
    annotations = read_vocabulary(find_documents()).annotations
    places = HOMES[kind].keys()
    return {name: annotation for name, annotation in annotations.items() if name.startswith("x-") and places & set(annotation.on)}


def host_of(kind: str) -> Any:
    """The host document of a kind, with an example of every annotation where it belongs."""
    host = yaml.safe_load((Path(__file__).parent / "hosts" / f"{kind}.yaml").read_text(encoding="utf-8"))
    for name, annotation in annotations_of(kind).items():
        place = next(HOMES[kind][one] for one in annotation.on if one in HOMES[kind])
        host = put(host, (*place, name), annotation.example)
    return host
