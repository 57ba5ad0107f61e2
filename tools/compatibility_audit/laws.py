"""Laws that every comparison keeps, whatever the rules are.

- A document against itself finds nothing.
- What turns the direction and swaps the sides has the same class, by the law of effects alone: a change that takes values
  away from what is sent adds them, read backwards, to what is received. It speaks of findings that have a direction and
  narrow, widen, replace or annotate; what comes or goes as a whole is offered or taken back, and is no mirror of itself.
- Two edits in different places at once are never of a lower class than the worse of the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from assay_compatibility.classes import Direction, Effect, Severity, worst
from assay_compatibility.rules import RULES

from compatibility_audit.cells import Cell, fired
from compatibility_audit.edits import Edit
from compatibility_audit.objects import Json
from compatibility_audit.sites import Pointer, put
from compatibility_audit.verdicts import written_as_text

# The same places of a host document, read in the other direction.
TWINS: dict[str, tuple[tuple[Pointer, Pointer], ...]] = {
    "openapi": ((("paths", "/things/{id}", "post"), ("webhooks", "happened", "post")),),
    "asyncapi": ((("components", "messages", "ask"), ("components", "messages", "told")),),
}
MIRRORED = frozenset({Effect.NARROWS, Effect.WIDENS, Effect.REPLACES, Effect.ANNOTATES, Effect.UNKNOWN})
# Members come and go by convention, not by what instances an open object takes.
UNMIRRORED = frozenset({"member-removed", "optional-member-added", "request-member-removed", "required-member-described"})
COMPOSED = 400


def same_finds_nothing(host: Json) -> Iterator[str]:
    """What is found between a document and itself."""
    for finding in fired(host, json.loads(json.dumps(host))):
        yield f"a document against itself: {finding.rule}"


def swapping_turns(kind: str, cells: Sequence[Cell]) -> Iterator[str]:
    """Cells whose mirror is of another class by the law of effects."""
    known = {_key(cell.edit.pointer, cell.edit.before, cell.edit.after): cell for cell in cells if _mirrored(cell)}
    for cell in known.values():
        twin = next((known.get(key) for key in _mirrors(kind, cell.edit) if key in known), None)
        if twin is not None and cell.law is not twin.law:
            where = f"{cell.edit.field}, {cell.edit.sentence} at {cell.place}"
            yield f"{where} is {cell.law.value}, its mirror in the other direction {twin.law.value}"


def _mirrored(cell: Cell) -> bool:
    # One value as text is a list of one: true of what is sent, and no mirror of what is received.
    return not written_as_text(cell.edit) and all(
        finding.direction is not Direction.BOTH and RULES[finding.rule].effect in MIRRORED and finding.rule not in UNMIRRORED
        for finding in cell.fired
    )


def _mirrors(kind: str, edit: Edit) -> Iterator[str]:
    for one, other in TWINS[kind]:
        if edit.pointer[: len(one)] == one:
            yield _key((*other, *edit.pointer[len(one) :]), edit.after, edit.before)


def _key(pointer: Pointer, before: Json, after: Json) -> str:
    return json.dumps([pointer, repr(before), repr(after)])


def composing_never_lowers(host: Json, cells: Sequence[Cell], *, most: int = COMPOSED) -> Iterator[str]:
    """Pairs of edits in different places that are together of a lower class than one of them alone."""
    for one, other in islice(_pairs(cells), most):
        before, after = (
            put(put(host, one.edit.pointer, one_side), other.edit.pointer, other_side)
            for one_side, other_side in ((one.edit.before, other.edit.before), (one.edit.after, other.edit.after))
        )
        together = worst(finding.level for finding in fired(before, after))
        if together.rank < max(one.level.rank, other.level.rank):
            yield (
                f"{one.edit.field}, {one.edit.sentence} at {one.place} ({one.level.value}) and {other.edit.field}, {other.edit.sentence} "
                f"at {other.place} ({other.level.value}) are together {together.value}"
            )


def _pairs(cells: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Cells far apart in the list, and so of different kinds, each with one that stands in another place."""
    telling = [cell for cell in cells if cell.fired and cell.level is not Severity.NONE and len(cell.edit.pointer) > 2]
    stride = max(1, len(telling) // (COMPOSED + 1))
    for index in range(0, len(telling), stride):
        one = telling[index]
        for step in range(7, len(telling), max(1, len(telling) // 13)):
            other = telling[(index + step) % len(telling)]
            if _apart(one.edit.pointer, other.edit.pointer):
                yield one, other
                break


def _apart(one: Pointer, other: Pointer) -> bool:
    """Whether neither stands inside the other, nor both in one object that is replaced as a whole."""
    shortest = min(len(one), len(other))
    return one[:shortest] != other[:shortest] and one[:2] != other[:2]
