"""Verifies a certificate: its signatures, its dates, and, with the evidence, everything that it says.

With the evidence the whole statement is made again from what was recorded, by this kit and offline; a certificate is accepted only where
the two are equal. It does no I/O.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import AssayError, Contract, canonical_bytes, digest, parse_bundle
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.statements import moment_of, part_of
from assay_signing import KeyId, SignatureInvalid, read_envelope, signers
from assay_signing.envelope import PAYLOAD_TYPE, is_envelope

from assay_conformance.certificate import PREDICATE, STATEMENT, certificate, certificate_bytes, required_rows, requirements_digest
from assay_conformance.check import brief
from assay_conformance.evidence.journal import parse_evidence
from assay_conformance.judging import judge
from assay_conformance.provenance import kit_digest, kit_version
from assay_conformance.revocations import Revocation

GZIP = b"\x1f\x8b"
MOST_PRINTED = 5
"""How many differences between two statements are listed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at: `holds` is None where it could not be, and `detail` says what was seen."""

    name: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found: accepted when every step holds that was taken, and the certificate was read at all."""

    steps: tuple[Step, ...]
    statement: Mapping[str, Any] = field(default_factory=dict[str, Any])
    signers: tuple[KeyId, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether nothing speaks against the certificate."""
        return bool(self.statement) and all(step.holds is not False for step in self.steps)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a verifier believes: the ids of keys, whether an unsigned certificate is enough, and what is revoked."""

    keys: Collection[KeyId] = ()
    unsigned: bool = False
    revoked: Collection[Revocation] = ()


def verify(
    certificate_data: bytes, evidence_data: bytes | None, trust: Trust, now: dt.datetime, *, contract: Contract | None = None
) -> Verification:
    """Verify the bytes of a certificate and, where they are given, those of its evidence file, gzipped or plain.

    `contract` is the one that the reader means: a certificate against another text of it, or another requirement set, is refused.
    Whatever the bytes are, the answer is a verification; only a defect of Assay raises.
    """
    steps: list[Step] = []
    statement, signed_by = _opened(certificate_data, trust, steps)
    if statement is None:
        return Verification(tuple(steps))
    predicate: Mapping[str, Any] = statement["predicate"]
    steps.append(_verdict(predicate))
    steps.extend(_dates(predicate, now))
    steps.append(_revocation(statement, signed_by, trust.revoked))
    if contract is not None:
        steps.extend(_meant(predicate, contract))
    if evidence_data is None:
        steps.append(Step("evidence", None, "not given; name the evidence file to have the verdict judged again"))
    else:
        steps.extend(_judged_again(statement, evidence_data, signed=bool(signed_by)))
    return Verification(tuple(steps), statement, signed_by)


def _opened(data: bytes, trust: Trust, steps: list[Step]) -> tuple[dict[str, Any] | None, tuple[KeyId, ...]]:
    """The statement in a certificate and who signed it; None where it cannot be read, with the step that says why."""
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        steps.append(Step("form", False, f"no JSON: {error}"))
        return None, ()
    payload = data
    signed_by: tuple[KeyId, ...] = ()
    written: Callable[[dict[str, Any]], bytes] = certificate_bytes
    if is_envelope(value):
        try:
            envelope = read_envelope(data)
            signed_by = signers(envelope)
        except SignatureInvalid as error:
            steps.append(Step("signature", False, str(error)))
            return None, ()
        payload, written = envelope.payload, canonical_bytes
        steps.append(_signature(signed_by, trust))
        if envelope.payload_type != PAYLOAD_TYPE:
            steps.append(Step("form", False, f"expected the payload type {PAYLOAD_TYPE}, got {envelope.payload_type!r}"))
            return None, ()
    else:
        steps.append(Step("signature", trust.unsigned, "the certificate is not signed"))
    statement = _statement(payload)
    if statement is None or not _is_written(statement, payload, written):
        steps.append(Step("form", False, "expected an in-toto statement about conformance, in its canonical form"))
        return None, ()
    return statement, signed_by


def _signature(signed_by: tuple[KeyId, ...], trust: Trust) -> Step:
    known = [key for key in signed_by if key in trust.keys]
    if known:
        others = len(signed_by) - len(known)
        return Step("signature", True, f"by {', '.join(known)}" + (f", and {others} that you did not name" if others else ""))
    return Step("signature", False, f"by {', '.join(signed_by)}; expected a key that you trust")


def _statement(payload: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not is_mapping(value) or value.get("_type") != STATEMENT or value.get("predicateType") != PREDICATE:
        return None
    return value if is_mapping(value.get("predicate")) and is_list(value.get("subject")) else None


def _is_written(statement: dict[str, Any], payload: bytes, written: Callable[[dict[str, Any]], bytes]) -> bool:
    try:
        return written(statement) == payload
    except (AssayError, ValueError):  # a lone surrogate, or NaN
        return False


def _verdict(predicate: Mapping[str, Any]) -> Step:
    contract, implementation = part_of(predicate, "contract"), part_of(predicate, "implementation")
    about = f"{implementation.get('name')} {implementation.get('version')} against {contract.get('name')}@{contract.get('version')}"
    found = predicate.get("verdict")
    return Step("verdict", found == "certified", f"{about}: {found}")


def _dates(predicate: Mapping[str, Any], now: dt.datetime) -> Iterator[Step]:
    expires, finished = moment_of(predicate.get("expires")), moment_of(predicate.get("finished"))
    if expires is None:
        yield Step("expiry", False, "it does not say when it expires")
    else:
        yield Step("expiry", now < expires, f"{'expires' if now < expires else 'expired'} on {expires:%Y-%m-%d %H:%M} UTC")
    if finished is None or finished > now + dt.timedelta(minutes=5):  # clocks differ a little between machines
        yield Step("dates", False, f"expected a run that has ended, got {predicate.get('finished')!r}")


def _revocation(statement: Mapping[str, Any], signed_by: tuple[KeyId, ...], revoked: Collection[Revocation]) -> Step:
    named = digest(canonical_bytes(statement))
    for item in revoked:
        if item.names == named or item.names in signed_by:
            what = "the certificate" if item.names == named else f"the key {item.names}"
            return Step("revocation", False, f"{what} was revoked at {item.since}: {item.reason}")
    return Step("revocation", True, "not revoked" if revoked else "no revocation list was given, or it is empty")


def _meant(predicate: Mapping[str, Any], contract: Contract) -> Iterator[Step]:
    """Whether the certificate is for exactly this text of a contract, and for all that a certificate of it rests on."""
    stated = part_of(predicate, "contract").get("digest")
    yield Step("meant contract", stated == contract.digest, f"{contract.id}: expected {contract.digest}, got {stated}")
    required, rests_on = requirements_digest(required_rows(contract)), part_of(predicate, "requirements").get("digest")
    yield Step("meant requirements", required == rests_on, f"expected {required}, got {rests_on}")


def _judged_again(statement: Mapping[str, Any], data: bytes, *, signed: bool) -> Iterator[Step]:
    rests_on = part_of(statement["predicate"], "evidence")
    zipped = data[:2] == GZIP
    try:
        lines = gzip.decompress(data) if zipped else data
    except (EOFError, OSError, zlib.error) as error:
        yield Step("evidence", False, f"it cannot be read: {error}")
        return
    stated, found = (rests_on.get("digest"), digest(lines))
    if stated == found and zipped and "file" in rests_on:  # a compressed file can hold other bytes around the same content
        stated, found = rests_on["file"], digest(data)
    if stated != found:
        yield Step("evidence", False, f"another file than the certificate names: expected {stated}, got {found}")
        return
    try:
        evidence = parse_evidence(lines, "evidence")
        contract = parse_bundle(evidence.provenance.openapi, evidence.provenance.asyncapi)
    except AssayError as error:
        yield Step("evidence", False, f"it cannot be read: {error}")
        return
    yield Step("evidence", True, f"{len(evidence.records)} records")
    provenance = evidence.provenance
    digests = {
        "contract": (provenance.contract_digest, contract.digest),
        "requirements": (provenance.requirements_digest, requirements_digest(provenance.requirements)),
    }
    for name, (stated, found) in digests.items():
        yield Step(name, stated == found, found if stated == found else f"the evidence says {stated}, its content has {found}")
    outcome = judge(contract, evidence)
    again = certificate(contract, evidence, outcome, digest(lines))
    yield Step("judged again", outcome.certified, f"{outcome.required - len(outcome.blocking)} of {outcome.required} required clauses hold")
    yield _compared(statement, again, signed=signed)


def _compared(statement: Mapping[str, Any], again: Mapping[str, Any], *, signed: bool) -> Step:
    """Whether the certificate says what this kit says of the evidence.

    The kit of a signed one may be another: the signer answers for it.
    """
    kit, ours = part_of(statement["predicate"], "kit"), {"name": "assay", "version": kit_version(), "digest": kit_digest()}
    different = sorted(_differences(_without_kit(statement), _without_kit(again), ""))
    if different:
        return Step("statement", False, "; ".join(different[:MOST_PRINTED]))
    if kit.keys() != ours.keys() or not all(isinstance(value, str) for value in kit.values()):
        return Step("statement", False, f"expected a kit with {', '.join(sorted(ours))}, got {brief(dict(kit))}")
    if dict(kit) != ours and not signed:
        return Step("statement", False, f"the certificate is not signed and names another kit: {brief(dict(kit))}; expected {brief(ours)}")
    other = "" if dict(kit) == ours else f"; certified by kit {kit.get('version')} {str(kit.get('digest'))[:19]}, judged again by another"
    return Step("statement", True, f"equal to what its evidence gives{other}")


def _without_kit(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement without what may differ between two judgements of the same evidence: the kit, and the digest of the compressed file."""
    predicate = {name: value for name, value in statement["predicate"].items() if name != "kit"}
    if is_mapping(predicate.get("evidence")):
        predicate["evidence"] = {name: value for name, value in predicate["evidence"].items() if name != "file"}
    return {**statement, "predicate": predicate}


def _differences(left: Any, right: Any, place: str) -> Iterator[str]:
    if is_mapping(left) and is_mapping(right):
        for name in left.keys() | right.keys():
            yield from _differences(left.get(name), right.get(name), f"{place}/{name}")
    elif left != right or type(left) is not type(right):
        yield f"{place}: it says {brief(left)}, its evidence gives {brief(right)}"
