"""Mutants of clauses that our released contract does not promise, tried on what an honest server of a stranger's contract answered."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest
from assay_mutants.offline import Bench
from assay_mutants.roster import all_mutants

from .test_law import run

CLAUSES = ("IDE-", "JOB-")


@cache
def bench() -> Bench:
    """The clean evidence of the shape with jobs and keys."""
    result = asyncio.run(run("jobs-under-keys"))
    return Bench(result.contract, result.evidence)


@pytest.mark.slow
def test_every_mutant_of_jobs_and_keys_is_killed() -> None:
    """Each that fires makes one of the clauses fail that it breaks."""
    here = bench()
    mutants = [item for item in all_mutants(here.contract) if any(clause.startswith(CLAUSES) for clause in item.breaks)]
    trials = [(item, here.trial(item)) for item in mutants]

    assert [item.id for item, trial in trials if not trial.fires] == []
    assert [item.id for item, trial in trials if not {kill.clause for kill in trial.kills} & item.breaks] == []
    assert [trial.errors for _, trial in trials if trial.errors] == []
