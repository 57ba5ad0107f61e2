"""`assay mutants` as a person calls it: what it prints and the code it leaves with."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from assay_conformance.evidence import Evidence, Exchange, Provenance, Request, Response, write_evidence
from assay_contracts import load_contract, parse_bundle
from assay_contracts.cli import run
from assay_mutants.roster import all_mutants, chosen
from assay_mutants.trying import drawn_by_clause

CONTRACT = parse_bundle(load_contract("reliability@1.0.0").openapi)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A run that saw one page and nothing else."""
    page = {"schemaVersion": "1.0.0", "items": [], "page": {"cursor": None, "hasMore": False, "pageSize": 50}}
    headers = (("content-type", "application/json"), ("x-correlation-id", "req-00000001"), ("cache-control", "no-store"))
    exchange = Exchange(
        id="x1",
        subject="listFailures",
        purpose="a page",
        request=Request("GET", "/v1/analytics/failures", (("tenantId", "tenant-a"),)),
        response=Response(200, headers, orjson.dumps(page).decode()),
    )
    provenance = Provenance("reliability@1.0.0", CONTRACT.digest, "", "", "0", {}, "2026-11-21T00:00:00Z", openapi=CONTRACT.openapi)
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, Evidence(provenance, (exchange,)))
    return path


def test_the_list_names_every_mutant(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON the list can be read by other tools."""
    code = run(["mutants", "list", "--only", "PAG-001", "--format", "json"])
    rows = orjson.loads(capsys.readouterr().out)

    assert code == 0
    assert rows
    assert all("PAG-001" in row["breaks"] for row in rows)


def test_thin_evidence_does_not_pass_the_gates(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A matrix in which most clauses kill nothing says so, in print, on the page and by its exit code."""
    page = tmp_path / "matrix.md"
    code = run(["mutants", "matrix", str(recorded), "--workers", "1", "--markdown", str(page)])
    printed = capsys.readouterr().out

    assert code == 1
    assert "PAG-001: kills no mutant" in printed
    assert "gates do not hold" in printed
    assert "list-failures-items-is-missing" in page.read_text("utf-8")


def test_a_part_of_the_mutants_is_judged_by_itself(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where only some mutants are asked for, the gates that need all of them are left out."""
    code = run(["mutants", "matrix", str(recorded), "--only", "list-failures-page-is", "--format", "json"])
    data = orjson.loads(capsys.readouterr().out)

    assert (code, data["holds"], data["problems"]) == (0, True, [])
    assert {row["fate"] for row in data["mutants"]} == {"killed"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["matrix", "nowhere.ndjson.gz"], "nowhere.ndjson.gz"),
        (["list", "--only", "no-such-mutant"], "0 mutants"),
        (["matrix", "--only", "no-such-mutant"], "see `assay mutants list`"),
        (["live", "--only", "no-such-mutant"], "see `assay mutants list`"),
        (["matrix", "--markdown", "nowhere/page.md"], "nowhere/page.md"),
        (["live", "--sample", "0"], "--sample"),
        (["live", "--contract", "reliability"], "reliability"),
        (["live", "--target", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is named, without a traceback."""
    code = run(["mutants", *arguments])
    printed = capsys.readouterr().err

    assert code == (0 if arguments[0] == "list" else 2)
    assert expected in printed
    assert "Traceback" not in printed


def test_evidence_of_another_contract_is_refused(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence carries its contract; naming another one is a mistake."""
    other = recorded.parent / "2.0.0.yaml"
    other.write_text("openapi: 3.1.0\ninfo: {title: Other, version: 2.0.0}\npaths: {}\n", "utf-8")

    assert run(["mutants", "matrix", str(recorded), "--contract", str(other)]) == 2
    assert "reliability@1.0.0" in capsys.readouterr().err


def test_a_sample_covers_every_clause() -> None:
    """Each clause that some mutant breaks has one in the sample, and the same seed draws the same."""
    everything = all_mutants(load_contract("reliability@1.0.0"))
    drawn = drawn_by_clause(everything, 1, 7)

    assert {clause for mutant in drawn for clause in mutant.breaks} == {clause for mutant in everything for clause in mutant.breaks}
    assert drawn == drawn_by_clause(everything, 1, 7)
    assert len(drawn) < len(everything) / 3


def test_mutants_are_chosen_by_name_or_clause() -> None:
    """A word is looked for in names and at the beginning of clauses."""
    everything = all_mutants(CONTRACT)

    assert {clause[:3] for mutant in chosen(everything, ["WIN"]) for clause in mutant.breaks} >= {"WIN"}
    assert chosen(everything, []) == everything
