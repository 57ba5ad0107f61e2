"""The frozen corpus: what is in it, what is not, and that openapi-core reads it as the oracle does."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from itertools import combinations
from pathlib import Path

import orjson
import pytest
from assay_conformance.corpus import Corpus, find_corpus, read_corpus, write_corpus
from assay_conformance.corpus.cases import CorpusCase, Slot
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.frozen import DIGESTS, FROZEN, read_digests, shape_of
from assay_conformance.corpus.pairing import paired
from assay_conformance.corpus.schemas import options_of, properties_of
from assay_conformance.corpus.slots import example_values
from assay_conformance.corpus.witness import Witness
from assay_conformance.errors import CorpusError
from assay_contracts import Contract, Operation, load_contract, parse_bundle, released_contracts


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("reliability@1.0.0")


@pytest.fixture(scope="module")
def corpus(contract: Contract) -> Corpus:
    return find_corpus(contract)


def test_every_released_contract_version_has_a_frozen_corpus_that_fits_it() -> None:
    """No contract version is released without the requests that its certificates rest on."""
    found = {str(version): find_corpus(load_contract(str(version))).contract for version in released_contracts()}

    assert found == {str(version): str(version) for version in released_contracts()}


def test_the_digest_file_names_every_corpus() -> None:
    """`sha256sum -c` finds each file as it was frozen."""
    actual = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FROZEN.glob("*.ndjson.gz")}

    assert read_digests(DIGESTS) == actual


def test_the_oracle_says_of_every_case_what_the_corpus_says(contract: Contract, corpus: Corpus) -> None:
    """A change of the oracle, or of an annotation, is a change of the corpus."""
    oracles = {operation.id: Oracle(contract, operation) for operation in contract.operations}
    expectations = [oracles[case.operation].expect(case.request) for case in corpus.cases]

    assert [(expectation.outcome, expectation.codes, expectation.why) for expectation in expectations] == [
        (case.outcome, case.codes, case.why) for case in corpus.cases
    ]


def test_the_witness_agrees_on_every_case(contract: Contract, corpus: Corpus) -> None:
    """openapi-core finds the same requests to fit their schemas, and neither calls all of them good or all of them bad."""
    testimony = Witness(contract).of_corpus(corpus)

    assert testimony.disagreements == ()
    assert 200 < testimony.refused < testimony.shown - 200


def test_the_witness_agrees_on_every_example_and_on_every_example_that_lacks_a_member(contract: Contract) -> None:
    """Bodies of answers are read the same by jsonschema-rs and by openapi-core."""
    testimony = Witness(contract).of_examples()

    assert testimony.disagreements == ()
    assert 0 < testimony.refused < testimony.shown


def test_the_witness_objects_to_a_case_that_is_called_good_and_is_not(contract: Contract, corpus: Corpus) -> None:
    """The agreement is no formality: a planted error is found."""
    bad = next(case for case in corpus.of("listFailures") if case.why == "pageSize: breaks maximum")

    assert Witness(contract).objection(bad) is not None


def test_each_operation_has_enough_good_and_bad_requests_and_not_too_many(contract: Contract, corpus: Corpus) -> None:
    """A replay takes seconds, and no operation is certified on one side alone."""
    counts = {operation.id: Counter(case.outcome for case in corpus.of(operation.id)) for operation in contract.operations}

    assert all(found["accepted"] >= 40 and found["refused"] >= 100 and found.total() <= 500 for found in counts.values()), counts


def test_every_code_that_a_request_alone_can_bring_about_is_expected_somewhere_by_itself(contract: Contract, corpus: Corpus) -> None:
    """Each validation code of an operation is the only right answer to some request."""
    for operation in contract.operations:
        alone = {case.codes[0] for case in corpus.of(operation.id) if len(case.codes) == 1}
        governed = {code for code in operation.error_codes if code.startswith("INVALID_")} | {"SCHEMA_MISMATCH"}
        assert alone == governed, operation.id


def test_every_two_values_of_every_two_parameters_meet_in_an_accepted_request(contract: Contract, corpus: Corpus) -> None:
    """Every combination of two named values, or of one and none, has been asked for."""
    for operation in contract.operations:
        named = _named(operation)
        met = {
            pair
            for case in corpus.of(operation.id)
            if case.outcome == "accepted"
            for pair in combinations(sorted((name, _value(case, name)) for name in named), 2)
        }
        wanted = {
            tuple(sorted(((one, first), (other, second))))
            for one, other in combinations(sorted(named), 2)
            for first in (*named[one], "")
            for second in (*named[other], "")
        }
        assert wanted - met == set(), operation.id


def test_pairs_are_far_fewer_than_all_combinations(contract: Contract) -> None:
    """Every pair is met in little more requests than the two largest parameters have values."""
    requests = paired(contract.operation("listFailures"), example_values(contract))

    assert 42 <= len(requests) <= 70


def test_no_case_carries_a_credential_or_a_tenant_of_its_own(corpus: Corpus) -> None:
    """Credentials come from the target, and so does every tenant that is accepted."""
    headers = {name for case in corpus.cases for name, _ in case.request.headers}
    tenants = {case.request.values("tenantId") for case in corpus.cases if case.outcome == "accepted"}

    assert "authorization" not in headers
    assert tenants == {(Slot("tenant:primary"),)}


def test_a_corpus_is_written_the_same_and_read_back_the_same(corpus: Corpus, tmp_path: Path) -> None:
    """Neither the time nor the name of the file enters it."""
    one, other = tmp_path / "one.gz", tmp_path / "other.gz"
    write_corpus(one, corpus)
    write_corpus(other, read_corpus(one))

    assert one.read_bytes() == other.read_bytes()
    assert read_corpus(other) == corpus


def test_the_heading_accounts_for_what_was_left_out(corpus: Corpus) -> None:
    """Whoever reads the file sees how many requests were dropped, and why."""
    assert corpus.dropped["a parameter that is given twice"] > 0


def test_a_changed_description_leaves_the_shape_and_a_changed_bound_does_not(contract: Contract) -> None:
    """A corpus outlives better words and no other change."""
    source = orjson.dumps(contract.openapi)
    words = parse_bundle(orjson.loads(source.replace(b"The step of the series.", b"How wide a step is.")))
    bound = parse_bundle(orjson.loads(source.replace(b'"maximum":200', b'"maximum":100')))

    assert shape_of(words) == shape_of(contract)
    assert shape_of(bound) != shape_of(contract)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: [], "1: expected a line of assay-corpus/1"),
        (lambda lines: [b"{}", *lines[1:]], "the format is None"),
        (lambda lines: lines[:-1], "where the heading says"),
        (lambda lines: [*lines[:-1], lines[-2]], "or one twice"),
        (lambda lines: [*lines[:4], lines[4].replace(b'"operation":"', b'"operation":"x'), *lines[5:]], "5: expected a line"),
        (lambda lines: [*lines[:4], b"[]", *lines[5:]], "5: expected a line"),
    ],
)
def test_a_damaged_corpus_names_the_line(corpus: Corpus, tmp_path: Path, damage: object, message: str) -> None:
    """One clear error, with the place."""
    path = tmp_path / "damaged.gz"
    assert callable(damage)
    path.write_bytes(gzip.compress(b"\n".join(damage(corpus.lines().splitlines()))))

    with pytest.raises(CorpusError, match=message):
        read_corpus(path)


def test_a_file_that_is_no_gzip_and_one_that_is_not_there_are_told_apart(tmp_path: Path) -> None:
    """Each with its own reason."""
    plain = tmp_path / "plain.gz"
    plain.write_text("{}")

    with pytest.raises(CorpusError, match="expected gzipped NDJSON"):
        read_corpus(plain)
    with pytest.raises(CorpusError, match="no such file"):
        read_corpus(tmp_path / "none.gz")


def test_a_contract_without_a_corpus_is_told_how_to_grow_one(contract: Contract, tmp_path: Path) -> None:
    """The error holds the command."""
    with pytest.raises(CorpusError, match=r"assay corpus grow --contract reliability@1\.0\.0 --out"):
        find_corpus(contract, tmp_path / "mine.ndjson.gz")


def test_a_slot_that_nothing_fills_names_the_entry_of_the_manifest(corpus: Corpus) -> None:
    """What is missing is said in the words of the target manifest."""
    case = next(case for case in corpus.cases if "tenant:primary" in case.request.slots)

    with pytest.raises(CorpusError, match=r"add tenants\.primary to it"):
        case.request.filled({})


def _named(operation: Operation) -> dict[str, tuple[str, ...]]:
    """The optional query parameters with enumerated values, and the fields of deepObjects."""
    found: dict[str, tuple[str, ...]] = {}
    for item in operation.parameters:
        if item.location == "query" and not item.required:
            found[item.name] = tuple(map(str, options_of(item.schema)))
            found.update({f"{item.name}[{field}]": tuple(map(str, options_of(part))) for field, part in properties_of(item.schema).items()})
    return {name: values for name, values in found.items() if values}


def _value(case: CorpusCase, name: str) -> str:
    return next((str(value) for value in case.request.values(name)), "")
