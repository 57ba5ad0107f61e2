"""A whole run: both kinds of documents, on two processors where there are two, and the laws over all cells."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass

from compatibility_audit.battery import Battery
from compatibility_audit.cells import Cell
from compatibility_audit.crosscheck import Crosscheck
from compatibility_audit.laws import composing_never_lowers, same_finds_nothing, swapping_turns
from compatibility_audit.verdicts import Audit
from compatibility_audit.waivers import read_waivers


@dataclass(frozen=True, slots=True)
class Result:
    """What an audit found."""

    cells: tuple[Cell, ...]
    laws: tuple[str, ...]
    # What the containment engine said and plain instances refuted.
    engine: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    cells: tuple[Cell, ...]
    laws: tuple[str, ...]
    engine: tuple[str, ...]
    used: frozenset[str]


def audited(kinds: Sequence[str] = ("openapi", "asyncapi"), *, every: int = 1) -> Result:
    """The audit of some kinds of documents; of so many cells only one, for a quick look."""
    tasks = [(kind, every) for kind in kinds]
    if len(kinds) > 1 and every == 1 and (os.cpu_count() or 1) > 1:
        with multiprocessing.get_context("spawn").Pool(len(kinds)) as pool:
            parts = pool.starmap(_part, tasks)
    else:
        parts = [_part(*task) for task in tasks]
    used = {reason for part in parts for reason in part.used}
    return Result(
        tuple(cell for part in parts for cell in part.cells),
        tuple(law for part in parts for law in part.laws),
        tuple(sorted({doubt for part in parts for doubt in part.engine})),
        tuple(reason for reason in read_waivers().reasons if reason not in used),
    )


def _part(kind: str, every: int) -> _Part:
    audit = Audit(kind, battery=Battery(Crosscheck(), every))
    cells = tuple(audit.cells(every=every))
    laws = [
        *same_finds_nothing(audit.host),
        *swapping_turns(kind, cells),
        *composing_never_lowers(audit.host, cells, most=400 // every + 1),
    ]
    return _Part(cells, tuple(laws), tuple(audit.crosscheck.contradictions), frozenset(audit.waivers.used))
