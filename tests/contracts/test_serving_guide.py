"""The page for teams with a contract of their own: its contract is clean, and its commands do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from assay_contracts import ContractFolder, ContractId
from assay_contracts.cli import run
from assay_contracts.locking import status_of

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "serve-an-api.md"
ID = "lending@1.0.0"


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContractFolder:
    """A folder with nothing in it but the contract of the page."""
    ((name, text),) = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    return ContractFolder(tmp_path)


def test_its_contract_is_clean_and_promises_what_it_annotates(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """No finding, not even a warning; the clauses of the vocabulary and its own are shown."""
    assert run(["contracts", "lint", "--strict"]) == 0
    assert run(["contracts", "show", ID]) == 0

    output = capsys.readouterr().out
    assert all(clause in output for clause in ("PAG-001", "COD-001", "FLT-001", "LEN-001"))


def test_its_commands_write_what_they_say(documents: ContractFolder, tmp_path: Path) -> None:
    """A site, a client, and for a version that is out a bundle, a lock and a requirement set that notice a change."""
    source = tmp_path / "openapi/lending/1.0.0.yaml"

    assert run(["contracts", "site", "--out", str(tmp_path / "site")]) == 0
    assert run(["generate", "python", "--contract", ID, "--out", str(tmp_path / "clients")]) == 0
    assert "# The contract is a draft: it may still change.\n" in (tmp_path / "clients/lending/client.py").read_text()

    source.write_text(source.read_text().replace("x-status: draft, ", ""))
    assert run(["contracts", "lock"]) == 0
    assert status_of(documents, ContractId.parse(ID)) == "released"
    source.write_text("# a comment\n" + source.read_text())
    assert run(["contracts", "lock", "--check"]) == 0
    source.write_text(source.read_text().replace("What is lent", "Who has what"))
    assert run(["contracts", "lock", "--check"]) == 1
