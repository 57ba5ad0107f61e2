"""Readers that are not ours say the same of every contract: validators of the standards, and a second validator of schemas."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
from assay_contracts import ContractId, list_contracts, load_contract
from assay_contracts.bundling import BundledDocument
from assay_contracts.contract_folder import find_documents
from assay_contracts.lint import lint_files
from assay_contracts.lint.examples import every_example
from assay_contracts.lint.structure import official_schema
from assay_contracts.lint.subject import Subject
from assay_contracts.reading import read_document
from assay_contracts.self_contained import Embedding
from assay_contracts.vocabulary import read_vocabulary
from jsonschema import Draft7Validator
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

CONTRACTS = list_contracts()
OFFICIAL = Path(__file__).parents[2] / "sdk" / "assay_contracts" / "schemas" / "asyncapi-3.0.0.json"


def bundles(id: ContractId) -> Iterator[tuple[str, dict[str, Any]]]:
    """The bundled documents of a contract by kind; a version may have only one."""
    contract = load_contract(str(id))
    if contract.openapi:
        yield "openapi", dict(contract.openapi)
    if contract.asyncapi:
        yield "asyncapi", dict(contract.asyncapi)


def published_examples(id: ContractId, kind: str, data: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every example of a document with its self-contained schema."""
    openapi, asyncapi = find_documents().sources(id)
    path = openapi if kind == "openapi" else asyncapi
    assert path is not None
    subject = Subject(BundledDocument(read_document(path), data, {}), load_contract(str(id)), read_vocabulary(find_documents()), kind)
    embedding = Embedding(data)
    for pointer, value, schema in every_example(subject):
        yield pointer, value, embedding.embed(schema, pointer)


def spoiled(value: Any) -> Iterator[Any]:
    """The example with each of its members taken away, and each replaced by null."""
    for key in value if isinstance(value, dict) else ():
        yield {name: item for name, item in value.items() if name != key}
        yield value | {key: None}
    yield None


@pytest.mark.parametrize("id", CONTRACTS, ids=str)
def test_a_contract_passes_the_validators_of_its_standards(id: ContractId) -> None:
    """openapi-spec-validator and the official AsyncAPI schema, read by another validator, find nothing."""
    validators: dict[str, Callable[[Any], list[str]]] = {
        "openapi": lambda data: [error.message for error in OpenAPIV31SpecValidator(data).iter_errors()],
        "asyncapi": lambda data: [error.message for error in Draft7Validator(json.loads(OFFICIAL.read_bytes())).iter_errors(data)],
    }

    for kind, data in bundles(id):
        assert validators[kind](copy.deepcopy(data)) == []


@pytest.mark.parametrize("id", CONTRACTS, ids=str)
def test_two_validators_agree_about_every_example(id: ContractId) -> None:
    """jsonschema-rs and openapi-core's validator allow every example, and refuse the same spoiled ones."""
    seen = 0
    for kind, data in bundles(id):
        for pointer, value, schema in published_examples(id, kind, data):
            fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            slow = OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER)
            assert (fast.is_valid(value), slow.is_valid(value)) == (True, True), pointer
            for wrong in spoiled(value):
                assert fast.is_valid(wrong) == slow.is_valid(wrong), (pointer, wrong)
            seen += 1

    assert seen > 10


def test_documents_of_others_are_read_and_linted() -> None:
    """All 24 examples of the AsyncAPI specification, which are 3.1.0, parse and lint, and none breaks its official schema."""
    corpora = os.environ.get("ASSAY_CORPORA")
    if not corpora:
        pytest.skip("ASSAY_CORPORA names no folder with asyncapi-spec-examples/ in it")
    home = Path(corpora) / "asyncapi-spec-examples"
    files = [path for path in home.glob("**/*.y*ml") if "asyncapi:" in path.read_text("utf-8")]
    found = {path.stem: {finding.rule for finding in lint_files([path])} for path in files}
    remote = [path for path in files if "dangling-reference" in found[path.stem]]

    assert len(files) == 24
    # Its payloads are at an address of the web, which is never fetched.
    assert [path.name for path in remote] == ["adeo-kafka-request-reply-asyncapi.yml"]
    for path in files:
        assert path in remote or load_contract(path).channels
    assert not any("document-breaks-the-official-schema" in rules for rules in found.values())


@pytest.mark.parametrize("version", ["3.1", "3.2"])
def test_our_copy_of_the_schema_of_openapi_is_the_one_that_others_have(version: str) -> None:
    """It is unchanged, and as new as theirs."""
    theirs = Path(openapi_spec_validator.__file__).parent / "resources" / "schemas" / f"v{version}" / "schema.json"

    assert official_schema("openapi", version) == json.loads(theirs.read_bytes())
