"""A proposal as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from assay_drift.repair.edits import PatchOperation
from assay_drift.repair.needs import Witness
from assay_drift.repair.proposal import Edit, Fault, Proposal

_LONGEST = 160


def render_proposal(proposal: Proposal, source: str, notes: Sequence[str], form: str) -> str:
    """The proposal in one of the known forms, `text` or `json`."""
    notes = (*notes, *proposal.notes)
    return _json(proposal, source, notes) if form == "json" else "\n".join(_lines(proposal, source, notes)) + "\n"


def _json(proposal: Proposal, source: str, notes: Sequence[str]) -> str:
    """The stable machine form."""
    content: dict[str, Any] = {
        "contract": str(proposal.contract.id),
        "source": source,
        "allowed": proposal.allowed,
        "class": proposal.level.value,
        "version": None if proposal.version is None else str(proposal.version),
        "seen": proposal.seen,
        "edits": [edit.as_json() for edit in proposal.edits],
        "faults": [fault.as_json() for fault in proposal.faults],
        "unexpressed": [
            {"subject": item.subject, "reason": item.reason, "witness": item.witness.as_json()} for item in proposal.unexpressed
        ],
        "patches": {kind: [operation.as_json() for operation in proposal.patch(kind)] for kind in proposal.documents},
        "notes": list(notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _lines(proposal: Proposal, source: str, notes: Sequence[str]) -> Iterator[str]:
    yield f"{proposal.contract.id} against {source}: " + ", ".join(f"{count} {name}" for name, count in proposal.seen.items() if count)
    if proposal.edits:
        yield from ("", "PROPOSED: the contract may allow it")
        for edit in proposal.edits:
            yield from _edit(edit)
    if proposal.faults:
        yield from ("", "SERVER AT FAULT: the contract promises otherwise")
        for fault in proposal.faults:
            yield from _fault(fault)
    if proposal.unexpressed:
        yield from ("", "NOT EXPRESSED: no edit here would allow it")
        for item in proposal.unexpressed:
            yield f"  {item.subject}: {item.reason}"
            yield from _witness(item.witness)
    if notes:
        yield from ("", *(f"note: {note}" for note in notes))
    yield from ("", _verdict(proposal))


def _edit(edit: Edit) -> Iterator[str]:
    yield f"  {edit.need.change.value}  {edit.pointer}  ({edit.level.value}{', accepted' if edit.accepted else ''})"
    for operation in edit.patch:
        yield f"    {_operation(operation)}"
    yield f"    {_seen(edit.count)} in {', '.join(edit.subjects)}"
    yield from _witness(edit.witness)


def _fault(fault: Fault) -> Iterator[str]:
    yield f"  {', '.join(fault.subjects)}: {fault.reason}"
    if fault.clause is not None:
        yield f"    clause    {fault.clause.id} {fault.clause.level}: {fault.clause.sentence}"
    yield from _witness(fault.witness)
    if fault.pointer:
        yield f"    to change the contract instead ({fault.change}): --accept {fault.pointer}"


def _witness(witness: Witness) -> Iterator[str]:
    yield f"    request   {witness.request}" + (f"  [{witness.record}]" if witness.record else "")
    about = ": ".join(part for part in (witness.place, witness.seen) if part)
    yield f"    response  {witness.response}" + (f", {about}" if about else "")


def _operation(operation: PatchOperation) -> str:
    if operation.op == "remove":
        return f"remove {operation.path}"
    value = json.dumps(operation.value, ensure_ascii=False)
    return f"{operation.op} {operation.path} {value if len(value) <= _LONGEST else value[: _LONGEST - 1] + '…'}"


def _seen(count: int) -> str:
    return f"seen {count} times" if count > 1 else "seen once"


def _verdict(proposal: Proposal) -> str:
    if not proposal.drifted:
        return "The contract allows everything that was recorded."
    parts = [f"{len(proposal.edits)} edits proposed", f"{len(proposal.faults)} faults of the server"]
    if proposal.unexpressed:
        parts.append(f"{len(proposal.unexpressed)} not expressed")
    version = "undecided" if proposal.version is None else str(proposal.version)
    required = f" Required version: {version} ({proposal.level.value} change of {proposal.contract.id.version})." if proposal.edits else ""
    return f"{', '.join(parts)}.{required}"
