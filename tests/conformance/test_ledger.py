"""What was exercised, and what a later run exercised less."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from assay_conformance.evidence import Evidence, write_evidence
from assay_conformance.judging import judge
from assay_conformance.ledger import Lost, exercised, less_exercised
from assay_contracts import parse_bundle
from assay_contracts.cli import main

from .lamp_certificate import lamp, recorded

ONCE = recorded(lamp())
TWICE = Evidence(ONCE.provenance, (*ONCE.records, *recorded(lamp(), at=dt.datetime(2026, 11, 2, 11, tzinfo=dt.UTC)).records))
NEVER = Evidence(ONCE.provenance, ())


def counts(evidence: Evidence) -> dict[tuple[str, str], int]:
    """How often each clause was evaluated."""
    return exercised(judge(parse_bundle(evidence.provenance.openapi), evidence))


def test_each_evaluation_is_counted() -> None:
    """A record that a clause does not speak of counts for nothing."""
    assert counts(ONCE)["OP-001", "getLamp"] == 1
    assert counts(TWICE)["OP-001", "getLamp"] == 2
    assert counts(NEVER) == {}
    assert counts(recorded(lamp(), '{"lit":"yes"}'))["OP-001", "getLamp"] == 1


def test_what_is_exercised_less_is_listed() -> None:
    """Not at all, or less than half as often."""
    before = {("A-1", "get"): 4, ("A-2", "get"): 4, ("A-3", "get"): 1}

    assert list(less_exercised(before, {("A-1", "get"): 2, ("A-2", "get"): 1})) == [Lost("A-2", "get", 4, 1), Lost("A-3", "get", 1, 0)]


def test_judge_refuses_a_run_that_shows_less(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Though all that it shows is right; and evidence of another contract is no measure."""
    once, never, other = (tmp_path / name for name in ("once.gz", "never.gz", "other.gz"))
    write_evidence(once, ONCE)
    write_evidence(never, NEVER)
    write_evidence(other, recorded(lamp("another")))

    def run(*arguments: Path | str) -> int:
        with pytest.raises(SystemExit) as exit:
            main(["judge", *map(str, arguments)])
        return int(exit.value.code or 0)

    assert run(once, "--against", once) == 0
    capsys.readouterr()
    assert run(never, "--against", once) == 1
    assert "exercised less: OP-001 getLamp: evaluated 1 times before, 0 now" in capsys.readouterr().err
    assert run(once, "--against", other) == 2
