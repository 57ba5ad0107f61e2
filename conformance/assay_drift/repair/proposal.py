"""The smallest edits under which recorded traffic is allowed, the version that they require, and what the server has to answer for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from assay_compatibility.bumps import next_version
from assay_compatibility.classes import Severity, worst
from assay_compatibility.comparing import compare
from assay_compatibility.documents import as_document
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.versions import Version
from assay_conformance.evidence import Evidence, Exchange, FeedSession
from assay_conformance.verdicts import Row
from assay_contracts import Clause, Contract, parse_bundle, pointers

from assay_drift.recording import Recording
from assay_drift.repair.edits import PatchOperation, patch_of, patched, pointer_of
from assay_drift.repair.exchanges import ExchangeReader
from assay_drift.repair.judged import SHOWN_BY_SCHEMAS, annotation_need, failures, witness_of_row
from assay_drift.repair.needs import DocumentKind, Need, Needs, Reasons, Unexpressed, Witness
from assay_drift.repair.promises import Promises, Weakened
from assay_drift.repair.sessions import SessionReader

_MOST_ROUNDS = 8
"""An edit may show what it hid, such as a bound behind a type; no more often than this."""
_VERSION_ITSELF = ("/info/version", "/info/x-status")


@dataclass(frozen=True, slots=True)
class Edit:
    """One proposed edit: its RFC 6902 operations on the bundled document, and the class of the change."""

    need: Need
    pointer: str
    patch: tuple[PatchOperation, ...]
    level: Severity
    subjects: tuple[str, ...]
    count: int
    witness: Witness
    accepted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "change": self.need.change.value,
            "document": self.need.document,
            "pointer": self.pointer,
            "class": self.level.value,
            "patch": [operation.as_json() for operation in self.patch],
            "subjects": list(self.subjects),
            "count": self.count,
            "witness": self.witness.as_json(),
            "accepted": self.accepted,
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """What the contract promises and the server does not keep.

    `pointer` is what `--accept` takes to change the contract instead; empty where no edit expresses that.
    """

    reason: str
    clause: Clause | None
    subjects: tuple[str, ...]
    witness: Witness
    change: str = ""
    pointer: str = ""
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        clause = self.clause
        return {
            "reason": self.reason,
            "clause": None if clause is None else {"id": clause.id, "level": clause.level, "sentence": clause.sentence},
            "subjects": list(self.subjects),
            "witness": self.witness.as_json(),
            "change": self.change,
            "accept": self.pointer,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits, faults and the required version of one contract; `documents` are the edited bundles by kind."""

    contract: Contract
    edits: tuple[Edit, ...]
    faults: tuple[Fault, ...]
    unexpressed: tuple[Unexpressed, ...]
    level: Severity
    version: Version | None
    documents: dict[DocumentKind, dict[str, Any]] = field(repr=False)
    seen: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the edited contract allows everything that was recorded."""
        return not self.faults and not self.unexpressed

    @property
    def drifted(self) -> bool:
        """Whether contract and recording differ at all."""
        return bool(self.edits) or not self.allowed

    def patch(self, kind: DocumentKind) -> list[PatchOperation]:
        """Every operation on one bundled document in order, the new version last."""
        operations = [operation for edit in self.edits if edit.need.document == kind for operation in edit.patch]
        changed = self.version is not None and str(self.version) != self.contract.id.version
        if changed and self.documents.get(kind):
            operations.append(PatchOperation("replace", "/info/version", str(self.version)))
        return operations


class _Repair:
    """The state of one proposal: the documents as they are edited so far."""

    def __init__(self, contract: Contract, accepted: Collection[str]) -> None:
        self.contract, self.accepted = contract, accepted
        self.documents: dict[DocumentKind, dict[str, Any]] = {}
        if contract.openapi:
            self.documents["openapi"] = contract.openapi
        if contract.asyncapi:
            self.documents["asyncapi"] = contract.asyncapi
        self.edits: dict[Need, Edit] = {}
        self.faults: dict[Need, Fault] = {}

    def current(self) -> Contract:
        """The contract with the edits so far."""
        if not self.edits:
            return self.contract
        return parse_bundle(self.documents.get("openapi", {}), self.documents.get("asyncapi"))

    def take(self, needs: Needs, contract: Contract) -> tuple[bool, list[Unexpressed]]:
        """Meet needs, or keep them as faults; says whether anything was edited, and what is met by no edit."""
        promises, left, edited = Promises(contract), list[Unexpressed](), False
        for need, reasons in needs.items():
            if need in self.faults:
                continue
            weakened, pointer = promises.weakened(need, reasons), self._pointer(need)
            if weakened is not None and pointer not in self.accepted:
                self.faults[need] = _fault(need, reasons, weakened, pointer)
            elif need in self.edits or not self._edit(need, reasons, pointer, accepted=weakened is not None):
                left += [
                    Unexpressed(subject, f"{need.change.value} at {pointer} is not enough", reasons.witness) for subject in reasons.subjects
                ]
            else:
                edited = True
        return edited, left

    def _pointer(self, need: Need) -> str:
        """The place in the contract as it was, where it was there: edits move items of lists."""
        original = self.contract.asyncapi if need.document == "asyncapi" else self.contract.openapi
        there = original is not None and pointers.follow(original, need.pointer) is not pointers.MISSING
        return pointer_of(need, original if there and original is not None else self.documents[need.document])

    def _edit(self, need: Need, reasons: Reasons, pointer: str, *, accepted: bool) -> bool:
        before = self.documents[need.document]
        operations = patch_of(need, reasons.values, before)
        if not operations:
            return False
        after = patched(before, operations)
        level = level_between(before, after)
        self.documents[need.document] = after
        self.edits[need] = Edit(need, pointer, operations, level, tuple(reasons.subjects), reasons.count, reasons.witness, accepted)
        return True

    def level(self, kind: DocumentKind, before: dict[str, Any]) -> Severity:
        """The class of all edits of a document together."""
        levels = [edit.level for edit in self.edits.values() if edit.need.document == kind]
        return levels[0] if len(levels) == 1 else level_between(before, self.documents[kind])

    def judge(self, evidence: Evidence) -> list[Fault]:
        """The failed clauses of a certification; an annotation that was accepted to go is taken out, and the rest judged again."""
        for _ in range(_MOST_ROUNDS):
            contract, edited, found = self.current(), False, list[Fault]()
            for row in failures(contract, evidence):
                need = annotation_need(contract, row)
                if need is not None and need.pointer in self.accepted and need not in self.edits:
                    reasons = Reasons(witness_of_row(evidence, row))
                    reasons.add(None, row.subject, "")
                    edited = self._edit(need, reasons, need.pointer, accepted=True) or edited
                elif not self._shown(row):
                    found.append(_failed(contract, evidence, row, need))
            if not edited:
                return found
        return []

    def _shown(self, row: Row) -> bool:
        return row.clause in SHOWN_BY_SCHEMAS and any(row.subject in fault.subjects for fault in self.faults.values())


def propose(contract: Contract, recording: Recording, accepted: Collection[str] = ()) -> Proposal:
    """The smallest edits of a contract under which a recording is allowed.

    What would weaken a promise is a fault of the server, unless its pointer is one of `accepted`.
    """
    repair = _Repair(contract, accepted)
    exchanges: Iterable[Exchange] = recording.exchanges
    sessions: Iterable[FeedSession] = recording.sessions
    seen: dict[str, int] = {}
    left: list[Unexpressed] = []
    for _ in range(_MOST_ROUNDS):
        current, needs = repair.current(), Needs()
        left = []
        if contract.openapi:
            http = ExchangeReader(current, needs, requests=recording.requests)
            exchanges = http.read(exchanges)
            left += http.unexpressed
            seen.setdefault("exchanges", http.count)
        if contract.asyncapi:
            feed = SessionReader(current, needs, requests=recording.requests)
            sessions = feed.read(sessions)
            left += feed.unexpressed
            seen.setdefault("sessions", feed.count)
        edited, unmet = repair.take(needs, current)
        left += unmet
        if not edited:
            break
    faults = [*repair.faults.values()]
    if recording.evidence is not None:
        faults += repair.judge(recording.evidence)
    level = worst(repair.level(kind, before) for kind, before in _documents(contract))
    version, notes = _required(contract, level)
    return Proposal(
        contract, tuple(repair.edits.values()), tuple(faults), _distinct(left), level, version, repair.documents, seen, tuple(notes)
    )


def level_between(before: dict[str, Any], after: dict[str, Any]) -> Severity:
    """The class of the changes between two states of a document; how it names its own version is no change."""
    if before is after:
        return Severity.NONE
    found = compare(as_document(before), as_document(after)).findings
    return worst(finding.level for finding in found if finding.pointer not in _VERSION_ITSELF)


def _documents(contract: Contract) -> Iterable[tuple[DocumentKind, dict[str, Any]]]:
    if contract.openapi:
        yield "openapi", contract.openapi
    if contract.asyncapi:
        yield "asyncapi", contract.asyncapi


def _required(contract: Contract, level: Severity) -> tuple[Version | None, list[str]]:
    notes = ["a change that cannot be decided counts as breaking"] if level is Severity.UNDECIDED else []
    try:
        return next_version(Version.parse(contract.id.version), level), notes
    except DocumentRefused:
        return None, [*notes, f"the version {contract.id.version} is no semantic version, so none is required after it"]


def _fault(need: Need, reasons: Reasons, weakened: Weakened, pointer: str) -> Fault:
    return Fault(
        weakened.reason, weakened.clause, tuple(reasons.subjects), reasons.witness, need.change.value, pointer, reasons.count
    )  # fmt: skip


def _failed(contract: Contract, evidence: Evidence, row: Row, need: Need | None) -> Fault:
    clause = next((clause for clause in contract.clauses() if clause.id == row.clause), None)
    reason = f"expected {row.expected}, got {row.actual}" if row.expected else row.actual or row.about
    pointer = "" if need is None else need.pointer
    return Fault(reason, clause, (row.subject,), witness_of_row(evidence, row), "" if need is None else need.change.value, pointer)


def _distinct(left: Iterable[Unexpressed]) -> tuple[Unexpressed, ...]:
    """One of each subject and reason, with its first witness."""
    found: dict[tuple[str, str], Unexpressed] = {}
    for item in left:
        found.setdefault((item.subject, item.reason), replace(item))
    return tuple(found.values())
