"""`assay corpus`: generate, check and show the frozen requests of a contract version."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import click
from assay_contracts import Contract, UsageError, load_contract

from assay_conformance.corpus.frozen import (
    DIGESTS,
    FROZEN,
    Corpus,
    find_corpus,
    frozen_path,
    read_digests,
    write_corpus,
    write_digests,
)
from assay_conformance.corpus.lookup import is_checkout, kept_path

_contract = click.option(
    "--contract", "name", required=True, metavar="ID|FILE", help="A contract version such as reliability@1.0.0, or an OpenAPI file."
)
_file = click.option("--corpus", "file", type=click.Path(path_type=Path, dir_okay=False), help="Your own corpus instead of the frozen one.")


@click.group()
def corpus() -> None:
    """Generate, check and show the frozen requests of a contract.

    `assay certify` replays them against every implementation.

    \b
    Try:
      assay corpus show --contract reliability@1.0.0 --limit 5
      assay corpus grow --contract api.yaml
    """


@corpus.command()
@_contract
@click.option("--seed", type=click.IntRange(min=0), help="The seed; the same seed gives the same corpus.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write  [default: where `assay certify` looks for it]."
)
def grow(name: str, seed: int | None, out: Path | None) -> None:
    """Generate the requests of a contract version.

    The file has each request with its expected outcome.

    \b
    Try:
      assay corpus grow --contract api.yaml

    Exit codes: 0 success; 2 bad usage or input; 3 Assay or its environment failed.
    """
    from assay_conformance.corpus.growing import SEED, grow_corpus

    contract = load_contract(name)
    path = out or _written_to(name, contract)
    if not path.parent.is_dir():
        raise UsageError(f"--out {path}", expected="a file in a folder that is there", actual="no such folder")
    started = time.monotonic()
    grown = grow_corpus(contract, SEED if seed is None else seed)
    write_corpus(path, grown)
    if path.parent == FROZEN:
        write_digests()
    _describe(grown)
    click.echo(f"grown in {time.monotonic() - started:.1f} s: {path}")


@corpus.command()
@_contract
@_file
@click.option("--grow-again", is_flag=True, help="Also generate it again and compare each case; this takes minutes.")
@click.pass_context
def check(context: click.Context, *, name: str, file: Path | None, grow_again: bool) -> None:
    """Check a corpus against its contract and its digest.

    The contract must still give the expected outcome of each request.

    \b
    Try:
      assay corpus check --contract reliability@1.0.0

    Exit codes: 0 the corpus is valid; 1 it is not; 2 bad usage or input.
    """
    contract = load_contract(name)
    path = file or corpus_path(name, contract)
    found = find_corpus(contract, path)
    complaints = [*_digest_complaints(path), *_outcome_complaints(contract, found)]
    if grow_again:
        complaints.extend(_growth_complaints(contract, found))
    for complaint in complaints:
        click.echo(complaint)
    if complaints:
        context.exit(1)
    click.echo(f"{path.name}: {len(found.cases)} cases, {found.digest}")


@corpus.command()
@_contract
@_file
@click.option("--operation", help="Only the cases of this operation.")
@click.option("--case", "id", help="Only the case of this id.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="The largest number of cases to show.")
def show(name: str, file: Path | None, operation: str | None, id: str | None, limit: int) -> None:
    """Show the cases of a corpus, one on each line.

    A line has the id, the expected outcome, the error codes, the reason and the request.

    \b
    Try:
      assay corpus show --contract reliability@1.0.0 --limit 5

    Exit codes: 0 success; 2 bad usage or input.
    """
    contract = load_contract(name)
    found = find_corpus(contract, file or corpus_path(name, contract))
    if operation is not None:
        contract.operation(operation)
    cases = [case for case in found.cases if operation in (None, case.operation) and id in (None, case.id)]
    if not cases:
        raise UsageError(f"case {id!r}", expected=f"the id of a case of {contract.id}", actual="none of that id")
    if id is None and operation is None:
        _describe(found)
    for case in cases[:limit]:
        query = "&".join(f"{key}={value if isinstance(value, str) else '{' + value.name + '}'}" for key, value in case.request.query)
        headers = "".join(f" {key}: {value!r}" for key, value in case.request.headers)
        outcome = f"{case.outcome} {' '.join(case.codes)}".strip()
        click.echo(f"{case.id}  {outcome}  ({case.why})  {case.request.method} {case.request.path}?{query!a}{headers}")
    if len(cases) > limit:
        click.echo(f"{len(cases) - limit} more; see --limit")


def corpus_path(name: str, contract: Contract) -> Path:
    """Where the corpus of a contract is: the kept one if there is one, else the frozen one."""
    kept = kept_path(contract, name)
    return kept if kept is not None and (kept.is_file() or not frozen_path(contract).is_file()) else frozen_path(contract)


def _written_to(name: str, contract: Contract) -> Path:
    """Where a corpus is written. Only a checkout has frozen ones written anew; an installed package is never changed."""
    kept = kept_path(contract, name)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        return kept
    if is_checkout():
        return frozen_path(contract)
    raise UsageError(
        "--out", expected="a file, or ASSAY_DOCUMENTS with the folder that the contract is in", actual="neither, for a shipped contract"
    )


def _describe(found: Corpus) -> None:
    click.echo(f"{found.contract}: {len(found.cases)} cases, grown by {found.grown_by} from seed {found.seed}, {found.digest}")
    for (operation, mode, outcome), count in found.counts.items():
        click.echo(f"  {operation:<28} grown as {mode:<9} {outcome:<9} {count:>5}")
    for reason, count in sorted(found.dropped.items()):
        click.echo(f"  left out: {reason:<60} {count:>5}")


def _digest_complaints(path: Path) -> list[str]:
    if path.parent != FROZEN:
        return []
    recorded = read_digests().get(path.name)
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    return [] if recorded == actual else [f"{path.name}: expected the digest {recorded} of {DIGESTS.name}, got {actual}"]


def _outcome_complaints(contract: Contract, found: Corpus) -> list[str]:
    from assay_conformance.corpus.expecting import Oracle

    oracles = {operation.id: Oracle(contract, operation) for operation in contract.operations}
    complaints: list[str] = []
    for case in found.cases:
        expectation = oracles[case.operation].expect(case.request)
        if (expectation.outcome, expectation.codes) != (case.outcome, case.codes):
            complaints.append(
                f"{case.id}: expected {expectation.outcome} {list(expectation.codes)} by the contract, "
                f"got {case.outcome} {list(case.codes)}"
            )
    return complaints


def _growth_complaints(contract: Contract, found: Corpus) -> list[str]:
    from assay_conformance.corpus.growing import grow_corpus

    grown = grow_corpus(contract, found.seed)
    if grown.lines() == found.lines():
        return []
    old, new = ({case.id for case in side.cases} for side in (found, grown))
    return [f"{found.contract}: grown again it has {len(new - old)} new cases and lacks {len(old - new)}: {found.grown_by}"]
