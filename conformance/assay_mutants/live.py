"""Mutants live: a proxy with one mutant in it stands between the drivers and a right server, and the evidence is judged as ever.

A whole certification for every mutant would take hours and tell nothing more. So each driver is first run once without a mutant, which
shows what it costs and which mutants its answers feed; a mutant is then tried with the cheapest driver that should bring it down, and with
the next one when that did not. Every worker has a target of its own, because drivers change the state of the target they talk to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from assay_conformance.certifying import PatientWire
from assay_conformance.corpus import find_corpus
from assay_conformance.driver_context import DriverContext, HookClient
from assay_conformance.errors import KitError
from assay_conformance.evidence import Evidence, Exchange, Journal, Provenance
from assay_conformance.judging import judge
from assay_conformance.preflight import TargetSilent
from assay_conformance.run_plan import FULL_PLAN, Driver
from assay_conformance.target import Target
from assay_conformance.verdicts import Verdict
from assay_contracts import Contract

from assay_mutants.model import HttpMutant, Mutant
from assay_mutants.offline import Bench, Progress, failures
from assay_mutants.outcomes import Fate, Kill, Trial
from assay_mutants.proxy import NOT_THERE, MutatingProxy

_PATIENCE = 90.0
"""How long one driver may take against a wrong server; one that leads it around in circles is a fault of the driver."""


@dataclass(frozen=True, slots=True)
class Course:
    """One driver as it ran without a mutant: what it costs in seconds, what its evidence can show, and which clauses pass by it."""

    name: str
    drive: Driver
    seconds: float
    bench: Bench
    reaches: frozenset[str]


def all_drives() -> dict[str, Driver]:
    """Every driver of a certification by name; what changes a target has `changing` in its name."""
    return {step.name_of_figures: step.drive for step in FULL_PLAN.steps}


async def survey(contract: Contract, target: Target, progress: Progress | None = None) -> tuple[Course, ...]:
    """Run each driver once through a proxy without a mutant, the cheapest first in what is given back."""
    found: list[Course] = []
    drives = all_drives()
    async with MutatingProxy(contract, target) as proxy:
        for number, (name, drive) in enumerate(drives.items(), start=1):
            started = time.monotonic()
            evidence, crash = await _driven(contract, proxy.target(), drive)
            if crash:
                raise KitError(f"the driver {name} fails on the target without any mutant: {crash}; expected a correct server")
            exchanges = evidence.of(Exchange)
            if exchanges and all(exchange.answer.status in (0, NOT_THERE) for exchange in exchanges):
                raise KitError(f"no server responds at {target.http}; expected a correct server")
            seconds = time.monotonic() - started
            passed = frozenset(row.clause for row in judge(contract, evidence).rows if row.verdict is Verdict.PASS)
            found.append(Course(name, drive, seconds, Bench(contract, evidence), passed))
            if progress is not None:
                progress(number, len(drives))
    return tuple(sorted(found, key=lambda course: course.seconds))


def routes(mutant: Mutant, courses: Sequence[Course]) -> Iterator[Course]:
    """The drivers to try a mutant with, the cheapest first: those whose clean answers, made wrong, bring it down.

    What a mutant reads differently cannot be seen in recorded answers; it is tried with every driver whose evidence alone is
    enough for one of its clauses to pass.
    """
    if not (mutant.live_only or (isinstance(mutant, HttpMutant) and mutant.request is not None)):
        for course in courses:
            if course.bench.trial(mutant, only=mutant.breaks).fate(mutant.breaks) is Fate.KILLED:
                yield course
        return
    yield from (course for course in courses if course.reaches & mutant.breaks)


async def try_live(
    contract: Contract,
    targets: Sequence[Target],
    mutants: Iterable[Mutant],
    courses: Sequence[Course],
    *,
    attempts: int = 3,
    progress: Progress | None = None,
) -> tuple[Trial, ...]:
    """Try mutants live, one worker for each target. A mutant that no driver feeds is reported as never fired."""
    wanted = list(mutants)
    queue: asyncio.Queue[Mutant] = asyncio.Queue()
    # Sessions take longest: they go first, so that no worker is left alone with one at the end.
    for mutant in sorted(wanted, key=lambda item: isinstance(item, HttpMutant)):
        queue.put_nowait(mutant)
    trials: dict[str, Trial] = {}

    async def work(target: Target) -> None:
        async with MutatingProxy(contract, target) as proxy:
            while not queue.empty():
                mutant = queue.get_nowait()
                trials[mutant.id] = await _trial(contract, proxy, mutant, courses, attempts)
                if progress is not None:
                    progress(len(trials), len(wanted))

    await asyncio.gather(*(work(target) for target in targets))
    return tuple(trials[mutant.id] for mutant in wanted)


async def _trial(contract: Contract, proxy: MutatingProxy, mutant: Mutant, courses: Sequence[Course], attempts: int) -> Trial:
    fires = 0
    kills: set[Kill] = set()
    errors: list[str] = []
    for course in islice(routes(mutant, courses), attempts):
        proxy.infect(mutant)
        evidence, crash = await _driven(contract, proxy.target(), course.drive)
        fires += proxy.fires
        if crash:
            errors.append(f"the driver {course.name}: {crash}")
        failed, crashed = failures(contract, evidence, only=mutant.breaks)
        errors += [error for error in crashed if error not in course.bench.crashed]
        kills.update(kill for kill in failed if (kill.clause, kill.subject) not in course.bench.unclean)
        if kills:
            break
    proxy.infect(None)
    return Trial(mutant.id, "live", fires, tuple(sorted(kills)), tuple(dict.fromkeys(errors)))


def _single(error: Exception) -> Iterator[BaseException]:
    """The errors in a group, or the one that is none."""
    if not isinstance(error, ExceptionGroup):
        yield error
        return
    for one in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        yield from _single(one)  # pyright: ignore[reportUnknownArgumentType]


async def _driven(contract: Contract, target: Target, drive: Driver) -> tuple[Evidence, str]:
    """What one driver brings back, and how it failed if it did."""
    journal = Journal()
    wire, hook = PatientWire(target, journal, contract=contract), HookClient(target)
    crash = ""
    try:
        await asyncio.wait_for(drive(DriverContext(contract, target, journal, wire, hook, find_corpus(contract).cases)), _PATIENCE)
    except TimeoutError:
        crash = f"took longer than {_PATIENCE:g} s"
    except TargetSilent:
        pass  # what was seen until then is judged, as in a certification
    except Exception as error:
        crash = "; ".join(f"{type(one).__name__}: {one}" for one in _single(error))
    finally:
        await hook.clear()
        await hook.close()
        await wire.close()
    provenance = Provenance(str(contract.id), contract.digest, "", "", "", target.described(), "")
    return journal.close(provenance), crash
