"""Findings: one per root cause, with everything that it reaches and a fingerprint that stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assay_compatibility.classes import Severity, worst
from assay_compatibility.schemas.normal_form import canonical
from assay_compatibility.walks.schema_walk import Caller, PairKey, PendingFinding, Walk

# Rules that a walk asks and rules that it reports itself share the areas that people see.
AREAS = {
    "operations": "operation",
    "parameters": "parameter",
    "bodies": "body",
    "media-types": "media-type",
    "statuses": "response",
    "webhooks": "webhook",
    "callbacks": "callback",
    "messages": "message",
    "choice": "schema",
}


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file.

    `line` and `column` count from one. `pointer` is a JSON Pointer inside that file.
    """

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {"file": self.file, "line": self.line, "column": self.column, "pointer": self.pointer}


@dataclass(frozen=True, slots=True)
class Finding:
    """One change, what it means, and what it affects.

    `level` is its class and `direction` one of `request`, `response`, `both`. `pointer` is a JSON Pointer in the new document, of a removal
    in the old one. `reaches` names operations and messages. `before` and `after` are JSON values. When `has_witness` is true, `witness`
    is an instance that one side accepts and the other rejects; else `unshown` says why there is none.
    """

    rule: str
    level: Severity
    direction: str
    area: str
    pointer: str
    reaches: tuple[str, ...]
    sentence: str
    before: Any = None
    after: Any = None
    witness: Any = None
    has_witness: bool = False
    # Why no instance shows it: because none can, or because a proof says that none is lost.
    unshown: str | None = None
    policy: str | None = None
    axis: str = "wire"
    # Where it is written in the old and in the new document, as far as it is; and where to look first, in the new one.
    old: Location | None = None
    new: Location | None = None
    location: Location | None = None
    # The pointers of what was compared, and what tells this finding from another of the same fingerprint.
    places: tuple[str, str] | None = None
    twin: str = ""
    # How often a consumer meets what it is about; None where no consumer was named.
    uses: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same rule, pointer and direction, whatever else is in the documents."""
        return hashlib.sha256(f"{self.rule}\n{self.pointer}\n{self.direction}{self.twin}".encode()).hexdigest()[:16]

    def _located(self) -> tuple[tuple[str, Location | None], ...]:
        return ("old", self.old), ("new", self.new), ("location", self.location)

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "rule": self.rule,
            "class": self.level.value,
            "direction": self.direction,
            "area": self.area,
            "pointer": self.pointer,
            "reaches": list(self.reaches),
            "witness": self.witness,
            "witnessed": self.has_witness,
            "unshown": self.unshown,
            "policy": self.policy,
            "before": self.before,
            "after": self.after,
            "sentence": self.sentence,
            "fingerprint": self.fingerprint,
            "axis": self.axis,
            **{name: location.as_json() if location is not None else None for name, location in self._located()},
            **({} if self.uses is None else {"uses": self.uses}),
        }


@dataclass(frozen=True, slots=True)
class Consumer:
    """Whose use of the old document findings are ranked by: calls by operation, and how many calls lead elsewhere."""

    source: str
    operations: Mapping[str, int]
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two documents, the most severe first.

    `level` is the class of all of them together.
    """

    findings: tuple[Finding, ...]
    old: str = ""
    new: str = ""
    consumer: Consumer | None = None

    @property
    def level(self) -> Severity:
        """The class of all changes together."""
        return worst(finding.level for finding in self.findings)

    @property
    def concerning(self) -> tuple[Finding, ...]:
        """The findings that concern the consumer; all where none was named."""
        return self.findings if self.consumer is None else tuple(finding for finding in self.findings if finding.uses)

    @property
    def consumer_level(self) -> Severity:
        """The class of what concerns the consumer; of all where none was named."""
        return worst(finding.level for finding in self.concerning)

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        plain = {"class": self.level.value, "findings": [finding.as_json() for finding in self.findings]}
        if self.consumer is None:
            return plain
        used_by = {
            "source": self.consumer.source,
            "class": self.consumer_level.value,
            "findings": len(self.concerning),
            "operations": dict(self.consumer.operations),
            "elsewhere": self.consumer.elsewhere,
        }
        return {**plain, "usedBy": used_by}


def findings_of(walk: Walk) -> tuple[Finding, ...]:
    """The walk's drafts with what they reach, worst first and then by pointer."""
    known: dict[PairKey, frozenset[str]] = {}
    findings = [_finding(draft, _reaches(walk, draft.callers, known)) for draft in walk.drafts.values()]
    return _with_twins(in_order(findings))


def _with_twins(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Several changes of one place by one rule keep the fingerprint of the first, and add what they are about."""
    met: set[str] = set()
    distinct: list[Finding] = []
    for finding in findings:
        if finding.fingerprint in met:
            finding = replace(finding, twin="\n" + canonical([finding.before, finding.after]))
        met.add(finding.fingerprint)
        distinct.append(finding)
    return tuple(distinct)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, then by pointer: the order that people and machines see."""
    return tuple(
        sorted(findings, key=lambda finding: (-finding.level.rank, finding.pointer, finding.rule, finding.direction, str(finding.after)))
    )


def _finding(draft: PendingFinding, reaches: tuple[str, ...]) -> Finding:
    rule = draft.rule
    return Finding(
        rule.id,
        draft.level,
        draft.direction.value,
        AREAS.get(rule.area, rule.area),
        draft.pointer,
        reaches,
        rule.sentence,
        draft.before,
        draft.after,
        policy=draft.policy,
        places=None if draft.places is None else _sides(draft.pointer, *draft.places),
    )


def _sides(pointer: str, old: str, new: str) -> tuple[str, str]:
    """The pointer on the old and on the new side of what was compared."""
    for own, other, turned in ((new, old, False), (old, new, True)):
        if pointer == own or pointer.startswith(own if own.endswith("#") else f"{own}/"):
            there = other + pointer[len(own) :]
            return (pointer, there) if turned else (there, pointer)
    return pointer, pointer


def _reaches(walk: Walk, callers: Iterable[Caller], known: dict[PairKey, frozenset[str]]) -> tuple[str, ...]:
    found: set[str] = set()
    for caller in callers:
        if isinstance(caller, str):
            found.add(caller)
            continue
        if caller not in known:
            known[caller] = _upward(walk, caller)
        found |= known[caller]
    return tuple(sorted(found))


def _upward(walk: Walk, start: PairKey) -> frozenset[str]:
    seen: set[PairKey] = {start}
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for caller in walk.callers.get(waiting.pop(), ()):
            if isinstance(caller, str):
                found.add(caller)
            elif caller not in seen:
                seen.add(caller)
                waiting.append(caller)
    return frozenset(found)
