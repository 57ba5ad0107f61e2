"""Traceability: every sentence that binds an implementation is certified by clauses that exist, or not tested for a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from assay_contracts import DocumentMalformed, find_documents, list_contracts, load_contract
from assay_contracts.cli import run
from assay_contracts.traceability import Trace, TracedSentence, binding_sentences, read_traces, trace_contract, trace_vocabulary
from assay_contracts.vocabulary import read_vocabulary

CONTRACTS = [load_contract(str(id)) for id in list_contracts()]


@pytest.fixture(scope="module")
def traced() -> list[TracedSentence]:
    """Every binding sentence of the contracts and the vocabulary."""
    return [item for contract in CONTRACTS for item in trace_contract(contract)] + list(trace_vocabulary())


def test_every_binding_sentence_is_traced(traced: list[TracedSentence]) -> None:
    """A new sentence needs an entry in requirements/traceability.yaml, or a clause of the same words."""
    assert [(item.at.document, item.at.pointer, item.at.sentence) for item in traced if item.trace is None] == []


def test_every_entry_traces_a_sentence_to_clauses_that_exist(traced: list[TracedSentence]) -> None:
    """No entry outlives its sentence, and no clause is invented."""
    known = {clause.id for item in read_vocabulary(find_documents()).annotations.values() for clause in item.clauses}
    known |= {clause.id for contract in CONTRACTS for clause in contract.clauses()}
    used = {item.trace.quote for item in traced if item.trace}

    assert [entry.quote for entry in read_traces(find_documents()) if entry.quote not in used] == []
    assert {clause for entry in read_traces(find_documents()) for clause in entry.clauses} <= known


def test_sentences_are_found_wherever_prose_stands() -> None:
    """In every description; data and clauses are no prose, and a word within another one binds nobody."""
    document = {
        "info": {"description": "It greets. A client MUST say\nits name; others wait. Mustard is served."},
        "paths": {"/a": {"get": {"summary": "The name is rejected\n\n- never twice\n- once"}}},
        "x": {"example": {"description": "You must not read this."}, "clauses": [{"description": "Never this."}]},
    }

    assert [(item.pointer, item.sentence) for item in binding_sentences(document, "lamps")] == [
        ("/info/description", "A client MUST say its name; others wait."),
        ("/paths/~1a/get/summary", "The name is rejected"),
        ("/paths/~1a/get/summary", "never twice"),
    ]


def test_a_sentence_that_is_a_clause_traces_to_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a contract that nobody has seen; what nobody traced fails the check."""
    sentence = "A filter never raises a number that it narrows."
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Lamps", "version": "1.0.0", "description": f"{sentence} A lamp must glow."},
        "paths": {"/lamps": {"get": {"operationId": "listLamps", "responses": {"200": {"description": "Lamps."}}}}},
    }
    path = tmp_path / "lamps.json"
    path.write_text(json.dumps(document))

    assert run(["contracts", "trace", str(path), "--check", "--format", "json"]) == 1
    found = {item["at"]["sentence"]: item["trace"] for item in json.loads(capsys.readouterr().out)}
    assert found == {sentence: {"quote": sentence, "clauses": ["FIL-005"], "not_tested": None}, "A lamp must glow.": None}


def test_an_entry_has_clauses_or_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not both, and not neither."""
    (tmp_path / "openapi").mkdir()
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    register = tmp_path / "requirements" / "traceability.yaml"
    register.parent.mkdir()

    assert read_traces(find_documents()) == ()
    register.write_text("- {quote: It must., clauses: [OP-001]}\n- {quote: It never., notTested: Nobody can.}\n")
    assert read_traces(find_documents()) == (Trace("It must.", ("OP-001",)), Trace("It never.", (), "Nobody can."))
    for wrong in ("- {quote: It must.}", "- {quote: It must., clauses: [OP-001], notTested: No.}"):
        register.write_text(wrong)
        with pytest.raises(DocumentMalformed, match="either `clauses` or `notTested`"):
            read_traces(find_documents())
