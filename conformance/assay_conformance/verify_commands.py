"""`assay verify` and `assay revoke`: whether to believe a certificate of somebody else."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from assay_contracts import UsageError, canonical_bytes, digest, load_contract
from assay_contracts.json_types import is_mapping
from assay_contracts.statements import moment_of

from assay_conformance.run_files import write_whole

if TYPE_CHECKING:
    from assay_signing import Envelope

    from assay_conformance.verifying import Verification

MARKS = {True: "ok", False: "FAIL", None: "not checked"}


@click.command()
@click.argument("certificate_file", metavar="CERTIFICATE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("evidence_file", metavar="[EVIDENCE]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", "trusted", multiple=True, metavar="KEYID|FILE|env:NAME", help="A key that you trust; may be repeated.")
@click.option("--contract", "contract_id", metavar="NAME@VERSION|PATH", help="The contract that you mean: no other is accepted.")
@click.option("--unsigned", is_flag=True, help="Accept a certificate that nobody signed.")
@click.option("--revocations", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A list that `assay revoke` wrote.")
@click.option("--at", "moment", metavar="TIME", help="The moment to check dates against, RFC 3339  [default: now].")
@click.option("--countersign", metavar="FILE|env:NAME", help="Add the signature of this key when it is accepted.")
@click.option("--badge", type=click.Path(path_type=Path), help="Write an SVG badge when it is accepted.")
@click.option("--well-known", type=click.Path(path_type=Path), help="Write what /.well-known/conformance.json serves when it is accepted.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(
    *,
    certificate_file: Path,
    evidence_file: Path | None,
    trusted: tuple[str, ...],
    contract_id: str | None,
    unsigned: bool,
    revocations: Path | None,
    moment: str | None,
    countersign: str | None,
    badge: Path | None,
    well_known: Path | None,
    form: str,
) -> None:
    """Check a certificate, offline: its signatures, its dates, and the verdict itself.

    With EVIDENCE every digest is computed again, the recorded conversations are judged again, and the certificate must say exactly what
    they give. Name the keys that you trust; a signature by any other key says nothing. With --contract it must be for exactly that text of
    the contract, since a weaker contract is easier to fulfil.

    \b
    Try:
      assay verify certificate/certificate.json certificate/evidence.ndjson.gz --trust signing.pem.pub
      assay verify certificate/certificate.json --trust signing.pem.pub --contract reliability@1.0.0
      assay verify certificate/certificate.json certificate/evidence.ndjson.gz --unsigned

    Exit codes: 0 accepted; 1 not accepted; 2 bad usage or input.
    """
    from assay_signing import read_key_id, read_signing_key

    from assay_conformance.revocations import read_revocations
    from assay_conformance.verifying import Trust, verify

    if not trusted and not unsigned:
        raise UsageError(
            "whom to trust", expected="--trust KEY, or --unsigned for a certificate that nobody signed", actual="neither",
            next_step="ask the issuer for the key id that `assay keys show` prints",
        )  # fmt: skip
    if countersign is not None and evidence_file is None:
        raise UsageError("--countersign", expected="EVIDENCE, since whoever countersigns has judged it again", actual="none")
    now = _moment(moment)
    trust = Trust([read_key_id(source) for source in trusted], unsigned, read_revocations(revocations) if revocations else ())
    contract = load_contract(contract_id) if contract_id is not None else None
    second = read_signing_key(countersign) if countersign is not None else None
    data = certificate_file.read_bytes()
    found = verify(data, evidence_file.read_bytes() if evidence_file is not None else None, trust, now, contract=contract)
    written: list[str] = []
    if found.accepted:
        if second is not None:
            from assay_signing import envelope_bytes

            data = envelope_bytes(_with_signature(data, second))
            write_whole(certificate_file, data)
            written.append(f"countersigned by {second.id}")
        if badge is not None:
            from assay_conformance.badge import badge_of

            write_whole(badge, badge_of(found.statement).encode())
            written.append(f"{badge} written")
        if well_known is not None:
            from assay_conformance.well_known import well_known_of

            write_whole(well_known, well_known_of(found.statement, data))
            written.append(f"{well_known} written")
    _print(found, written, form)
    sys.exit(0 if found.accepted else 1)


@click.command()
@click.argument("names", metavar="CERTIFICATE|KEYID")
@click.option("--reason", required=True, help="Why it is no longer to be believed.")
@click.option("--list", "list_file", type=click.Path(path_type=Path), default=Path("revocations.json"), show_default=True)
def revoke(*, names: str, reason: str, list_file: Path) -> None:
    """Add a certificate, or a key, to a list of revocations.

    Publish the list; `assay verify --revocations FILE` refuses what it names. An entry is never removed or changed.

    \b
    Try:
      assay revoke certificate/certificate.json --reason "the server was another build"

    Exit codes: 0 success; 2 bad usage or input.
    """
    from assay_signing import read_key_id

    from assay_conformance.revocations import read_revocations, revocations_text, with_revocation

    named = read_key_id(names) if names.startswith("ed25519:") else _certificate_digest(Path(names))
    known = read_revocations(list_file) if list_file.exists() else ()
    listed = with_revocation(known, named, reason, dt.datetime.now(dt.UTC))
    write_whole(list_file, revocations_text(listed).encode())
    click.echo(f"{named} is revoked; {list_file} lists {len(listed)}.")


def _with_signature(data: bytes, key: Any) -> Envelope:
    """The certificate with one more signature, or with its first where it has none."""
    from assay_signing import countersigned, read_envelope, signed
    from assay_signing.envelope import is_envelope

    value = json.loads(data)
    return countersigned(read_envelope(data), key) if is_envelope(value) else signed(canonical_bytes(value), key)


def _certificate_digest(path: Path) -> str:
    from assay_contracts.statements import unwrapped

    from assay_conformance.certificate import PREDICATE

    try:
        statement = unwrapped(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(str(path), expected="a certificate, or a key id", actual=str(error)) from None
    if not is_mapping(statement) or statement.get("predicateType") != PREDICATE:
        raise UsageError(str(path), expected="a certificate, or a key id", actual="another JSON document")
    return digest(canonical_bytes(statement))


def _moment(text: str | None) -> dt.datetime:
    if text is None:
        return dt.datetime.now(dt.UTC)
    found = moment_of(text)
    if found is None:
        raise UsageError("--at", expected="a date-time such as 2026-11-30T12:00:00Z", actual=text)
    return found


def _print(found: Verification, written: Sequence[str], form: str) -> None:
    if form == "json":
        steps = [{"step": step.name, "holds": step.holds, "detail": step.detail} for step in found.steps]
        result = {"accepted": found.accepted, "signers": list(found.signers), "steps": steps, "written": list(written)}
        click.echo(json.dumps(result | {"statement": dict(found.statement)}, indent=2))
        return
    width = max(len(step.name) for step in found.steps)
    for step in found.steps:
        click.echo(f"{step.name:<{width}}  {MARKS[step.holds]:<11}  {step.detail}")
    for line in written:
        click.echo(line)
    click.echo("Accepted." if found.accepted else "Not accepted.")
