"""Mutants that are kept aside: operators of published lists of HTTP response mutation, never looked at while checks are written.

They follow from the contract alone, and know nothing of clauses: any MUST that fails kills one. So what they miss estimates what wrong
servers that nobody thought of would get away with. A delay is not among them, since recorded responses cannot show one.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assay_conformance.evidence import Evidence, Response
from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list, is_mapping

from assay_mutants.edits import GONE, AnswerChange, Change, Which, answering, becoming, editing, heading, kebab, listed, with_body
from assay_mutants.members import Member, members
from assay_mutants.model import HttpMutant
from assay_mutants.offline import Bench, Progress
from assay_mutants.outcomes import Fate
from assay_mutants.selectors import of_success

ORIGIN = "aside"
_CONFIDENCE = 1.959963984540054
"""The quantile of the normal distribution for a 95 % interval."""
_SHAPE = frozenset({"OP-001", "OP-002", "OP-003", "OP-004", "OP-005", "OP-008", "OP-010"})
"""Clauses that judge one response by the document alone: the cheapest come first."""
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class AsideMutant:
    """One mutant of the set, and the operator that made it."""

    operator: str
    mutant: HttpMutant


@dataclass(frozen=True, slots=True)
class AsideFigures:
    """What became of the set: how many fired and how many of those were killed, by operator, and the ids of the survivors."""

    contract: str
    fired: dict[str, int]
    killed: dict[str, int]
    survivors: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many mutants changed some response; the others are not counted."""
        return sum(self.fired.values())

    @property
    def missed(self) -> float:
        """The share that survived; 0 where none was tried."""
        return len(self.survivors) / self.tried if self.tried else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share that survived."""
        return wilson(len(self.survivors), self.tried)

    def as_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "contract": self.contract,
            "set": ORIGIN,
            "tried": self.tried,
            "killed": self.tried - len(self.survivors),
            "missRate": round(self.missed, 4),
            "interval": [round(bound, 4) for bound in self.interval],
            "operators": {name: {"tried": count, "killed": self.killed.get(name, 0)} for name, count in sorted(self.fired.items())},
            "survivors": list(self.survivors),
        }


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; all that is possible where nothing was tried.

    >>> [round(bound, 3) for bound in wilson(5, 100)]
    [0.022, 0.112]
    """
    if not total:
        return 0.0, 1.0
    share, square = count / total, _CONFIDENCE**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _CONFIDENCE / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def aside_mutants(contract: Contract) -> tuple[AsideMutant, ...]:
    """Every mutant of the set for a contract, in the order of their ids."""
    musts = frozenset(promise.clause.id for promise in contract.promises if promise.clause.level == "MUST")
    found: dict[str, AsideMutant] = {}
    for operation in contract.operations:
        for operator, place, change in (*_of_bodies(operation), *_of_lists(operation), *_of_responses(operation)):
            id = kebab("aside", operation.id, place, "item" if place.endswith("/*") else "", operator)
            found.setdefault(id, AsideMutant(operator, HttpMutant(id, operation.id, musts, of_success(change), None, ORIGIN)))
    return tuple(found[id] for id in sorted(found))


def drawn(found: Sequence[AsideMutant], sample: int | None, seed: int) -> tuple[AsideMutant, ...]:
    """So many of the set, the same ones for the same seed; all without a number."""
    if sample is None or sample >= len(found):
        return tuple(found)
    return tuple(sorted(random.Random(seed).sample(list(found), sample), key=lambda item: item.mutant.id))  # noqa: S311 - a draw, not a secret


def try_aside(contract: Contract, evidence: Evidence, found: Sequence[AsideMutant], progress: Progress | None = None) -> AsideFigures:
    """Try the set on recorded evidence of a correct server."""
    bench = Bench(contract, evidence)
    fired: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    survivors: list[str] = []
    for number, item in enumerate(found, start=1):
        mutant = item.mutant
        fate = bench.trial(mutant, only=_SHAPE).fate(mutant.breaks)
        if fate is Fate.SURVIVED:
            fate = bench.trial(mutant, only=mutant.breaks - _SHAPE).fate(mutant.breaks)
        if fate is not Fate.UNFIRED:
            fired[item.operator] += 1
            killed[item.operator] += fate is Fate.KILLED
            survivors += [mutant.id] if fate is not Fate.KILLED else []
        if progress is not None:
            progress(number, len(found))
    return AsideFigures(str(contract.id), dict(fired), dict(killed), tuple(survivors))


