"""The target of a run, with everything that its contract needs."""

from __future__ import annotations

from pathlib import Path

import click
from assay_contracts import Contract

from assay_conformance.errors import TargetError
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target, read_target
from assay_conformance.target_needs import missing_credentials, missing_values, needs_of


def target_for(contract: Contract, manifest: Path | None, http: str | None) -> Target:
    """The target of a manifest, or of an address alone where the contract needs nothing else.

    Advice on credentials that would show more goes to stderr. Raises `TargetError` with every gap in one error.
    """
    needs = needs_of(contract)
    if manifest is not None:
        target = read_target(manifest, http=http, needs=needs)
    else:
        try:
            target = parse_target({}, "no target manifest", http=http, needs=needs)
        except TargetError as error:
            raise TargetError(
                f"{error}; {contract.id} needs a target manifest: write one with `assay target init` and name it with --target",
                details=error.details,
            ) from None
    gaps = list(missing_values(contract, target))
    if gaps:
        raise TargetError(f"{manifest or 'no target manifest'}: {len(gaps)} values are missing", details=gaps)
    for advice in missing_credentials(contract, target):
        click.echo(advice, err=True)
    return target
