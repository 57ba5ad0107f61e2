"""`assay registry`: file a certificate, judge every filed one again, show them."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assay_registry.checking import Checked

IN = click.option("--registry", type=click.Path(path_type=Path, file_okay=False), default=Path("registry"), show_default=True)


@click.group()
def registry() -> None:
    """Keep certificates where anybody can judge them again.

    A registry is a folder: an entry for each certificate, with its evidence, and keys.toml with whose key is whose.

    \b
    Try:
      assay registry check

    Exit codes: 0 every entry holds; 1 one does not; 2 bad usage or input.
    """


@registry.command()
@click.argument("certificate_file", metavar="CERTIFICATE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("evidence_file", metavar="EVIDENCE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--runner", required=True, metavar="NAME", help="Who ran the certification.")
@click.option("--key", required=True, metavar="KEYID|FILE", help="The key that signed it.")
@click.option("--independent", is_flag=True, help="Who ran it did not make the implementation.")
@click.option("--build", default="", help="What was run: a commit, an image digest.")
@click.option("--url", default="", help="Where the implementation is described.")
@click.option("--notes", default="", help="A sentence for readers.")
@IN
def add(
    *,
    certificate_file: Path,
    evidence_file: Path,
    runner: str,
    key: str,
    independent: bool,
    build: str,
    url: str,
    notes: str,
    registry: Path,
) -> None:
    """File a certificate that is accepted, with its evidence.

    The signature is checked against the key and the evidence is judged again first. The key is added to keys.toml where the runner is new
    to the registry; review that line as you would a password.

    \b
    Try:
      assay registry add certificate/certificate.json certificate/evidence.ndjson.gz --runner Us --key signing.pem.pub

    Exit codes: 0 success; 1 it is not accepted; 2 bad usage or input.
    """
    from assay_signing import read_key_id

    from assay_registry.entries import Runner
    from assay_registry.filing import file_certificate

    who = Runner(runner, read_key_id(key), "independent" if independent else "self", build, url, notes)
    folder = file_certificate(registry, certificate_file.read_bytes(), evidence_file.read_bytes(), who, dt.datetime.now(dt.UTC))
    click.echo(f"{folder} is filed.")


@registry.command()
@IN
@click.option("--revocations", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A list that `assay revoke` wrote.")
@click.option("--page", type=click.Path(path_type=Path), help="Write the registry as an HTML page.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(*, registry: Path, revocations: Path | None, page: Path | None, form: str) -> None:
    """Judge every entry again from its evidence.

    An entry that has expired is listed as such and does not fail the check.

    \b
    Try:
      assay registry check --page registry.html

    Exit codes: 0 every entry holds; 1 one does not; 2 bad usage or input.
    """
    from assay_conformance.revocations import read_revocations

    from assay_registry.checking import check_entry
    from assay_registry.entries import filed, known_keys

    now = dt.datetime.now(dt.UTC)
    keys, revoked = known_keys(registry), read_revocations(revocations) if revocations else ()
    checked = [check_entry(registry, item, keys, now, revoked) for item in filed(registry)]
    if page is not None:
        from assay_registry.page import registry_page

        page.write_text(registry_page(checked, now), encoding="utf-8")
    if form == "json":
        rows = [
            {"folder": str(item.folder), "holds": not item.problems, "expired": item.expired, "problems": list(item.problems)}
            for item in checked
        ]
        click.echo(json.dumps({"entries": rows}, indent=2))
    else:
        for item in checked:
            _print(item)
        wrong = sum(bool(item.problems) for item in checked)
        click.echo(f"{len(checked)} entries judged again, {wrong} do not hold.")
    sys.exit(1 if any(item.problems for item in checked) else 0)


def _print(item: Checked) -> None:
    state = "FAIL" if item.problems else "expired" if item.expired else "ok"
    click.echo(f"{state:<8} {item.folder}")
    for problem in item.problems:
        click.echo(f"         {problem}")
