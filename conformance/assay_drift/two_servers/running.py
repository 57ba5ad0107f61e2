"""One comparison: rounds of questions, each asked of the first server, of the second, and of the first again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assay_conformance.certifying import Watcher
from assay_conformance.driver_context import DriverContext, HookClient
from assay_conformance.evidence import Journal
from assay_conformance.preflight import TargetSilent
from assay_conformance.request_plans import settled_window
from assay_conformance.target import Target
from assay_contracts import Contract, Operation, UsageError

from assay_drift.errors import NothingObserved
from assay_drift.replaying import CarefulWire
from assay_drift.two_servers.alignment import Alignment, alignment_of
from assay_drift.two_servers.answers import Reply, reply
from assay_drift.two_servers.comparison import Comparison, Metric, compared
from assay_drift.two_servers.sample import Question, sample
from assay_drift.two_servers.thresholds import Thresholds

AT_ONCE = 4
"""So many questions under way; the three askings of one follow each other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked how often."""

    count: int = 60
    seed: int = 1
    pages: int = 3
    rounds: int = 1
    interval: float = 0.0
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a sample."""

    number: int
    started: str
    questions: int
    compared: int
    beyond: int

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "round": self.number,
            "started": self.started,
            "questions": self.questions,
            "compared": self.compared,
            "beyond": self.beyond,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What two servers differ in."""

    contract: str
    first: str
    second: str
    plan: Plan
    rounds: tuple[Round, ...]
    metrics: tuple[Metric, ...]
    matched: int
    questions: int
    timings: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    notes: tuple[str, ...] = ()

    @property
    def beyond(self) -> tuple[Metric, ...]:
        """The metrics that were beyond their threshold at least once."""
        return tuple(metric for metric in self.metrics if metric.beyond)

    @property
    def drifted(self) -> bool:
        """Whether anything was."""
        return bool(self.beyond)

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "contract": self.contract,
            "a": self.first,
            "b": self.second,
            "drift": self.drifted,
            "seed": self.plan.seed,
            "questions": self.questions,
            "matched": self.matched,
            "compared": compared(self.metrics),
            "rounds": [finished.as_json() for finished in self.rounds],
            "responseTimes": self.timings,
            "metrics": [metric.as_json() for metric in self.metrics],
            "notes": list(self.notes),
        }


async def run(
    contract: Contract,
    targets: tuple[Target, Target],
    plan: Plan,
    thresholds: Thresholds,
    watcher: Watcher,
    *,
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Outcome:
    """Compare two servers. Raises `NothingObserved` when no question was answered by both with a success."""
    first, second = (_driven(contract, replace(target, hook=None)) for target in targets)
    notes: list[str] = []
    operations = _askable(contract, targets, notes)
    if not operations:
        raise UsageError(str(contract.id), expected="an operation with GET", actual="none", next_step="; ".join(notes))
    roles = _roles(targets)
    same = targets[0].tenants == targets[1].tenants
    alignments: dict[str, Alignment] = {item.id: alignment_of(item, same_tenants=same, given=plan.identities) for item in operations}
    comparison = Comparison(contract, thresholds, alignments)
    rounds: list[Round] = []
    aborted: str | None = None
    window = settled_window(first if targets[0].fixtures.get("window") else second)
    try:
        for number in range(1, plan.rounds + 1):
            name = f"round {number} of {plan.rounds}" if plan.rounds > 1 else "ask both servers"
            watcher.start(name)
            questions = sample(first, operations, roles, window, plan.count, f"{plan.seed}/{number}")
            started, before, beyond = _now(), compared(comparison.metrics.values()), _beyond(comparison)
            try:
                silent = await _ask(first, second, questions, plan.pages, comparison, number)
            except asyncio.CancelledError:
                silent = _stopped()
            done = compared(comparison.metrics.values()) - before
            rounds.append(Round(number, started, len(questions), done, _beyond(comparison) - beyond))
            watcher.finish(name)
            if silent is not None:
                aborted = f"aborted in round {number}: {silent}"
                break
            if number < plan.rounds:
                try:
                    await rest(plan.interval)
                except asyncio.CancelledError:
                    aborted = f"aborted after round {number}: {_stopped()}"
                    break
    finally:
        for driven in (first, second):
            await driven.wire.close()
            await driven.hook.close()
    comparison.judge_times()
    notes += [aborted] if aborted is not None else []
    if not comparison.matched:
        raise NothingObserved(
            f"{targets[0].http} and {targets[1].http}",
            expected="a request with a success response from both",
            actual=_why(comparison, aborted),
        )
    return Outcome(
        str(contract.id),
        targets[0].http,
        targets[1].http,
        plan,
        tuple(rounds),
        tuple(comparison.ordered),
        comparison.matched,
        comparison.questions,
        {"a": comparison.timings[0].as_json(), "b": comparison.timings[1].as_json()},
        tuple(notes),
    )


async def _ask(
    first: DriverContext, second: DriverContext, questions: tuple[Question, ...], pages: int, comparison: Comparison, number: int
) -> str | None:
    """Ask every question; the reason when a server fell silent meanwhile."""
    waiting = iter(questions)
    silent: list[str] = []

    async def work() -> None:
        for question in waiting:
            if silent:
                return
            replies: list[Reply] = []
            for driven in (first, second, first):
                try:
                    replies.append(await reply(driven, question, pages))
                except TargetSilent as silence:
                    silent.append(f"{driven.target.http}: {silence}")
                    replies.append(Reply(0))
            comparison.add(question, replies[0], replies[1], replies[2], number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return silent[0] if silent else None


def _stopped() -> str:
    """What is told of a comparison that somebody stops: it ends with a report of what there is."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    return "it was stopped"


def _driven(contract: Contract, target: Target) -> DriverContext:
    journal = _Blank()
    return DriverContext(contract, target, journal, CarefulWire(target, journal, contract=contract), HookClient(target))


class _Blank(Journal):
    """A journal that keeps nothing: a comparison may run for days."""

    def add(self, item: Any) -> Any:
        """Hand the record back."""
        return item


def _askable(contract: Contract, targets: tuple[Target, Target], notes: list[str]) -> list[Operation]:
    found: list[Operation] = []
    for operation in contract.operations:
        if operation.method != "GET":
            notes.append(f"{operation.id} was not compared: only GET requests are sent")
            continue
        left = sorted(
            {
                item.name
                for target in targets
                for item in operation.parameters
                if item.location == "path" and item.name not in target.fixtures.get("parameters", {})
            }
        )
        if left:
            notes.append(f"{operation.id} was not compared: it needs a value for {', '.join(left)} (fixtures.parameters, or --parameter)")
        else:
            found.append(operation)
    return found


def _roles(targets: tuple[Target, Target]) -> list[str]:
    """The tenants that both targets have; those with data first."""
    both = [name for name in ("primary", "other", "empty") if all(name in target.tenants for target in targets)]
    return both or ["primary"]


def _beyond(comparison: Comparison) -> int:
    return sum(metric.beyond for metric in comparison.metrics.values())


def _why(comparison: Comparison, aborted: str | None) -> str:
    """Why no request had a success response from both."""
    different = next((metric.worst for metric in comparison.metrics.values() if metric.kind == "status" and metric.worst is not None), None)
    if different is not None:
        return f"such as status {different.first} from the first and {different.second} from the second ({different.question})"
    return aborted or "the same rejection from both; are the credentials right?"


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
