"""Profiles of a run: all of it, or a quick look that gives no certificate."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from assay_conformance.corpus import Corpus, CorpusCase
from assay_conformance.run_plan import FULL_PLAN, RunPlan


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of a run is made.

    `plan` names its steps, `cases_each` how many requests of the corpus are sent for each operation, outcome and error code: None is all.
    Only a profile that `certifies` can give a certificate.
    """

    name: str
    plan: RunPlan
    cases_each: int | None = None
    certifies: bool = True

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


QUICK_STEPS = frozenset(
    {"operation", "statuses", "credentials", "error_codes", "error_taxonomy", "pagination", "order", "cache", "tenancy", "derived"}
)
"""Drivers that only read and are done in a moment."""

FULL = Profile("full", FULL_PLAN)
SMOKE = Profile("smoke", RunPlan(tuple(step for step in FULL_PLAN.beside if step.name in QUICK_STEPS)), cases_each=3, certifies=False)
PROFILES = {profile.name: profile for profile in (FULL, SMOKE)}
