"""The table of the audit: a row for each edit of each field, with the rules that spoke in each direction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assay_compatibility.classes import Direction, worst

from compatibility_audit.cells import Cell, Status

DIRECTIONS = (Direction.REQUEST, Direction.RESPONSE, Direction.BOTH)


@dataclass(slots=True)
class Row:
    """Every cell of one edit of one field, wherever it was made."""

    kind: str
    object: str
    field: str
    edit: str
    cells: list[Cell]

    def outcome(self, direction: Direction) -> str:
        """The rules that spoke in a direction and the worst class, or what became of the cells without any."""
        here = [cell for cell in self.cells if cell.edit.direction is direction]
        if not here:
            return ""
        rules = sorted({finding.rule for cell in here for finding in cell.fired})
        if not rules:
            return "/".join(sorted({cell.status.value for cell in here}))
        return f"{worst(cell.level for cell in here).value}: {', '.join(rules)}"

    @property
    def reasons(self) -> list[str]:
        """Why nothing was said, where nothing was."""
        return sorted({cell.note for cell in self.cells if cell.status in (Status.WAIVED, Status.EQUAL) and cell.note})

    def as_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "kind": self.kind, "object": self.object, "field": self.field, "edit": self.edit,
            "places": sorted({cell.place for cell in self.cells}),
            "directions": {direction.value: outcome for direction in DIRECTIONS if (outcome := self.outcome(direction))},
            "statuses": dict(sorted(Counter(cell.status.value for cell in self.cells).items())),
            "reasons": self.reasons,
        }  # fmt: skip


def rows(cells: Iterable[Cell]) -> list[Row]:
    """Cells as rows, in the order of their names."""
    found: dict[tuple[str, str, str, str], Row] = {}
    for cell in cells:
        edit = cell.edit.kind if cell.edit.schema else cell.edit.kind.split(" (", 1)[0]
        key = (cell.kind, cell.edit.object, cell.edit.field, edit)
        found.setdefault(key, Row(*key, [])).cells.append(cell)
    return [found[key] for key in sorted(found)]


def counts(cells: Iterable[Cell]) -> dict[str, int]:
    """How many cells there are, and how many of each status."""
    totals = Counter(cell.status.value for cell in cells)
    return {"cells": sum(totals.values()), **{status.value: totals[status.value] for status in Status}}


def troubles(cells: Iterable[Cell]) -> list[str]:
    """The cells that fail the audit, a line each."""
    return [
        f"{cell.status.value}: {cell.kind} {cell.edit.object}.{cell.edit.field}, {cell.edit.sentence}, {cell.edit.direction.value}"
        f" at {cell.place}" + (f": {cell.note}" if cell.note else "")
        for cell in cells
        if cell.status in (Status.UNCLAIMED, Status.CONTRADICTED)
    ]


def markdown(cells: Sequence[Cell], laws: Sequence[str], stale: Sequence[str]) -> str:
    """The page of the audit."""
    totals = counts(cells)
    lines = [
        "# The audit of compatibility", "",
        "Every edit of the object model of OpenAPI 3.1 and AsyncAPI 3.0, and of every keyword of JSON Schema 2020-12, made in every place",
        "of a host document where its object may stand, in both directions and both ways round. The objects and their fields come from",
        "the JSON Schemas that the standards publish. Written by",
        "`python -m compatibility_audit --out FILE`.", "",
        "| " + " | ".join(totals) + " | laws broken | stale waivers |", "|" + "---:|" * (len(totals) + 2),
        "| " + " | ".join(str(value) for value in totals.values()) + f" | {len(laws)} | {len(stale)} |", "",
        "*Claimed*: a rule speaks of it. *Equal*: nothing is said, and nothing changed: the standard's default, another order of what",
        "has none, or the same instances by proof. *Waived*: nothing is said, for a reason that stands below. *Unclaimed*: nobody speaks",
        "of it. *Contradicted*: the class is not what containment and plain instances say, and nothing explains that.", "",
    ]  # fmt: skip
    for kind in sorted({cell.kind for cell in cells}):
        for schema in (False, True):
            lines += _section(kind, [cell for cell in cells if cell.kind == kind and cell.edit.schema is schema], schema=schema)
    return "\n".join(lines) + "\n"


def _section(kind: str, cells: Sequence[Cell], *, schema: bool) -> list[str]:
    name = {"openapi": "OpenAPI", "asyncapi": "AsyncAPI"}[kind]
    lines = [
        f"## {'Schemas in ' if schema else ''}{name}",
        "",
        "| field | edit | request | response | neither | because |",
        "|---|---|---|---|---|---|",
    ]
    for row in _short(rows(cells)) if schema else rows(cells):
        outcome = [row.outcome(direction) for direction in DIRECTIONS]
        place = row.field if schema else f"{row.object}.{row.field}"
        lines.append("| " + " | ".join(_escaped(text) for text in (place, row.edit, *outcome, "; ".join(row.reasons))) + " |")
    return [*lines, ""]


def _short(listed: Sequence[Row]) -> list[Row]:
    """Of each keyword the edits in the first schemas where it matters; the machine form has them all."""
    kept: list[Row] = []
    seen: Counter[str] = Counter()
    for row in listed:
        if seen[row.field] < 6 and any(cell.status is Status.CLAIMED for cell in row.cells):
            seen[row.field] += 1
            kept.append(row)
    return kept


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
