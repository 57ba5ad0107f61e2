"""Mutants of clauses that our released contract does not promise, tried on what an honest server of a stranger's contract answered."""

from __future__ import annotations

import asyncio

import pytest
from assay_mutants.offline import Bench
from assay_mutants.roster import all_mutants

from .test_law import run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "clauses"),
    [
        ("jobs-under-keys", ("IDE-", "JOB-")),
        ("a-time-of-generation", ("CAC-009", "CAC-010")),
        ("pages-by-offset-with-a-total", ("PAG-015",)),
    ],
)
def test_every_mutant_of_the_clauses_of_a_shape_is_killed(shape: str, clauses: tuple[str, ...]) -> None:
    """Each that fires makes one of the clauses fail that it breaks."""
    result = asyncio.run(run(shape))
    here = Bench(result.contract, result.evidence)
    mutants = [item for item in all_mutants(here.contract) if any(clause.startswith(clauses) for clause in item.breaks)]
    trials = [(item, here.trial(item)) for item in mutants]

    assert mutants != []
    assert [item.id for item, trial in trials if not trial.fires] == []
    assert [item.id for item, trial in trials if not {kill.clause for kill in trial.kills} & item.breaks] == []
    assert [trial.errors for _, trial in trials if trial.errors] == []