def printed(figures: AsideFigures) -> str:
    """The figures for people: one line an operator, then the miss rate; the survivors are in the machine form alone."""
    lines = [f"{'operator':<26} {'tried':>6} {'killed':>6}"]
    lines += [f"{name:<26} {count:>6} {figures.killed.get(name, 0):>6}" for name, count in sorted(figures.fired.items())]
    low, high = figures.interval
    lines.append(
        f"{figures.contract}: {len(figures.survivors)} of {figures.tried} mutants of the set aside survived: "
        f"miss rate {figures.missed:.1%}, 95 % interval {low:.1%} to {high:.1%} (Wilson)"
    )
    return "\n".join(lines)


_Operator = tuple[str, str, AnswerChange]
"""The operator, the place, and the change."""


def _members(operation: Operation) -> Iterator[Member]:
    for status, response in operation.responses.items():
        if status.isdecimal() and 200 <= int(status) < 300:
            for media, schema in response.content.items():
                if "json" in media:
                    yield from members(schema)


def _of_bodies(operation: Operation) -> Iterator[_Operator]:
    """Each value below a success body: left out, null, of another type, at a boundary, another word."""
    for member in _members(operation):
        for operator, change in _of_values(member):
            yield operator, member.pointer, editing(member.pointer, change, _which(member))


def _which(member: Member) -> Which:
    return "last" if "*" in member.pointer else "all"


def _of_values(member: Member) -> Iterator[tuple[str, Change]]:
    yield "left-out", becoming(GONE)
    yield "null", becoming(None)
    yield "another-type", _retyped
    yield "number-zero", _numbers(lambda seen: 0)
    yield "number-negated", _numbers(lambda seen: -seen)
    yield "number-one-more", _numbers(lambda seen: seen + 1)
    yield "number-largest", _numbers(lambda seen: _LARGEST)
    yield "string-empty", lambda seen: "" if isinstance(seen, str) else seen
    yield "string-other-case", lambda seen: seen.swapcase() if isinstance(seen, str) else seen
    yield "boolean-negated", lambda seen: not seen if isinstance(seen, bool) else seen
    yield "other-enum-value", _another_of(member.schema.get("enum"))


def _retyped(seen: Any) -> Any:
    if isinstance(seen, str):
        return len(seen)
    if isinstance(seen, bool | int | float):
        return str(seen)
    if is_mapping(seen):
        return list(seen.values())
    return {"0": seen} if is_list(seen) else seen


def _numbers(change: Callable[[float], float]) -> Change:
    return lambda seen: change(seen) if isinstance(seen, int | float) and not isinstance(seen, bool) else seen


def _another_of(values: Any) -> Change:
    known: list[Any] = values if is_list(values) else []
    return lambda seen: next((value for value in known if value != seen), seen) if seen in known else seen


def _of_lists(operation: Operation) -> Iterator[_Operator]:
    """Each list below a success body: empty, of one item, with an item twice, in another order."""
    changes: tuple[tuple[str, Callable[[list[Any]], list[Any]]], ...] = (
        ("list-empty", lambda items: []),
        ("list-of-one", lambda items: items[:1]),
        ("list-item-twice", lambda items: [*items, *items[-1:]]),
        ("list-reversed", lambda items: items[::-1]),
        ("list-two-swapped", lambda items: [items[-1], *items[1:-1], items[0]] if len(items) > 1 else items),
    )
    for member in _members(operation):
        for operator, change in changes:
            yield operator, member.pointer, editing(member.pointer, listed(change), _which(member))


def _of_responses(operation: Operation) -> Iterator[_Operator]:
    """Each success as a whole: another status of its class or of another one, a header gone or altered, half a body or none."""
    statuses = [int(status) for status in operation.responses if status.isdecimal()]
    within = [status for status in (*statuses, 202, 203) if 200 <= status < 300]
    yield "status-within-its-class", "", lambda answer: answering(next((new for new in within if new != answer.status), 203))(answer)
    for status in (302, 404, 500):
        yield "status-of-another-class", str(status), answering(status)
    names = {header.name for response in operation.responses.values() for header in response.headers.values()} | {"content-type"}
    for name in sorted(names):
        yield "header-left-out", name, heading(name, None)
        yield "header-altered", name, _altered(name)
    yield "body-half", "", lambda answer: with_body(answer, answer.body[: len(answer.body) // 2])
    yield "body-none", "", lambda answer: with_body(answer, "")


def _altered(name: str) -> AnswerChange:
    def change(answer: Response) -> Response:
        value = answer.header(name)
        return answer if value is None else heading(name, f"{value}x")(answer)

    return change
