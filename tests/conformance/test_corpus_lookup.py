"""A corpus is grown when there is none and kept beside the contract, never in the installed package."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_conformance.corpus import Corpus, read_corpus
from assay_conformance.corpus.frozen import FROZEN, shape_of
from assay_conformance.corpus.lookup import kept_path, obtain_corpus
from assay_contracts import Contract, load_contract

TEXT = """
openapi: 3.1.0
info: {title: Clock, version: 1.0.0}
paths:
  /time:
    get: {operationId: getTime, responses: {"200": {description: The time.}}}
"""


def grown(contract: Contract) -> Corpus:
    """A corpus without requests, which takes no time to grow."""
    return Corpus(str(contract.id), shape_of(contract), "nothing", 1, (), {})


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A contract in a file of its own."""
    path = tmp_path / "clock.yaml"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_corpus_is_grown_once_and_kept_beside_its_contract(document: Path) -> None:
    """The second time it is read."""
    contract = load_contract(document)
    first = obtain_corpus(contract, str(document), grow=grown)
    second = obtain_corpus(contract, str(document), grow=grown)

    assert (first.grown, second.grown) == (True, False)
    assert (first.path, second.path) == (document.with_name("clock.yaml.corpus.ndjson.gz"),) * 2


def test_a_contract_that_changed_is_grown_again(document: Path) -> None:
    """A kept corpus of other requests is replaced; it is not an error."""
    obtain_corpus(load_contract(document), str(document), grow=grown)
    document.write_text(TEXT.replace("getTime, ", "getTime, parameters: [{name: zone, in: query, schema: {type: string}}], "), "utf-8")
    contract = load_contract(document)
    found = obtain_corpus(contract, str(document), grow=grown)

    assert (found.grown, read_corpus(found.path or document).shape) == (True, shape_of(contract))


def test_a_version_of_a_folder_is_kept_in_that_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`$ASSAY_DOCUMENTS/corpus/`, which is made when it is not there."""
    (tmp_path / "openapi" / "clock").mkdir(parents=True)
    (tmp_path / "openapi" / "clock" / "1.0.0.yaml").write_text(TEXT, "utf-8")
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    found = obtain_corpus(load_contract("clock@1.0.0"), "clock@1.0.0", grow=grown)

    assert found.path == tmp_path.resolve() / "corpus" / "clock-1.0.0.ndjson.gz"
    assert sorted(path.name for path in FROZEN.glob("clock*")) == []


def test_a_folder_that_cannot_be_written_ends_nothing(document: Path) -> None:
    """The requests are used and not kept."""
    found = obtain_corpus(load_contract(document), str(document), document / "no-folder" / "mine.gz", grow=grown)

    assert (found.grown, found.path) == (True, None)


def test_an_address_keeps_nothing() -> None:
    """Where a contract comes from an address there is no place beside it."""
    assert kept_path(load_contract("reliability@1.0.0"), "http://127.0.0.1:8000/openapi.json") is None


def test_the_shipped_corpus_is_used_for_a_shipped_contract() -> None:
    """It is frozen: nothing is grown."""
    found = obtain_corpus(load_contract("reliability@1.0.0"), "reliability@1.0.0", grow=grown)

    assert (found.grown, found.path) == (False, FROZEN / "reliability-1.0.0.ndjson.gz")
