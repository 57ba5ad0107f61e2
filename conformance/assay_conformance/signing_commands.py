"""`assay keys` and `assay sign`: who answers for a certificate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from assay_contracts import UsageError, canonical_bytes
from assay_contracts.json_types import is_mapping

from assay_conformance.run_files import write_whole


@click.group()
def keys() -> None:
    """Make and show the keys that certificates are signed with.

    A key id is the public key in one word. Publish it where those who check your certificates find it.

    \b
    Try:
      assay keys new --out signing.pem

    Exit codes: 0 success; 2 bad usage or input.
    """


@keys.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of the private key; the public one gets .pub.")
def new(out: Path) -> None:
    """Make an ed25519 key.

    The private key is written for its owner alone, and never over a file that exists.

    \b
    Try:
      assay keys new --out signing.pem

    Exit codes: 0 success; 2 the file exists or cannot be written.
    """
    from assay_signing import new_key, write_key

    key = new_key()
    public = write_key(key, out)
    click.echo(f"{key.id}\nThe private key is in {out}: keep it secret. The public key is in {public}.")


@keys.command()
@click.argument("source", metavar="FILE|env:NAME|KEYID")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(source: str, form: str) -> None:
    """Show the id of a private or public key.

    \b
    Try:
      assay keys show signing.pem.pub
      assay keys show env:SIGNING_KEY

    Exit codes: 0 success; 2 the key cannot be read.
    """
    from assay_signing import read_key_id

    id = read_key_id(source)
    click.echo(json.dumps({"id": id}) if form == "json" else id)


@click.command()
@click.argument("certificate_file", metavar="CERTIFICATE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "key_source", required=True, metavar="FILE|env:NAME", help="The ed25519 key to sign with.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the signed certificate  [default: over CERTIFICATE].")
def sign(*, certificate_file: Path, key_source: str, out: Path | None) -> None:
    """Sign a certificate.

    It becomes a DSSE envelope around the same statement. Signing says who ran the certification; to sign what somebody else ran, judge it
    again with `assay verify --countersign`.

    \b
    Try:
      assay sign certificate/certificate.json --key signing.pem

    Exit codes: 0 success; 1 it is signed already; 2 bad usage or input.
    """
    from assay_signing import SignatureInvalid, envelope_bytes, read_signing_key, signed
    from assay_signing.envelope import is_envelope

    from assay_conformance.certificate import PREDICATE

    key = read_signing_key(key_source)
    try:
        value: Any = json.loads(certificate_file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UsageError(str(certificate_file), expected="a certificate that `assay certify` wrote", actual=str(error)) from None
    if is_envelope(value):
        raise SignatureInvalid(
            f"{certificate_file} is signed already", next_step="`assay verify --countersign` adds a signature once it is judged again"
        )
    if not is_mapping(value) or value.get("predicateType") != PREDICATE:
        raise UsageError(str(certificate_file), expected="a certificate that `assay certify` wrote", actual="another JSON document")
    target = out or certificate_file
    write_whole(target, envelope_bytes(signed(canonical_bytes(value), key)))
    click.echo(f"{target} is signed by {key.id}.")
