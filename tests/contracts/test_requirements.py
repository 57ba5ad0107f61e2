"""Requirement sets: what a certificate rests on, frozen and compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_contracts import list_contracts, load_contract
from assay_contracts.cli import run
from assay_contracts.requirements import derive_requirements, read_requirements, write_requirements


@pytest.mark.parametrize("contract_id", list_contracts(), ids=str)
def test_a_requirement_set_reads_back_as_it_was_derived(contract_id: object, tmp_path: Path) -> None:
    """Every clause with its level, sentence, condition and subjects survives the file."""
    contract = load_contract(str(contract_id))
    path = tmp_path / "requirements.yaml"
    path.write_text(write_requirements(contract))

    found = read_requirements(path)

    assert found == derive_requirements(contract)
    assert [requirement.clause.id for requirement in found] == sorted({promise.clause.id for promise in contract.promises})
    assert all(requirement.subjects for requirement in found)


def test_a_set_is_written_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing set and a changed one fail the check, a written one passes it."""
    from shutil import copytree

    from assay_contracts import find_documents

    root = find_documents().root
    for kind in ("openapi", "asyncapi"):
        copytree(root / kind, tmp_path / kind)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    assert run(["contracts", "requirements", "--check"]) == 1
    assert run(["contracts", "requirements", "--write"]) == 0
    assert run(["contracts", "requirements", "--check"]) == 0
    for path in (tmp_path / "requirements").glob("*.yaml"):
        path.write_text(path.read_text().replace("MUST", "SHOULD", 1))
    capsys.readouterr()
    assert run(["contracts", "requirements", "--check"]) == 1
    assert "the set is not what was frozen" in capsys.readouterr().out
