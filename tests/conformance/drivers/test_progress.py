"""The driver of the channel of a job, what its checks make of an honest and of wrong servers, and the mutants that they kill."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest
from aiohttp import web
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers.progress import drive_changing
from assay_conformance.evidence import Evidence, Journal, ProgressKnock, ProgressRun, Provenance
from assay_conformance.judging import judge
from assay_conformance.target import Hook, Secret, Target
from assay_mutants.offline import Bench
from assay_mutants.roster import all_mutants

from .lighthouse import Lighthouse, lighthouse

CONTRACT = lighthouse()


@cache
def driven(wrong: str = "", *, hooked: bool = True) -> Evidence:
    """What the driver records of the lighthouse."""

    async def run() -> Evidence:
        runner = web.AppRunner(Lighthouse(wrong).application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = "http://{}:{}".format(*runner.addresses[0][:2])
            credentials = {role: Secret(f"token-{role}") for role in ("primary", "other")}
            hook = Hook(f"{address}/hook", Secret("hook")) if hooked else None
            target = Target("lighthouse", "1", address, address.replace("http", "ws"), credentials, {}, {}, hook=hook)
            journal = Journal()
            wire, client = Wire(target, journal, contract=CONTRACT), HookClient(target)
            try:
                await drive_changing(DriverContext(CONTRACT, target, journal, wire, client))
            finally:
                await wire.close()
                await client.close()
            return journal.close(Provenance(str(CONTRACT.id), CONTRACT.digest, "", "", "", target.described(), ""))
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def verdicts(evidence: Evidence) -> dict[str, str]:
    """The verdict of each clause of the channel."""
    return {row.clause: row.verdict.value for row in judge(CONTRACT, evidence).rows if row.clause.startswith("PRO-")}


def test_a_job_is_followed_from_its_start_when_it_is_over_and_held_up() -> None:
    """Over HTTP it is read after each message."""
    runs = driven().of(ProgressRun)

    assert [(run.purpose, run.delayed) for run in runs] == [
        ("follow a job", False),
        ("follow a job that is over", False),
        ("follow a job that is held up", True),
    ]
    assert all(run.reads and len(run.reads) == len(run.seen) for run in runs)


def test_every_reason_to_refuse_a_session_is_given() -> None:
    """A job of somebody else and one that does not exist are both not found."""
    knocks = driven().of(ProgressKnock)

    assert [(knock.when, knock.foreign, knock.session.request.credential) for knock in knocks] == [
        *(("unauthenticated", False, name) for name in ("none", "forged", "tampered", "shortened", "lengthened")),
        ("not-found", True, "other"),
        ("not-found", False, "primary"),
        ("version-not-served", False, "primary"),
    ]


def test_an_honest_server_keeps_every_clause() -> None:
    """PRO-006 is not promised: there is no code for a foreign job."""
    assert verdicts(driven()) == dict.fromkeys(
        ("PRO-001", "PRO-002", "PRO-003", "PRO-004", "PRO-005", "PRO-007", "PRO-008", "PRO-009"), "PASS"
    )


def test_without_a_hook_nothing_shows_that_heartbeats_come() -> None:
    """No session lasts long enough."""
    assert [clause for clause, verdict in verdicts(driven(hooked=False)).items() if verdict != "PASS"] == ["PRO-007"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "clause"),
    [
        ("never-final", "PRO-001"),
        ("goes-back", "PRO-002"),
        ("another-code", "PRO-003"),
        ("http-is-behind", "PRO-004"),
        ("lets-anybody-in", "PRO-005"),
        ("no-heartbeats", "PRO-007"),
        ("everybodys", "PRO-008"),
        ("tells-foreign", "PRO-008"),
        ("any-version", "PRO-009"),
    ],
)
def test_a_wrong_server_breaks_its_clause(wrong: str, clause: str) -> None:
    """Each in its own way."""
    assert verdicts(driven(wrong))[clause] == "FAIL"


def test_every_mutant_of_the_channel_is_killed() -> None:
    """On what the honest server said."""
    bench = Bench(CONTRACT, driven())
    mutants = [item for item in all_mutants(CONTRACT) if any(clause.startswith("PRO-") for clause in item.breaks)]
    trials = [(item, bench.trial(item)) for item in mutants]

    assert len(mutants) >= 10
    assert [item.id for item, trial in trials if not {kill.clause for kill in trial.kills} & item.breaks] == []
