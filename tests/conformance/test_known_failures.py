"""Failures that a team knows of: they keep a pipeline green, and never certify."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from assay_conformance.evidence import write_evidence
from assay_conformance.judging import judge
from assay_conformance.known_failures import KnownFailure, compare_known, read_known_failures
from assay_conformance.verdicts import Outcome, Row, Verdict
from assay_contracts import parse_bundle
from assay_contracts.cli import main
from assay_contracts.errors import DocumentMalformed, DocumentMissing

from .lamp_certificate import lamp, recorded

TODAY = date(2026, 11, 30)
WRONG = recorded(lamp(), '{"lit":"yes"}')


def row(verdict: Verdict, clause: str = "OP-001", subject: str = "getLamp", level: str = "MUST") -> Row:
    """A row of an outcome."""
    return Row(clause, level, "It holds.", subject, verdict)


def entry(clause: str = "OP-001", subject: str = "*", expires: date = TODAY) -> KnownFailure:
    """An entry of a list."""
    return KnownFailure(clause, "a lamp of the old kind", "lamps", expires, subject)


@pytest.mark.parametrize(
    ("rows", "entries", "known", "new", "stale"),
    [
        ([row(Verdict.FAIL)], [entry()], 1, 0, 0),
        ([row(Verdict.FAIL)], [entry(subject="getLamp")], 1, 0, 0),
        ([row(Verdict.FAIL)], [], 0, 1, 0),
        ([row(Verdict.FAIL)], [entry(subject="putLamp")], 0, 1, 1),
        ([row(Verdict.FAIL)], [entry(expires=date(2026, 11, 29))], 0, 1, 1),
        ([row(Verdict.FAIL), row(Verdict.PASS, subject="putLamp")], [entry()], 1, 0, 0),
        ([row(Verdict.INCONCLUSIVE)], [entry()], 1, 0, 0),
        ([row(Verdict.ERROR)], [entry()], 0, 1, 0),
        ([row(Verdict.PASS)], [entry()], 0, 0, 1),
        ([row(Verdict.FAIL, level="SHOULD")], [entry()], 0, 0, 0),
        ([row(Verdict.FAIL)], [entry(), entry("OP-002")], 1, 0, 1),
    ],
)
def test_a_run_and_a_list_are_held_against_each_other(
    rows: list[Row], entries: list[KnownFailure], known: int, new: int, stale: int
) -> None:
    """An entry that is over, or that nothing needs, is out of date; a check that failed is never known."""
    outcome = Outcome(tuple(rows))

    compared = compare_known(outcome, outcome.blocking, entries, TODAY)

    assert (len(compared.known), len(compared.new), len(compared.stale)) == (known, new, stale)
    assert compared.holds is (new == stale == 0)


def test_everything_that_is_wrong_with_a_list_is_said_at_once(tmp_path: Path) -> None:
    """Before a run begins."""
    path = tmp_path / "known.toml"
    path.write_text('[[known]]\nclause = "A"\nreson = "x"\nexpires = 2027-01-31T00:00:00Z\n[[known]]\nkind = "odd"\n', encoding="utf-8")

    with pytest.raises(DocumentMalformed) as caught:
        read_known_failures(path)

    problems = str(caught.value.actual).split("; ")
    assert problems == [
        "known 1 has the unknown key `reson`",
        "known 1 needs `reason`, a string",
        "known 1 needs `owner`, a string",
        "known 1 needs `expires`, a date such as 2027-01-31",
        "known 2 needs `clause`, a string",
        "known 2 needs `reason`, a string",
        "known 2 needs `owner`, a string",
        "known 2: `kind` is neither known nor ambiguous",
        "known 2 needs `expires`, a date such as 2027-01-31",
    ]
    with pytest.raises(DocumentMissing):
        read_known_failures(tmp_path / "none.toml")


def test_judge_takes_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is listed does not fail the command, and is certified no more for it."""
    evidence, listed, part = tmp_path / "evidence.gz", tmp_path / "known.toml", tmp_path / "part.toml"
    write_evidence(evidence, WRONG)
    rows = judge(parse_bundle(WRONG.provenance.openapi), WRONG).blocking
    entries = [f'[[known]]\nclause = "{row.clause}"\nreason = "old"\nowner = "lamps"\nexpires = 2999-12-31\n' for row in rows]
    listed.write_text("".join(dict.fromkeys(entries)), encoding="utf-8")
    part.write_text("".join(dict.fromkeys(entries[1:])), encoding="utf-8")

    def run(*arguments: Path | str) -> int:
        with pytest.raises(SystemExit) as exit:
            main(["judge", str(evidence), *map(str, arguments)])
        return int(exit.value.code or 0)

    assert run() == 1
    capsys.readouterr()
    assert run("--known-failures", listed, "--format", "json") == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert result["certified"] is False
    assert len(result["known_failures"]["known"]) == len(rows)
    assert "known: OP-001 getLamp, lamps until 2999-12-31: old" in printed.err
    assert run("--known-failures", part) == 1
    assert f"new: {rows[0].verdict.value} {rows[0].clause} {rows[0].subject}" in capsys.readouterr().err
    assert run("--known-failures", tmp_path / "none.toml") == 2
