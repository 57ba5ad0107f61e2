"""`assay mutants`: list the wrong implementations, and see which of them the checks kill."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from assay_contracts import Contract, UsageError, load_contract, parse_bundle

if TYPE_CHECKING:
    from assay_conformance.evidence import Evidence

    from assay_mutants.driver_figures import DriverFigures
    from assay_mutants.matrix import Matrix
    from assay_mutants.model import Mutant
    from assay_mutants.offline import Progress
    from assay_mutants.outcomes import Trial

DEFAULT = "reliability@1.0.0"

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
    _expect_folder(markdown)
    if which == "aside" and (live_too or only or markdown is not None):
        raise UsageError("--set aside", expected="neither --live, --only nor --markdown: the set is tried on recorded evidence, unseen")
    contract, evidence = _recorded(evidence_file, contract_id)
    if evidence is None:
        evidence = _certified(contract, manifest, seed)
    if which == "aside":
        return _aside(contract, evidence, sample, seed, form)
    everything, found = _chosen(contract, only)
    trials, unclean, crashed = _offline(contract, evidence, found, workers)
    if live_too:
        trials += _live(contract, _tried(found, sample, feed_sample, seed, whole=whole), manifest, seed, workers)
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
    _expect_folder(markdown)
    contract = load_contract(contract_id or DEFAULT)
    _, found = _chosen(contract, only)
    drawn = _tried(found, sample, feed_sample, seed, whole=whole)
    trials = _live(contract, drawn, manifest, seed, workers)
    return _finish(contract, drawn, trials, frozenset(), (), markdown, form, partial=True)


def _aside(contract: Contract, evidence: Evidence, sample: int | None, seed: int, form: str) -> int:
    from assay_mutants.aside import aside_mutants, drawn, printed, try_aside

    found = drawn(aside_mutants(contract), sample, seed)
    with _bar(f"{len(found)} mutants of the set aside") as progress:
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
        _, found = _chosen(contract, only)
        with _targets(contract, manifest, seed, 1) as targets, _bar(f"{contract.id}: each driver once") as progress:
            courses = asyncio.run(survey(contract, targets[0], progress))
        rows += driver_figures(courses, found)
    result = summed(rows)
    if form == "json":
        content = {"contracts": [str(item.id) for item in contracts], "drivers": {row.driver: row.as_json() for row in result}}
        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    else:
        click.echo(printed(result))


def _chosen(contract: Contract, only: tuple[str, ...]) -> tuple[tuple[Mutant, ...], tuple[Mutant, ...]]:
    from assay_mutants.roster import all_mutants, chosen

    everything = all_mutants(contract)
    found = chosen(everything, only)
    if not found:
        raise UsageError(
            f"--only {' '.join(only)}", expected="a part of a mutant's name, or a clause", next_step="see `assay mutants list`"
        )
    return everything, found


def _tried(found: Sequence[Mutant], sample: int | None, feed_sample: int, seed: int, *, whole: bool) -> tuple[Mutant, ...]:
    """Which mutants are tried live: a session takes far longer than a request, so the feed has a number of its own."""
    from assay_mutants.outcomes import medium

    if whole:
        return tuple(found)
    http = [mutant for mutant in found if medium(mutant) == "http"]
    feed = [mutant for mutant in found if medium(mutant) == "feed"]
    drawn = {mutant.id for mutant in (*(http if sample is None else _drawn(http, sample, seed)), *_drawn(feed, feed_sample, seed))}
    return tuple(mutant for mutant in found if mutant.id in drawn)


def _drawn(found: Sequence[Mutant], sample: int, seed: int) -> tuple[Mutant, ...]:
    """So many mutants for each clause, the same ones for the same seed. What only shows live is always among them."""
    dice = random.Random(seed)  # noqa: S311 - a draw, not a secret
    mixed = sorted(found, key=lambda mutant: mutant.id)
    dice.shuffle(mixed)
    taken: dict[str, int] = {}
    drawn = {mutant.id for mutant in found if mutant.live_only}
    for mutant in mixed:
        if any(taken.get(clause, 0) < sample for clause in mutant.breaks):
            drawn.add(mutant.id)
            for clause in mutant.breaks:
                taken[clause] = taken.get(clause, 0) + 1
    return tuple(mutant for mutant in found if mutant.id in drawn)


def _recorded(file: Path | None, contract_id: str | None) -> tuple[Contract, Evidence | None]:
    """The contract, and the evidence if there is any yet; evidence carries its contract with it."""
    from assay_conformance.evidence import read_evidence

    if file is None:
        return load_contract(contract_id or DEFAULT), None
    evidence = read_evidence(file)
    contract = parse_bundle(evidence.provenance.openapi, evidence.provenance.asyncapi)
    if contract_id is not None and str(load_contract(contract_id).id) != str(contract.id):
        raise UsageError(f"--contract {contract_id}", expected=f"{contract.id}, of which the evidence is, or nothing")
    return contract, evidence


def _certified(contract: Contract, manifest: Path | None, seed: int) -> Evidence:
    """What a certification of a right server sees now."""
    from assay_conformance.certifying import certify
    from assay_conformance.report import Progress

    with _targets(contract, manifest, seed, 1) as targets, Progress() as progress:
        return asyncio.run(certify(contract, targets[0], progress)).evidence


def _expect_folder(page: Path | None) -> None:
    """Say that a page cannot be written before an hour of work rather than after it."""
    if page is not None and not page.parent.is_dir():
        raise UsageError(f"--markdown {page}", expected="a file in a folder that exists")


@contextmanager
def _targets(contract: Contract, manifest: Path | None, seed: int, count: int) -> Generator[list[Any], None, None]:
    """A target of one's own for each worker: the manifest's, or so many reference servers, started and stopped here."""
    from assay_conformance.reference import reference_server
    from assay_conformance.target_reading import target_for

    with ExitStack() as running:
        if manifest is not None:
            yield [target_for(contract, manifest, None)]
        else:
            yield [target_for(contract, running.enter_context(reference_server(contract.id, seed=seed)), None) for _ in range(count)]


def _offline(
    contract: Contract, evidence: Evidence, found: Sequence[Mutant], workers: int
) -> tuple[tuple[Trial, ...], frozenset[tuple[str, str]], tuple[str, ...]]:
    from assay_mutants.offline import Bench, try_offline

    bench = Bench(contract, evidence)
    with _bar(f"{len(found)} mutants over {len(evidence.records)} records") as progress:
        trials = try_offline(contract, evidence, found, workers=workers, progress=progress)
    return trials, bench.unclean, bench.crashed


def _live(contract: Contract, found: Sequence[Mutant], manifest: Path | None, seed: int, workers: int) -> tuple[Trial, ...]:
    from assay_mutants.live import survey, try_live

    with _targets(contract, manifest, seed, workers) as targets:
        with _bar("each driver once without a mutant") as progress:
            courses = asyncio.run(survey(contract, targets[0], progress))
        with _bar(f"{len(found)} mutants live") as progress:
            return asyncio.run(try_live(contract, targets, found, courses, progress=progress))


@contextmanager
def _bar(title: str) -> Generator[Progress, None, None]:
    """How far it is, on the terminal's other channel so that the result can be piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


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
