"""Mutants live: a small right server behind the proxy, real drivers in front of it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest
from assay_conformance.drivers import cache, tenancy
from assay_conformance.errors import KitError
from assay_conformance.evidence import Exchange, Request, Response
from assay_conformance.target import Target
from assay_contracts import Contract, load_contract, parse_bundle
from assay_mutants import HttpMutant
from assay_mutants import live as room
from assay_mutants.edits import heading
from assay_mutants.live import Course, all_drives, routes, survey, try_live
from assay_mutants.model import State
from assay_mutants.outcomes import Fate
from assay_mutants.roster import all_mutants
from assay_mutants.selectors import of_success

from tests.conformance.honest import Honest, running

CONTRACT = parse_bundle(load_contract("reliability@1.0.0").openapi)
MUTANTS = {mutant.id: mutant for mutant in all_mutants(CONTRACT)}


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    """A right server."""
    honest = Honest()
    async with running(honest) as address:
        yield honest.target(address)


@pytest.fixture
async def courses(target: Target, monkeypatch: pytest.MonkeyPatch) -> tuple[Course, ...]:
    """Two quick drivers, surveyed."""
    monkeypatch.setattr(room, "all_drives", lambda: {"cache": cache.drive, "tenancy": tenancy.drive})
    return await survey(CONTRACT, target)


def test_every_driver_is_known() -> None:
    """Those that leave the target as it is, and those that change it."""
    assert {"operation", "pagination", "pagination (changing)", "faults (changing)", "stream"} <= set(all_drives())


async def test_mutants_are_killed_live(target: Target, courses: tuple[Course, ...]) -> None:
    """A mutant that some driver can see is killed by a clause that it breaks; one that nothing feeds never fires."""
    wanted = [
        MUTANTS[id]
        for id in (
            "get-funnel-metrics-metrics-starts-is-missing",
            "get-funnel-metrics-has-one-tag-for-all",
            "list-failures-items-tenant-id-is-another-tenant",
            "rate-limited-comes-without-retry-after",
        )
    ]
    trials = await try_live(CONTRACT, [target], wanted, courses)
    fates = [trial.fate(mutant.breaks) for trial, mutant in zip(trials, wanted, strict=True)]

    assert fates == [Fate.KILLED, Fate.KILLED, Fate.KILLED, Fate.UNFIRED]
    assert {trial.way for trial in trials} == {"live"}
    assert [trial.errors for trial in trials] == [()] * 4


async def test_what_is_read_differently_shows_live(target: Target, courses: tuple[Course, ...]) -> None:
    """A server that never looks at the client's tag is told from a right one, though no answer of it is wrong by itself."""

    def forgetful(request: Request, contract: Contract, state: State) -> Request:
        return dataclasses.replace(request, headers=tuple(pair for pair in request.headers if pair[0] != "if-none-match"))

    def same(exchange: Exchange, contract: Contract, state: State) -> Response:
        return exchange.answer

    mutant = HttpMutant("tags-are-never-looked-at", "*", frozenset({"CAC-003"}), same, forgetful, live_only=True)
    trial = (await try_live(CONTRACT, [target], [mutant], courses))[0]

    assert trial.fate(mutant.breaks) is Fate.KILLED


async def test_a_right_server_kills_nothing(target: Target, courses: tuple[Course, ...]) -> None:
    """A mutant that only says what is true anyway is not killed, however often it is tried."""
    harmless = HttpMutant(
        "says-who-it-is", "*", frozenset({"CAC-001", "TEN-001"}), of_success(heading("x-server", "honest")), live_only=True
    )
    trial = (await try_live(CONTRACT, [target], [harmless], courses))[0]

    assert (trial.fate(harmless.breaks), trial.fires > 0) == (Fate.SURVIVED, True)


async def test_the_cheapest_driver_comes_first(courses: tuple[Course, ...]) -> None:
    """Of two drivers that can bring a mutant down the quicker one is tried first."""
    ways = list(routes(MUTANTS["get-funnel-metrics-metrics-starts-is-missing"], courses))

    assert [course.seconds for course in ways] == sorted(course.seconds for course in ways)
    assert len(ways) == 2


async def test_a_dead_target_is_told(target: Target) -> None:
    """Nothing can be learned from wrong copies of a server that does not answer."""
    dead = dataclasses.replace(target, http="http://127.0.0.1:9", ws="ws://127.0.0.1:9", hook=None)

    with pytest.raises(KitError, match="correct server"):
        await survey(CONTRACT, dead)
