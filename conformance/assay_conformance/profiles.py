"""Profiles of a run: all of it, what fits into half a minute, or a quick look. Only the whole gives a certificate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

import orjson

from assay_conformance.corpus import Corpus, CorpusCase
from assay_conformance.run_plan import FULL_PLAN, RunPlan, Step


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of a run is made.

    `plan` names its steps, `cases_each` how many requests of the corpus are sent for each operation, outcome and error code: None is all.
    `seconds` is when no further driver begins: None is never. Only a profile that `certifies` can give a certificate.
    """

    name: str
    plan: RunPlan
    cases_each: int | None = None
    certifies: bool = True
    seconds: float | None = None

    def corpus(self, whole: Corpus) -> Corpus:
        """The requests of the corpus that this profile sends, spread evenly over those of a kind."""
        if self.cases_each is None:
            return whole
        kinds: dict[tuple[str, str, tuple[str, ...]], list[CorpusCase]] = defaultdict(list)
        for case in whole.cases:
            kinds[case.operation, case.outcome, case.codes].append(case)
        kept = {case.id for cases in kinds.values() for case in _spread(cases, self.cases_each)}
        return replace(whole, cases=tuple(case for case in whole.cases if case.id in kept))


def _spread(cases: list[CorpusCase], most: int) -> list[CorpusCase]:
    if len(cases) <= most:
        return cases
    return [cases[index * len(cases) // most] for index in range(most)]


def measured_seconds() -> dict[str, float]:
    """The seconds of each driver as measured, in the order in which the drivers are worth their time.

    `assay mutants drivers` measures them: those come first that kill most a second which no other driver kills.
    """
    content = orjson.loads(files("assay_conformance").joinpath("driver_figures.json").read_bytes())
    return {name: float(figures["seconds"]) for name, figures in content["drivers"].items()}


def estimated_seconds(plan: RunPlan, costs: Mapping[str, float]) -> float:
    """How long a plan takes at most: what runs beside each other shares one machine, and adds up there; what only waits does not."""

    def total(steps: Iterable[Step]) -> float:
        return sum(costs.get(step.name_of_figures, 0.0) for step in steps)

    def longest(steps: Iterable[Step]) -> float:
        return max((costs.get(step.name_of_figures, 0.0) for step in steps), default=0.0)

    before_stream = total(plan.beside) + total(plan.changing_before_stream)
    return max(max(before_stream, longest(plan.long)) + total(plan.changing_after_stream), longest(plan.throughout))


def plan_within(plan: RunPlan, costs: Mapping[str, float], seconds: float) -> RunPlan:
    """The steps of a plan that fit into so many seconds, those worth most first; `costs` is in that order.

    A driver without figures is left out: nobody knows what it costs.
    """
    chosen: set[str] = set()
    for name in costs:
        if estimated_seconds(plan.with_figures(chosen | {name}), costs) <= seconds:
            chosen.add(name)
    return plan.with_figures(chosen)


QUICK_STEPS = frozenset(
    {"operation", "statuses", "credentials", "error_codes", "error_taxonomy", "pagination", "order", "cache", "tenancy", "derived"}
)
"""Drivers that only read and are done in a moment."""
GATE_SECONDS = 24.0
"""Of the half minute, what the drivers may take; the rest is for starting and judging."""

FULL = Profile("full", FULL_PLAN)
GATE = Profile("gate", plan_within(FULL_PLAN, measured_seconds(), GATE_SECONDS), cases_each=12, certifies=False, seconds=GATE_SECONDS)
SMOKE = Profile("smoke", RunPlan(tuple(step for step in FULL_PLAN.beside if step.name in QUICK_STEPS)), cases_each=3, certifies=False)
PROFILES = {profile.name: profile for profile in (FULL, GATE, SMOKE)}
