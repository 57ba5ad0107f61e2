"""What annotations say about changes of schemas: a stated version that follows the contract's, a code that others answer.

A schema alone cannot tell them from changes that break: a pattern that moves with the version of the contract, and a code
in an error body that several operations share though only a new one answers with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
from assay_contracts.json_types import is_list
from assay_contracts.pointers import split

from assay_compatibility.classes import Direction
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.rules.model import RULES
from assay_compatibility.schemas.normal_form import NormalSchemas
from assay_compatibility.schemas.self_contained import self_contained
from assay_compatibility.walks.annotations import AnnotationWalk
from assay_compatibility.walks.schema_walk import PairKey, PendingFinding, Walk

VERSIONED = ("pattern-", "enum-")
CODES = "enum-value-added"
MOST_PARTS = 10


def read_annotations(walk: Walk, annotations: AnnotationWalk) -> None:
    """Let the annotations decide what the drafts about a stated version, or about a shared list of codes, really are."""
    versions, codes = _pointers(walk, ("schemaVersion", "at")), _pointers(walk, ("envelope", "code"))
    if versions and _raised(walk):
        places = _reached(walk, versions)
        for draft in _about(walk, places, VERSIONED):
            if _follows(walk, places, draft):
                _turn(draft, "stated-version-raised", walk)
    if codes:
        for draft in _about(walk, _reached(walk, codes), (CODES,)):
            if _of_others(walk, draft, annotations):
                _turn(draft, "code-of-others-listed", walk)


def _pointers(walk: Walk, keys: tuple[str, str]) -> set[str]:
    """Where both documents say by an annotation that something stands, as their annotations of errors and of streams say it."""
    sides = [{str(place.child(*keys).value) for place in _holders(document)} for document in (walk.old, walk.new)]
    return {pointer for pointer in sides[0] & sides[1] if pointer.startswith("/")}


def _holders(document: ApiDocument) -> Iterator[Node]:
    yield document.root.child("x-error-taxonomy")
    for _, channel in document.root.child("channels").children():
        yield document.follow(channel).child("x-stream")


def _raised(walk: Walk) -> bool:
    """Whether the contract has a later version of the same major."""
    old, new = (_numbers(document.root.child("info")["version"]) for document in (walk.old, walk.new))
    return bool(old and new) and old[0] == new[0] and old < new


def _numbers(version: Any) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", str(version))
    return tuple(int(group or 0) for group in found.groups()) if found else ()


def _reached(walk: Walk, pointers: Iterable[str]) -> dict[tuple[str, str], tuple[PairKey, Node, Node]]:
    """The pairs of schemas that these pointers lead to from whole answers and messages, each with the pair right above it."""
    found: dict[tuple[str, str], tuple[PairKey, Node, Node]] = {}
    for key, (old, new) in walk.pairs.items():
        if key.direction is Direction.RESPONSE and any(isinstance(caller, str) for caller in walk.callers.get(key, ())):
            for pointer in pointers:
                steps = split(pointer)
                first, second = _below(walk.old_schemas, old, steps), _below(walk.new_schemas, new, steps)
                if first is not None and second is not None:
                    found[first.pointer, second.pointer] = (key, first, second)
    return found


def _below(schemas: NormalSchemas, place: Node, steps: tuple[str, ...]) -> Node | None:
    for step in steps:
        child = schemas.of(schemas.resolved(place)).properties.get(step)
        if child is None:
            return None
        place = child
    return schemas.resolved(place)


def _about(walk: Walk, places: dict[tuple[str, str], tuple[PairKey, Node, Node]], rules: tuple[str, ...]) -> Iterator[PendingFinding]:
    """The drafts about nothing but these places."""
    for draft in walk.drafts.values():
        if draft.direction is Direction.RESPONSE and draft.rule.id.startswith(rules):
            pairs = {(caller.old, caller.new) for caller in draft.callers if not isinstance(caller, str)}
            if pairs and pairs <= places.keys():
                yield draft


def _follows(walk: Walk, places: dict[tuple[str, str], tuple[PairKey, Node, Node]], draft: PendingFinding) -> bool:
    """Whether each side allows the version of its own document."""
    for caller in draft.callers:
        if isinstance(caller, str):
            continue
        _, old, new = places[caller.old, caller.new]
        for document, place in ((walk.old, old), (walk.new, new)):
            schema = self_contained(place.value, document, most=MOST_PARTS)
            version = document.root.child("info")["version"]
            if schema is None or not jsonschema_rs.is_valid(schema, version):
                return False
    return True


def _of_others(walk: Walk, draft: PendingFinding, annotations: AnnotationWalk) -> bool:
    """Whether no operation that the draft reaches lists one of the codes that were added."""
    if not (is_list(draft.before) and is_list(draft.after)):
        return False
    added = {str(code) for code in draft.after if code not in draft.before}
    reached = [annotations.codes.get(root) for root in _roots(walk, draft)]
    return bool(reached) and all(codes is not None and not (added & codes) for codes in reached)


def _roots(walk: Walk, draft: PendingFinding) -> set[str]:
    found: set[str] = set()
    waiting, seen = list(draft.callers), set(draft.callers)
    while waiting:
        caller = waiting.pop()
        if isinstance(caller, str):
            found.add(caller)
            continue
        more = walk.callers.get(caller, set()) - seen
        seen |= more
        waiting.extend(more)
    return found


def _turn(draft: PendingFinding, rule: str, walk: Walk) -> None:
    draft.rule = RULES[rule]
    draft.level = draft.rule.level(draft.direction, messages=walk.messages)
    draft.policy = draft.rule.policy_for(draft.direction)
