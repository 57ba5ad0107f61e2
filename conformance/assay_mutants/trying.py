"""What the commands of `assay mutants` do: choose mutants, certify a right server, and try them on its evidence or live."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import Contract, UsageError, load_contract, parse_bundle

if TYPE_CHECKING:
    from assay_conformance.evidence import Evidence

    from assay_mutants.model import Mutant
    from assay_mutants.offline import Progress
    from assay_mutants.outcomes import Trial

DEFAULT = "reliability@1.0.0"
"""The contract where none is named."""


def chosen_mutants(contract: Contract, only: tuple[str, ...]) -> tuple[tuple[Mutant, ...], tuple[Mutant, ...]]:
    from assay_mutants.roster import all_mutants, chosen

    everything = all_mutants(contract)
    found = chosen(everything, only)
    if not found:
        raise UsageError(
            f"--only {' '.join(only)}", expected="a part of a mutant's name, or a clause", next_step="see `assay mutants list`"
        )
    return everything, found


def tried_live(found: Sequence[Mutant], sample: int | None, feed_sample: int, seed: int, *, whole: bool) -> tuple[Mutant, ...]:
    """Which mutants are tried live: a session takes far longer than a request, so the feed has a number of its own."""
    from assay_mutants.outcomes import medium

    if whole:
        return tuple(found)
    http = [mutant for mutant in found if medium(mutant) == "http"]
    feed = [mutant for mutant in found if medium(mutant) == "feed"]
    drawn = {
        mutant.id
        for mutant in (*(http if sample is None else drawn_by_clause(http, sample, seed)), *drawn_by_clause(feed, feed_sample, seed))
    }
    return tuple(mutant for mutant in found if mutant.id in drawn)


def drawn_by_clause(found: Sequence[Mutant], sample: int, seed: int) -> tuple[Mutant, ...]:
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


def recorded(file: Path | None, contract_id: str | None) -> tuple[Contract, Evidence | None]:
    """The contract, and the evidence if there is any yet; evidence carries its contract with it."""
    from assay_conformance.evidence import read_evidence

    if file is None:
        return load_contract(contract_id or DEFAULT), None
    evidence = read_evidence(file)
    contract = parse_bundle(evidence.provenance.openapi, evidence.provenance.asyncapi)
    if contract_id is not None and str(load_contract(contract_id).id) != str(contract.id):
        raise UsageError(f"--contract {contract_id}", expected=f"{contract.id}, of which the evidence is, or nothing")
    return contract, evidence


def certified(contract: Contract, manifest: Path | None, seed: int) -> Evidence:
    """What a certification of a right server sees now."""
    from assay_conformance.certifying import certify
    from assay_conformance.report import Progress

    with targets_of(contract, manifest, seed, 1) as targets, Progress() as progress:
        return asyncio.run(certify(contract, targets[0], progress)).evidence


def expect_folder(page: Path | None) -> None:
    """Say that a page cannot be written before an hour of work rather than after it."""
    if page is not None and not page.parent.is_dir():
        raise UsageError(f"--markdown {page}", expected="a file in a folder that exists")


@contextmanager
def targets_of(contract: Contract, manifest: Path | None, seed: int, count: int) -> Generator[list[Any], None, None]:
    """A target of one's own for each worker: the manifest's, or so many reference servers, started and stopped here."""
    from assay_conformance.reference import reference_server
    from assay_conformance.target_reading import target_for

    with ExitStack() as running:
        if manifest is not None:
            yield [target_for(contract, manifest, None)]
        else:
            yield [target_for(contract, running.enter_context(reference_server(contract.id, seed=seed)), None) for _ in range(count)]


def run_offline(
    contract: Contract, evidence: Evidence, found: Sequence[Mutant], workers: int
) -> tuple[tuple[Trial, ...], frozenset[tuple[str, str]], tuple[str, ...]]:
    from assay_mutants.offline import Bench, try_offline

    bench = Bench(contract, evidence)
    with progress_bar(f"{len(found)} mutants over {len(evidence.records)} records") as progress:
        trials = try_offline(contract, evidence, found, workers=workers, progress=progress)
    return trials, bench.unclean, bench.crashed


def run_live(contract: Contract, found: Sequence[Mutant], manifest: Path | None, seed: int, workers: int) -> tuple[Trial, ...]:
    from assay_mutants.live import survey, try_live

    with targets_of(contract, manifest, seed, workers) as targets:
        with progress_bar("each driver once without a mutant") as progress:
            courses = asyncio.run(survey(contract, targets[0], progress))
        with progress_bar(f"{len(found)} mutants live") as progress:
            return asyncio.run(try_live(contract, targets, found, courses, progress=progress))


@contextmanager
def progress_bar(title: str) -> Generator[Progress, None, None]:
    """How far it is, on the terminal's other channel so that the result can be piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
