"""How often each metric was compared, how often it was beyond its threshold, and where it was worst."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from assay_conformance.body_values import at
from assay_contracts import Contract, Operation

from assay_drift.redacting import shown_code
from assay_drift.two_servers.alignment import Alignment
from assay_drift.two_servers.answers import Reply
from assay_drift.two_servers.number_kinds import NumberKinds
from assay_drift.two_servers.pairing import Pair, pairs
from assay_drift.two_servers.sample import Question
from assay_drift.two_servers.thresholds import Threshold, Thresholds


@dataclass(frozen=True, slots=True)
class Worst:
    """Where a metric was furthest apart."""

    question: str
    round: int
    first: str
    second: str
    distance: float
    share: float | None

    @property
    def rank(self) -> tuple[float, float]:
        """What is worst comes last."""
        return (math.inf if self.share is None else self.share, self.distance)

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "question": self.question,
            "round": self.round,
            "a": self.first,
            "b": self.second,
            "absolute": self.distance,
            "relative": self.share,
        }


@dataclass(slots=True)
class Metric:
    """One metric of one operation, over everything that was asked."""

    operation: str
    pointer: str
    kind: str
    threshold: Threshold
    compared: int = 0
    different: int = 0
    beyond: int = 0
    moving: int = 0
    rounds: set[int] = field(default_factory=set[int])
    worst: Worst | None = None

    def add(self, *, beyond: bool, different: bool, moving: bool, worst: Worst, round: int) -> None:
        """One more comparison."""
        self.compared += 1
        self.different += different
        self.moving += moving
        self.beyond += beyond
        if beyond:
            self.rounds.add(round)
        if different and (self.worst is None or worst.rank > self.worst.rank):
            self.worst = worst

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {
            "operation": self.operation,
            "metric": self.pointer,
            "class": self.kind,
            "threshold": str(self.threshold),
            "compared": self.compared,
            "different": self.different,
            "beyond": self.beyond,
            "moving": self.moving,
            "rounds": sorted(self.rounds),
            "worst": self.worst.as_json() if self.worst else None,
        }


@dataclass(slots=True)
class Timing:
    """How long one server took, in seconds a request."""

    took: list[float] = field(default_factory=list[float])

    def quantile(self, share: float) -> float:
        """The time that this share of requests stayed below; 0 when there were none."""
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {"requests": len(self.took), "p50Ms": round(self.quantile(0.5) * 1000, 2), "p95Ms": round(self.quantile(0.95) * 1000, 2)}


@dataclass(frozen=True, slots=True)
class Observation:
    """One comparison of two values that are equal or not: `values` are those of the first and of the second server, as text."""

    pointer: str
    kind: str
    different: bool
    moving: bool
    values: tuple[str, str]


class Comparison:
    """Takes replies in, three to a question, and keeps the metrics."""

    def __init__(self, contract: Contract, thresholds: Thresholds, alignments: dict[str, Alignment]) -> None:
        self._contract, self._thresholds, self._alignments = contract, thresholds, alignments
        self._kinds: dict[str, NumberKinds] = {}
        self.metrics: dict[tuple[str, str, str], Metric] = {}
        self.timings = (Timing(), Timing())
        self.questions = 0
        self.matched = 0
        """Questions that both servers answered with a success."""

    def add(self, question: Question, first: Reply, second: Reply, again: Reply, round: int) -> None:
        """One question, as the first server, the second and the first once more answered it."""
        self.questions += 1
        self.timings[0].took.extend((*first.took, *again.took))
        self.timings[1].took.extend(second.took)
        operation = question.operation
        moving = first.status != again.status
        different = not moving and second.status != first.status
        statuses = (_status_text(first), _status_text(second))
        self._record(question, round, Observation("status", "status", different=different, moving=moving, values=statuses))
        if moving or second.status != first.status:
            return
        if not first.succeeded:
            self._codes(question, first, second, again, round)
            return
        self.matched += 1
        alignment = self._alignments[operation.id]
        if first.cut or second.cut or again.cut:
            alignment = Alignment(alignment.identities, alignment.ignored, frozenset(first.items))
        for pair in pairs(alignment, _without_items(first), _without_items(second), _without_items(again)):
            self._pair(question, pair, round)
        for pointer in first.items:
            lists = [answer.items.get(pointer, []) for answer in (first, second, again)]
            for pair in pairs(alignment, lists[0], lists[1], lists[2], pointer):
                self._pair(question, pair, round)

    def judge_times(self) -> None:
        """Hold how long the second server takes against the first, where a threshold is given."""
        threshold = self._thresholds.classes["response-time"]
        if math.isinf(threshold.limit) or not all(timing.took for timing in self.timings):
            return
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            one, two = (timing.quantile(share) * 1000 for timing in self.timings)
            metric = self._metric("all operations", name, "response-time", threshold)
            worst = _worst("all questions", 0, one, two)
            metric.add(beyond=two > one and threshold.exceeded(one, two), different=one != two, moving=False, worst=worst, round=0)

    @property
    def ordered(self) -> list[Metric]:
        """The metrics: what is beyond first, the worst share first of all."""
        return sorted(
            self.metrics.values(),
            key=lambda metric: (-(metric.beyond > 0), -metric.beyond / metric.compared, metric.operation, metric.pointer, metric.kind),
        )

    def _codes(self, question: Question, first: Reply, second: Reply, again: Reply, round: int) -> None:
        """Two refusals of one status: their codes, where the contract says where they stand."""
        taxonomy = self._contract.taxonomy
        pointer = None if taxonomy is None else taxonomy.envelope.get("code")
        if not isinstance(pointer, str):
            return
        one, two, three = (shown_code(at(answer.body, pointer)) for answer in (first, second, again))
        moving = one != three
        different = not moving and two != one
        self._record(question, round, Observation(pointer, "status", different=different, moving=moving, values=(one, two)))

    def _pair(self, question: Question, pair: Pair, round: int) -> None:
        if pair.low is None or pair.value is None:
            kind = pair.kind.rpartition(" ")[2] if " " in pair.kind else "text"
            values = {"missing": ("there", "missing"), "extra": ("not there", "extra")}.get(pair.kind.partition(" ")[0], ("", ""))
            pointer = pair.pointer or "/"
            self._record(question, round, Observation(pointer, kind, different=not pair.same, moving=pair.moving, values=values))
            return
        if pair.kind == "time":
            # Two clocks never agree on a moving time.
            kind, value, reference = "time", pair.value, pair.value if pair.moving else pair.reference
        else:
            kind, value, reference = self._kinds_of(question.operation).of(pair.pointer, pair.value), pair.value, pair.reference
        threshold = self._thresholds.of(question.operation.id, pair.pointer, kind)
        metric = self._metric(question.operation.id, pair.pointer, kind, threshold)
        metric.add(
            beyond=threshold.exceeded(reference, value),
            different=value != reference,
            moving=pair.moving,
            worst=_worst(question.label, round, reference, value),
            round=round,
        )

    def _record(self, question: Question, round: int, observation: Observation) -> None:
        operation, pointer, kind = question.operation.id, observation.pointer, observation.kind
        threshold = self._thresholds.of(operation, pointer, kind)
        self._metric(operation, pointer, kind, threshold).add(
            beyond=observation.different and not math.isinf(threshold.limit),
            different=observation.different,
            moving=observation.moving,
            worst=Worst(question.label, round, *observation.values, distance=1.0, share=None),
            round=round,
        )

    def _metric(self, operation: str, pointer: str, kind: str, threshold: Threshold) -> Metric:
        key = (operation, pointer, kind)
        if key not in self.metrics:
            self.metrics[key] = Metric(operation, pointer, kind, threshold)
        return self.metrics[key]

    def _kinds_of(self, operation: Operation) -> NumberKinds:
        if operation.id not in self._kinds:
            self._kinds[operation.id] = NumberKinds(operation, self._thresholds)
        return self._kinds[operation.id]


def compared(metrics: Iterable[Metric]) -> int:
    """How many comparisons there were of all metrics."""
    return sum(metric.compared for metric in metrics)


def _worst(question: str, round: int, reference: float, value: float) -> Worst:
    distance = abs(value - reference)
    share = distance / abs(reference) if reference else (0.0 if not distance else None)
    return Worst(question, round, _number(reference), _number(value), distance, share)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.10g}"


def _status_text(reply: Reply) -> str:
    return str(reply.status) if reply.status else "no response"


def _without_items(reply: Reply) -> Any:
    """The body of a list without its items, which are compared over all pages."""
    from assay_conformance.body_values import without

    return without(reply.body, reply.items)
