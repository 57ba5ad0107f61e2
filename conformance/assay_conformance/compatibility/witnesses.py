"""An instance for a breaking change of a schema: valid on one side, refused on the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import orjson

from assay_conformance.compatibility.classes import Class, Direction
from assay_conformance.compatibility.findings import Finding
from assay_conformance.compatibility.modern import self_contained
from assay_conformance.compatibility.places import Place
from assay_conformance.compatibility.walk import Walk

# A witness is a courtesy: past these bounds a comparison goes on without.
MOST_ASKED = 60
MOST_PARTS = 40
MOST_BYTES = 40_000


def with_witnesses(walk: Walk, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, those that break a schema with an instance where one is found."""
    places = {
        (draft.rule.id, draft.pointer, draft.direction.value): draft.schemas for draft in walk.drafts.values() if draft.schemas is not None
    }
    asked = 0
    told: list[Finding] = []
    for each in findings:
        schemas = places.get((each.rule, each.pointer, each.direction))
        if each.level is Class.MAJOR and schemas is not None and asked < MOST_ASKED:
            asked += 1
            each = _witnessed(walk, each, schemas)
        told.append(each)
    return tuple(told)


def _witnessed(walk: Walk, finding: Finding, schemas: tuple[Place, Place]) -> Finding:
    from assay_conformance.compatibility.containment import Kind, SchemaInvalid, contains

    old = self_contained(schemas[0].value, walk.old, most=MOST_PARTS)
    new = self_contained(schemas[1].value, walk.new, most=MOST_PARTS)
    if old is None or new is None or len(orjson.dumps([old, new])) > MOST_BYTES:
        return finding
    smaller, larger = (old, new) if finding.direction == Direction.REQUEST.value else (new, old)
    try:
        answer = contains(smaller, larger)
    except (SchemaInvalid, RecursionError):
        return finding
    if answer.kind is not Kind.NOT_CONTAINED:
        return finding
    return replace(finding, witness=answer.witness, has_witness=True)
