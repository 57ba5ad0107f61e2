"""`assay mutants`: list the wrong implementations, and see which of them the checks kill."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson
from assay_contracts import Contract, UsageError, load_contract

from assay_mutants.trying import (
    DEFAULT,
    certified,
    chosen_mutants,
    expect_folder,
    progress_bar,
    recorded,
    run_live,
    run_offline,
    targets_of,
    tried_live,
)

if TYPE_CHECKING:
    from assay_conformance.evidence import Evidence

    from assay_mutants.driver_figures import DriverFigures
    from assay_mutants.matrix import Matrix
    from assay_mutants.model import Mutant
    from assay_mutants.outcomes import Trial

_contract = click.option("--contract", "contract_id", metavar="NAME@VERSION|PATH", help=f"The contract version.  [default: {DEFAULT}]")
_only = click.option(
    "--only", multiple=True, metavar="WORD", help="Only mutants with this in their name, or that break a clause that begins so."
)
_form = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print.")
_markdown = click.option("--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write the matrix as a page.")
_target = click.option("--target", "manifest", type=click.Path(path_type=Path), help="A right server of your own instead of the reference.")
_sample = click.option(
    "--sample", type=click.IntRange(min=1), help="Live so many HTTP mutants of each clause; so many set aside.  [default: all]"
)
_feed = click.option(
    "--feed-sample", type=click.IntRange(min=1), default=1, show_default=True, help="Live so many feed mutants of each clause."
)
_whole = click.option(
    "--all", "whole", is_flag=True, help="Live every mutant; a session takes as long as a heartbeat, so this takes a while."
)
_seed = click.option("--seed", type=int, default=1, show_default=True, help="The seed of sample data and of what --sample draws.")
_workers = click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="How many at a time.")


@click.group()
def mutants() -> None:
    """Measure which wrong implementations the checks detect.

    \b
    Try:
      assay mutants list --only PAG-001
      assay mutants matrix certificate/evidence.ndjson.gz
      assay mutants matrix --live --markdown docs/reference/kill-matrix.md
      assay mutants live --sample 1
    """


@mutants.command("list")
@_contract
@_only
@_form
def list_command(contract_id: str | None, only: tuple[str, ...], form: str) -> None:
    """List the mutants of a contract.

    Some are derived from the contract, others are written by hand.

    \b
    Try:
      assay mutants list --only PAG-001

    Exit codes: 0 success; 2 bad usage or input.
    """
    from assay_mutants.outcomes import medium
    from assay_mutants.roster import all_mutants, chosen

    found = chosen(all_mutants(load_contract(contract_id or DEFAULT)), only)
    if form == "json":
        rows = [
            {"id": mutant.id, "medium": medium(mutant), "origin": mutant.origin, "subject": mutant.subject, "breaks": sorted(mutant.breaks)}
            for mutant in found
        ]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for mutant in found:
        click.echo(f"{medium(mutant)}  {mutant.origin:<8} {mutant.id:<90} {', '.join(sorted(mutant.breaks))}")
    click.echo(f"{len(found)} mutants", err=True)


@mutants.command()
@click.argument("evidence_file", required=False, type=click.Path(path_type=Path))
@_contract
@_only
@click.option("--live", "live_too", is_flag=True, help="Also run every mutant live.")
@click.option("--set", "which", type=click.Choice(["known", "aside"]), default="known", show_default=True, help="Which mutants are tried.")
@_sample
@_feed
@_whole
@_seed
@_target
@_workers
@_markdown
@_form
def matrix(
    *,
    evidence_file: Path | None,
    contract_id: str | None,
    only: tuple[str, ...],
    live_too: bool,
    which: str,
    sample: int | None,
    feed_sample: int,
    whole: bool,
    seed: int,
    manifest: Path | None,
    workers: int,
    markdown: Path | None,
    form: str,
) -> int:
    """Run every mutant against every check, on recorded evidence.

    EVIDENCE_FILE is the evidence of a correct server from `assay certify`. Without it the reference server is certified first.

    The set aside has mutants that nobody looks at while checks are written: published operators of response mutation, for any contract.
    Its miss rate, with a 95 % interval, estimates what wrong servers that nobody thought of get away with; it is a figure and no gate.

    \b
    Try:
      assay mutants matrix certificate/evidence.ndjson.gz
      assay mutants matrix certificate/evidence.ndjson.gz --set aside --sample 200
      assay mutants matrix --live --sample 1

    Exit codes: 0 every active mutant is killed, every MUST kills one, and every check kills what it declares; 1 one of these fails; 2 bad
    usage or input; 3 Assay or its environment failed.
    """
    expect_folder(markdown)
    if which == "aside" and (live_too or only or markdown is not None):
        raise UsageError("--set aside", expected="neither --live, --only nor --markdown: the set is tried on recorded evidence, unseen")
    contract, evidence = recorded(evidence_file, contract_id)
    if evidence is None:
        evidence = certified(contract, manifest, seed)
    if which == "aside":
        return _aside(contract, evidence, sample, seed, form)
    everything, found = chosen_mutants(contract, only)
    trials, unclean, crashed = run_offline(contract, evidence, found, workers)
    if live_too:
        trials += run_live(contract, tried_live(found, sample, feed_sample, seed, whole=whole), manifest, seed, workers)
    return _finish(contract, found, trials, unclean, crashed, markdown, form, partial=len(found) < len(everything))


@mutants.command()
@_contract
@_only
@_sample
@_feed
@_whole
@_seed
@_target
@_workers
@_markdown
@_form
def live(
    *,
    contract_id: str | None,
    only: tuple[str, ...],
    sample: int | None,
    feed_sample: int,
    whole: bool,
    seed: int,
    manifest: Path | None,
    workers: int,
    markdown: Path | None,
    form: str,
) -> int:
    """Run mutants live, in a proxy before a correct server.

    \b
    Try:
      assay mutants live --sample 1

    Exit codes: 0 every active mutant is killed; 1 one is not; 2 bad usage or input; 3 Assay or its environment failed.
    """
    expect_folder(markdown)
    contract = load_contract(contract_id or DEFAULT)
    _, found = chosen_mutants(contract, only)
    drawn = tried_live(found, sample, feed_sample, seed, whole=whole)
    trials = run_live(contract, drawn, manifest, seed, workers)
    return _finish(contract, drawn, trials, frozenset(), (), markdown, form, partial=True)


def _aside(contract: Contract, evidence: Evidence, sample: int | None, seed: int, form: str) -> int:
    from assay_mutants.aside import aside_mutants, drawn, printed, try_aside

    found = drawn(aside_mutants(contract), sample, seed)
    with progress_bar(f"{len(found)} mutants of the set aside") as progress:
        figures = try_aside(contract, evidence, found, progress)
    click.echo(orjson.dumps(figures.as_json(), option=orjson.OPT_INDENT_2) if form == "json" else printed(figures))
    return 0


@mutants.command("drivers")
@click.option(
    "--contract",
    "contract_ids",
    multiple=True,
    metavar="NAME@VERSION|PATH",
    help=f"A contract version; several add up.  [default: {DEFAULT}]",
)
@_only
@_seed
@_target
@_form
def drivers_command(*, contract_ids: tuple[str, ...], only: tuple[str, ...], seed: int, manifest: Path | None, form: str) -> None:
    """Measure what each driver of a certification costs and kills.

    Runs each driver once against a correct server, without a mutant, and tries every mutant on what that driver alone recorded. Those
    come first that kill most a second which no other driver kills. The profile gate of `assay certify` is chosen by these figures.

    \b
    Try:
      assay mutants drivers --contract reliability@1.0.0

    Exit codes: 0 success; 2 bad usage or input; 3 Assay or its environment failed.
    """
    from assay_mutants.driver_figures import driver_figures, printed, summed
    from assay_mutants.live import survey

    if manifest is not None and len(contract_ids) > 1:
        raise UsageError("--target", expected="one --contract, which that server implements", actual=f"{len(contract_ids)} contracts")
    contracts = [load_contract(item) for item in contract_ids or (DEFAULT,)]
    rows: list[DriverFigures] = []
    for contract in contracts:
        _, found = chosen_mutants(contract, only)
        with targets_of(contract, manifest, seed, 1) as targets, progress_bar(f"{contract.id}: each driver once") as progress:
            courses = asyncio.run(survey(contract, targets[0], progress))
        rows += driver_figures(courses, found)
    result = summed(rows)
    if form == "json":
        content = {"contracts": [str(item.id) for item in contracts], "drivers": {row.driver: row.as_json() for row in result}}
        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    else:
        click.echo(printed(result))


def _finish(
    contract: Contract,
    found: Sequence[Mutant],
    trials: tuple[Trial, ...],
    unclean: frozenset[tuple[str, str]],
    crashed: tuple[str, ...],
    page: Path | None,
    form: str,
    *,
    partial: bool,
) -> int:
    """Print the matrix; give the exit code that its gates stand for."""
    from assay_conformance.judging import checks_of

    from assay_mutants.matrix import build_matrix

    result = build_matrix(contract, found, trials, checks_of(contract), unclean=unclean, crashed=crashed, partial=partial)
    _publish(result, page)
    _print(result, form)
    return 1 if result.problems else 0


def _publish(result: Matrix, page: Path | None) -> None:
    from assay_mutants.matrix_report import markdown

    if page is None:
        return
    try:
        page.write_text(markdown(result), "utf-8")
    except OSError as error:
        raise UsageError(f"--markdown {page}", expected="a file that can be written", actual=error.strerror or str(error)) from None


def _print(result: Matrix, form: str) -> None:
    from rich.console import Console

    from assay_mutants.matrix import plain
    from assay_mutants.matrix_report import show

    if form == "json":
        click.echo(orjson.dumps(plain(result), option=orjson.OPT_INDENT_2))
    else:
        show(result, Console(highlight=False))
