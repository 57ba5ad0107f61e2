"""The register of ambiguities: well-formed, about clauses that exist, and shown where a clause appears."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from assay_contracts import DocumentMalformed, find_documents, list_contracts, load_contract
from assay_contracts.ambiguities import Ambiguity, ambiguity_register, open_readings, read_ambiguities
from assay_contracts.cli import run
from assay_contracts.site.version import view_version
from assay_contracts.vocabulary import read_vocabulary

REGISTER = ambiguity_register(find_documents())


def test_the_register_fits_its_schema() -> None:
    """As JSON Schema says; every id once, in ascending order."""
    entries = yaml.safe_load(REGISTER.read_text("utf-8"))
    schema = json.loads(REGISTER.with_name("ambiguities.schema.json").read_text("utf-8"))

    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(entries)] == []
    ids = [entry["id"] for entry in entries]
    assert ids == sorted(set(ids))


def test_every_entry_is_about_clauses_that_exist() -> None:
    """Clauses of the vocabulary or of a contract, in contracts that exist."""
    contracts = [load_contract(str(id)) for id in list_contracts()]
    known = {clause.id for annotation in read_vocabulary(find_documents()).annotations.values() for clause in annotation.clauses}
    known |= {clause.id for contract in contracts for clause in contract.clauses()}

    for item in read_ambiguities():
        assert set(item.clauses) <= known, item.id
        assert set(item.contracts) <= {contract.id.name for contract in contracts}, item.id


def test_a_settled_reading_and_that_of_another_contract_are_not_open() -> None:
    """`until` settles; `contracts` restricts."""
    item = Ambiguity("AMB-900", ("OP-001",), "Which?", "Either.", "0.1.0", ("lamps",))

    assert item.concerns("lamps")
    assert not item.concerns("jars")
    assert not Ambiguity("AMB-901", ("OP-001",), "Which?", "Either.", "0.1.0", until="0.2.0").concerns("lamps")


def test_open_readings_are_those_of_the_clauses_asked_for() -> None:
    """By clause; a reading of one contract alone is not open in others."""
    assert [item.id for item in open_readings("lamps", ["CAC-006", "CAC-001"])["CAC-006"]] == ["AMB-006"]
    assert "VER-001" not in open_readings("lamps", ["VER-001"])
    assert [item.id for item in open_readings("reliability", ["VER-001"])["VER-001"]] == ["AMB-018"]


def test_documents_without_a_register_have_no_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another folder of documents need not have one; a malformed one is an error that names the place."""
    (tmp_path / "openapi").mkdir()
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    assert read_ambiguities() == ()
    path = ambiguity_register(find_documents())
    path.parent.mkdir()
    path.write_text("- id: 7\n")
    with pytest.raises(DocumentMalformed, match="0/id"):
        read_ambiguities()


def test_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, or those that are open in a contract; the requirement set names them in comments, so it stays YAML."""
    assert run(["contracts", "ambiguities", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(read_ambiguities())
    assert run(["contracts", "ambiguities", "executive@1.0.0"]) == 0
    listed = capsys.readouterr().out
    assert "AMB-006" in listed
    assert "AMB-018" not in listed
    assert run(["contracts", "requirements", "reliability@1.0.0"]) == 0
    printed = capsys.readouterr().out
    assert "# VER-001 can be read in two ways (AMB-018): " in printed
    assert set(yaml.safe_load(printed)) == {"contract", "requirements"}


def test_the_site_shows_them_beside_their_clause() -> None:
    """In the view of each version that promises the clause."""
    readings = {view.clause.id: view.readings for view in view_version(load_contract("reliability@1.0.0")).clauses}

    assert [item.id for item in readings["VER-001"]] == ["AMB-018"]
    assert readings["CAC-001"] == ()
