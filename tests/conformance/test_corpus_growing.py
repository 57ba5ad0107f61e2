"""Growing a corpus: offline, the same in every process, and pinned to what Schemathesis reports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from assay_conformance.corpus import read_corpus
from assay_conformance.corpus.frozen import beside
from assay_contracts import load_contract

# Growing takes half a minute a contract, on every core that there is.
pytestmark = pytest.mark.slow

SMALL = """
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
x-error-taxonomy:
  envelope: {code: /code}
  categories: {validation: {retry: none, shows: The error.}}
  codes:
    BAD: {category: validation, status: 400, retryable: false, provoke: {request: missing-parameter}}
    BAD_BODY: {category: validation, status: 400, retryable: false, provoke: {request: bad-body}}
    GONE: {category: validation, status: 404, retryable: false, provoke: {request: unknown-resource}}
    WHAT: {category: validation, status: 415, retryable: false, provoke: {request: unknown-media-type}}
paths:
  /orders/{orderId}:
    get:
      operationId: getOrder
      parameters:
        - {name: orderId, in: path, required: true, schema: {type: string, pattern: "^[0-9]{4}$"}, example: "0042"}
        - {name: lines, in: query, schema: {type: boolean}}
        - {name: part, in: query, schema: {type: string, enum: [head, all]}}
      responses:
        "200": {description: The order., content: {application/json: {schema: {type: object}}}}
      x-error-codes: [BAD, GONE]
  /orders:
    post:
      operationId: placeOrder
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [amount], properties: {amount: {type: integer, minimum: 1}}}
      responses:
        "201": {description: The order., content: {application/json: {schema: {type: object}}}}
      x-error-codes: [BAD, BAD_BODY, WHAT]
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "orders.yaml"
    path.write_text(SMALL)
    grow(path, "1")
    return path


def grow(document: Path, hash_seed: str, *more: str) -> str:
    """Grow in a process of its own, as the command line does."""
    code = "import sys; from assay_conformance.corpus.commands import corpus; corpus(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "grow", "--contract", str(document), *more],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_grow_the_same_bytes(document: Path, tmp_path: Path) -> None:
    """Whatever the hash seed, the working directory and the modules around it."""
    again = tmp_path / "again.gz"
    grow(document, "2", "--out", str(again))

    assert again.read_bytes() == beside(document).read_bytes()


def test_another_seed_grows_another_corpus(document: Path, tmp_path: Path) -> None:
    """The seed matters, so it is written down."""
    other = tmp_path / "other.gz"
    grow(document, "1", "--seed", "7", "--out", str(other))

    assert read_corpus(other).seed == 7
    assert {case.id for case in read_corpus(other).cases} != {case.id for case in read_corpus(beside(document)).cases}


def test_path_values_and_bodies_are_grown_too(document: Path) -> None:
    """A contract with a path parameter and a body gets cases of both kinds for each."""
    contract = load_contract(document)
    corpus = read_corpus(beside(document), contract)
    outcomes = {(case.operation, case.outcome, case.codes) for case in corpus.cases}

    assert outcomes >= {
        ("getOrder", "accepted", ()),
        ("getOrder", "refused", ("BAD", "GONE")),
        ("getOrder", "refused", ("BAD",)),
        ("placeOrder", "accepted", ()),
        ("placeOrder", "refused", ("BAD_BODY",)),
    }


def test_the_phases_of_schemathesis_and_the_pairs_all_contribute(document: Path) -> None:
    """A phase that silently grows nothing, or an event of another shape, would be seen here."""
    origins = {case.origin for case in read_corpus(beside(document)).cases}

    assert origins >= {"pairs", "coverage", "fuzzing"}
