"""`assay generate`: write the client of a contract, or check that the committed ones are current."""

from __future__ import annotations

from pathlib import Path

import click
from assay_contracts import UsageError


@click.command()
@click.argument("language", required=False, type=click.Choice(["python"]))
@click.option(
    "--contract",
    metavar="NAME@VERSION|PATH|URL",
    help="The contract: a version, a file, or a loopback URL.",
)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="The folder to write the package to.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a package is not current.")
def generate(*, language: str | None, contract: str | None, out: Path | None, check: bool) -> int:
    """Write a typed client from a contract: models, operations, errors and feed.

    \b
    Try:
      assay generate python --contract reliability@1.0.0 --out ./clients
      assay generate --check
    """
    if check:
        if language or contract or out:
            raise UsageError("assay generate --check", expected="nothing besides --check", actual="more")
        return _check()
    if not (language and contract and out):
        raise UsageError(
            "assay generate",
            expected="a language, --contract and --out",
            next_step="such as: assay generate python --contract reliability@1.0.0 --out ./clients",
        )
    from assay_contracts import load_contract

    from assay_codegen.package import generate_python

    package = generate_python(load_contract(contract))
    place = package.write(out)
    click.echo(f"wrote {len(package.files)} files to {place}")
    for each in package.left_out:
        click.echo(f"left out: {each}", err=True)
    return 0


def _check() -> int:
    from assay_codegen.drift import find_drift, read_committed

    committed = read_committed()
    drifts = find_drift(committed)
    for drift in drifts:
        for name in drift.files:
            click.echo(f"{drift.committed.place / name}: is not what {drift.committed.contract} gives")
        click.echo(f"regenerate: {drift.committed.renew}")
    if not drifts:
        click.echo(f"{len(committed)} generated package{'s' * (len(committed) != 1)} current")
    return 1 if drifts else 0
