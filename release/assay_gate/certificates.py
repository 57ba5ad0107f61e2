"""The kept certificate of a release: there, for exactly its digest, and not expired."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from assay_conformance.certificate import PREDICATE
from assay_contracts import Contract
from assay_contracts.json_types import is_mapping
from assay_contracts.statements import moment_of, part_of, unwrapped

FOLDER = "certificates"


def certificate_problems(path: Path, contract: Contract, now: dt.datetime, trusted: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Each problem of a certificate: the rule that it breaks, and a sentence.

    `trusted` are ids of keys: where there are any, one of them must have signed it.
    """
    again = f"certify the reference server against {contract.id} and keep its certificate as {path.name}"
    if not path.is_file():
        yield "certificate-missing", f"{contract.id} has no certificate; {again}"
        return
    try:
        data = path.read_bytes()
        statement: Any = unwrapped(json.loads(data))
    except (OSError, ValueError) as error:
        yield "certificate-missing", f"{path.name} cannot be read: {error}; {again}"
        return
    if trusted:
        yield from _signature_problems(path, data, trusted)
    predicate = part_of(statement, "predicate")
    if not is_mapping(statement) or statement.get("predicateType") != PREDICATE:
        yield "certificate-missing", f"{path.name} is no certificate; {again}"
        return
    if predicate.get("verdict") != "certified":
        yield "certificate-not-certified", f"{path.name} says {predicate.get('verdict')!r}; {again}"
    if predicate.get("waivers"):
        yield "certificate-with-waivers", f"{path.name} waives {predicate.get('waivers')}; {again}"
    named = part_of(predicate, "contract")
    if (named.get("name"), named.get("version"), named.get("digest")) != (contract.id.name, contract.id.version, contract.digest):
        certified = f"{named.get('name')}@{named.get('version')}, {str(named.get('digest'))[:19]}"
        yield (
            "certificate-of-another-digest",
            f"{path.name} is for {certified}, and the contract is {contract.id}, {contract.digest[:19]}; {again}",
        )
    expires = moment_of(predicate.get("expires"))
    if expires is None:
        yield "certificate-expired", f"{path.name} does not say when it expires; {again}"
    elif expires <= now:
        yield "certificate-expired", f"{path.name} expired on {expires:%Y-%m-%d}; {again}"


def _signature_problems(path: Path, data: bytes, trusted: Collection[str]) -> Iterator[tuple[str, str]]:
    from assay_signing import SignatureInvalid, read_envelope, signers

    try:
        found = signers(read_envelope(data))
    except SignatureInvalid as error:
        yield "certificate-signature", f"{path.name} is not signed as it should be: {error}"
        return
    if not set(found) & set(trusted):
        yield "certificate-signature", f"{path.name} is signed by {', '.join(found)}; expected one of {', '.join(sorted(trusted))}"
