"""What evidence of a certification shows the server to break, beyond what schemas say: failed clauses with their exchanges."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from assay_conformance.evidence import Evidence, Exchange, FeedSession, Record
from assay_conformance.judging import judge
from assay_conformance.verdicts import Row, Verdict
from assay_contracts import Contract, pointers

from assay_drift.repair.exchanges import annotation_pointer
from assay_drift.repair.needs import Change, Need, Witness, witness_of
from assay_drift.repair.places import below, landed

SHOWN_BY_SCHEMAS = frozenset({"OP-001", "OP-002", "OP-003", "OP-004", "COD-002", "CHA-001"})
"""Clauses whose failures are found place by place already."""


def failures(contract: Contract, evidence: Evidence) -> list[Row]:
    """The MUSTs that the evidence breaks."""
    return [row for row in judge(contract, evidence).rows if row.verdict is Verdict.FAIL and row.level == "MUST"]


def annotation_need(contract: Contract, row: Row) -> Need | None:
    """What a contract that does not promise a failed clause would leave out; None for what no annotation of a subject promises."""
    annotation = next((clause.annotation for clause in contract.clauses() if clause.id == row.clause), "")
    operation = next((item for item in contract.operations if item.id == row.subject), None)
    if operation is not None:
        pointer = annotation_pointer(contract.openapi, operation, annotation)
        return None if pointer is None else Need("openapi", Change.ANNOTATION, pointer, annotation)
    channel = next((item for item in contract.channels if item.id == row.subject), None)
    document = contract.asyncapi
    if channel is None or document is None:
        return None
    owned = [below(document, "", "operations", action.id) for action in channel.actions]
    for holder in (below(document, "", "channels", channel.id), *owned):
        pointer = landed(document, holder) + pointers.join(annotation)
        if pointers.follow(document, pointer) is not pointers.MISSING:
            return Need("asyncapi", Change.ANNOTATION, pointer, annotation)
    return None


def witness_of_row(evidence: Evidence, row: Row) -> Witness:
    """The request and the response that a failed clause is shown by: of a conversation the last ones."""
    records = {record.id: record for record in evidence.records}
    shown = list(_wire(records[id] for id in row.records if id in records))
    if not shown:
        return Witness(", ".join(row.records) or "the whole run", "several", "several", row.about)
    last = shown[-1]
    if isinstance(last, Exchange):
        return dataclasses.replace(witness_of(last), record=", ".join(row.records), place=row.about)
    return Witness(", ".join(row.records), f"channel {last.subject}", "frames", row.about)


def _wire(values: Iterable[Any]) -> Iterator[Exchange | FeedSession]:
    """The exchanges and sessions that records are or hold, in order."""
    for value in values:
        if isinstance(value, Exchange | FeedSession):
            yield value
        elif isinstance(value, Record):
            yield from _wire(getattr(value, item.name) for item in dataclasses.fields(value) if not item.name.startswith("_"))
        elif isinstance(value, tuple):
            yield from _wire(value)  # pyright: ignore[reportUnknownArgumentType]
