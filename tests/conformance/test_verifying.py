"""A certificate is accepted when its signer is trusted and its evidence gives what it says; nothing else is."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from assay_conformance.certificate import required_rows
from assay_conformance.revocations import Revocation
from assay_conformance.verifying import Trust, Verification, verify
from assay_contracts import canonical_bytes, digest
from assay_signing import countersigned, envelope_bytes, new_key, read_envelope, signed

from .lamp_certificate import Issued, issue, lamp, recorded

DAY = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)
KEY, OTHER = new_key(), new_key()
TRUSTED = Trust((KEY.id,))


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    """A right certificate."""
    return issue(tmp_path, recorded(lamp()), KEY)


def failed(found: Verification) -> list[str]:
    """The names of the steps that do not hold."""
    return [step.name for step in found.steps if step.holds is False]


def test_a_right_certificate_is_accepted(issued: Issued) -> None:
    """With its evidence gzipped or plain, and without it."""
    for evidence in (issued.evidence, gzip.decompress(issued.evidence), None):
        found = verify(issued.certificate, evidence, TRUSTED, DAY)

        assert failed(found) == []
        assert found.accepted
        assert found.signers == (KEY.id,)
        assert found.statement["predicate"]["verdict"] == "certified"


def test_a_signer_must_be_trusted(issued: Issued) -> None:
    """A signature that holds says nothing where nobody knows the key."""
    assert failed(verify(issued.certificate, issued.evidence, Trust((OTHER.id,)), DAY)) == ["signature"]
    assert failed(verify(issued.certificate, issued.evidence, Trust((), unsigned=True), DAY)) == ["signature"]


def test_one_trusted_signer_of_several_is_enough(issued: Issued) -> None:
    """Whoever judged it again signs beside the issuer."""
    both = envelope_bytes(countersigned(read_envelope(issued.certificate), OTHER))

    for key in (KEY, OTHER):
        found = verify(both, issued.evidence, Trust((key.id,)), DAY)
        assert found.accepted
        assert found.signers == (KEY.id, OTHER.id)


def test_an_unsigned_certificate_is_accepted_only_where_asked_for(tmp_path: Path) -> None:
    """And only from this very kit, since nobody answers for another."""
    bare = issue(tmp_path, recorded(lamp()), None)
    assert failed(verify(bare.certificate, bare.evidence, TRUSTED, DAY)) == ["signature"]
    assert verify(bare.certificate, bare.evidence, Trust(unsigned=True), DAY).accepted

    other = issue(tmp_path, recorded(lamp()), None, with_value("predicate/kit/version", "9"))
    assert failed(verify(other.certificate, other.evidence, Trust(unsigned=True), DAY)) == ["statement"]


def test_another_kit_may_have_certified(tmp_path: Path) -> None:
    """A newer one judges the same evidence again, and says so."""
    other = issue(tmp_path, recorded(lamp()), KEY, with_value("predicate/kit/version", "0.0.9"))
    found = verify(other.certificate, other.evidence, TRUSTED, DAY)

    assert found.accepted
    assert "judged again by another" in found.steps[-1].detail


GONE = object()


def with_value(place: str, value: object) -> Callable[[dict[str, Any]], None]:
    """A change of a statement: another value at a place such as `predicate/counts/PASS`, or none there."""

    def change(statement: dict[str, Any]) -> None:
        *above, name = place.split("/")
        inner = statement
        for step in above:
            inner = inner[step]
        if value is GONE:
            del inner[name]
        else:
            inner[name] = value

    return change


@pytest.mark.parametrize(
    ("place", "value", "step"),
    [
        ("predicate/verdict", "not-certified", "verdict"),
        ("predicate/counts/PASS", 99, "statement"),
        ("predicate/implementation/version", "3", "statement"),
        ("predicate/waivers", ["faults: none"], "statement"),
        ("predicate/expires", "2036-01-01T00:00:00Z", "statement"),
        ("predicate/more", 1, "statement"),
        ("predicate/corpus", GONE, "statement"),
        ("predicate/kit", "assay", "statement"),
        ("predicate/kit", {"name": "assay", "version": 1, "digest": "sha256:0"}, "statement"),
        ("predicate/contract/digest", "sha256:0", "statement"),
        ("subject", [{"name": "somebody@2"}], "statement"),
        ("predicate/evidence/digest", "sha256:0", "evidence"),
        ("predicate/evidence/file", "sha256:0", "evidence"),
        ("predicate/evidence/records", 7, "statement"),
        ("predicate/evidence", "none", "evidence"),
        ("predicate/expires", "soon", "expiry"),
        ("predicate/finished", "2027-01-01T00:00:00Z", "dates"),
        ("predicateType", "https://example.org/other", "form"),
        ("predicate", [], "form"),
    ],
)
def test_a_trusted_signer_cannot_make_it_say_more_than_its_evidence(place: str, value: object, step: str, tmp_path: Path) -> None:
    """Each thing that it says is compared with what the evidence gives."""
    wrong = issue(tmp_path, recorded(lamp()), KEY, with_value(place, value))
    found = verify(wrong.certificate, wrong.evidence, TRUSTED, DAY)

    assert step in failed(found)
    assert not found.accepted


def test_evidence_of_a_wrong_server_is_judged_again(tmp_path: Path) -> None:
    """A signed claim does not make it right."""

    def claim(statement: dict[str, Any]) -> None:
        predicate = statement["predicate"]
        predicate.update(verdict="certified", expires="2027-01-31T10:00:00Z")
        del predicate["reason"], predicate["blocking"]

    wrong = issue(tmp_path, recorded(lamp(), '{"lit":"yes"}'), KEY, claim)

    assert {"judged again", "statement"} <= set(failed(verify(wrong.certificate, wrong.evidence, TRUSTED, DAY)))


def test_evidence_that_lies_about_its_contract_is_refused(tmp_path: Path) -> None:
    """The digests in it are computed again from the documents in it."""
    seen = recorded(lamp())
    lying = issue(tmp_path, replace(seen, provenance=replace(seen.provenance, contract_digest=lamp("another").digest)), KEY)
    shorter = issue(tmp_path, replace(seen, provenance=replace(seen.provenance, requirements_digest="sha256:0")), KEY)

    assert failed(verify(lying.certificate, lying.evidence, TRUSTED, DAY)) == ["contract"]
    assert failed(verify(shorter.certificate, shorter.evidence, TRUSTED, DAY)) == ["requirements"]


def test_the_contract_that_a_reader_means_is_the_only_one(issued: Issued) -> None:
    """A weaker text of the same version, or a smaller set of requirements, is told apart."""
    assert required_rows(lamp()) == ()
    assert failed(verify(issued.certificate, None, TRUSTED, DAY, contract=lamp())) == ["meant requirements"]
    assert failed(verify(issued.certificate, None, TRUSTED, DAY, contract=lamp("else"))) == ["meant contract", "meant requirements"]


@pytest.mark.parametrize("moment", [DAY.replace(year=2027), DAY.replace(month=10)])
def test_dates_are_checked(issued: Issued, moment: dt.datetime) -> None:
    """It is not valid after its end, nor before the run that it speaks of."""
    assert not verify(issued.certificate, issued.evidence, TRUSTED, moment).accepted


def test_what_is_revoked_is_refused(issued: Issued) -> None:
    """By the digest of its statement, or by the key."""
    for names in (digest(canonical_bytes(issued.statement)), KEY.id):
        revoked = Revocation(names, "2026-11-02T12:00:00Z", "another build")
        found = verify(issued.certificate, issued.evidence, Trust((KEY.id,), revoked=(revoked,)), DAY)
        assert failed(found) == ["revocation"]
    other = Revocation(OTHER.id, "2026-11-02T12:00:00Z", "lost")
    assert verify(issued.certificate, issued.evidence, Trust((KEY.id,), revoked=(other,)), DAY).accepted


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"a":NaN}', b'{"payload":1,"signatures":[]}'])
def test_whatever_the_bytes_are_there_is_an_answer(data: bytes, issued: Issued) -> None:
    """Neither certificate nor evidence can make it fail."""
    assert not verify(data, issued.evidence, Trust(unsigned=True), DAY).accepted
    assert not verify(issued.certificate, data, TRUSTED, DAY).accepted


@pytest.mark.parametrize("unsigned", [False, True])
def test_no_changed_byte_is_accepted(tmp_path: Path, *, unsigned: bool) -> None:
    """Ten thousand random changes of one byte, of the certificate or of its evidence, the gzip header included."""
    right = issue(tmp_path, recorded(lamp()), None if unsigned else KEY)
    trust = Trust((KEY.id,), unsigned=unsigned)
    chance = random.Random(11)
    accepted: list[int] = []
    for number in range(5_000):
        parts = [bytearray(right.certificate), bytearray(right.evidence)]
        part = parts[number % 2]
        part[chance.randrange(len(part))] ^= chance.randrange(1, 256)
        if verify(bytes(parts[0]), bytes(parts[1]), trust, DAY).accepted:
            accepted.append(number)

    assert verify(right.certificate, right.evidence, trust, DAY).accepted
    assert accepted == []


def test_a_statement_in_another_form_is_refused(issued: Issued) -> None:
    """Only the canonical bytes have the digest that a revocation names."""
    spaced = envelope_bytes(signed(json.dumps(issued.statement, indent=1).encode(), KEY))

    assert failed(verify(spaced, issued.evidence, TRUSTED, DAY)) == ["form"]
