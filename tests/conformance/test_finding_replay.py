"""The conversation behind a finding, sent again: to the server that is wrong, and to one that is right by now."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest
from aiohttp import web
from assay_conformance import certifying
from assay_conformance.errors import TargetError
from assay_conformance.evidence import Evidence, write_evidence
from assay_conformance.finding_replay import FEED_STEPS, Replay, finding_named, replay
from assay_conformance.replay_commands import replay as command
from assay_conformance.run_plan import FULL_PLAN
from assay_contracts import UsageError, load_contract
from click.testing import CliRunner

from .honest import Honest, running
from .honest_feed import HonestFeed, quick_contract
from .test_commands import MANIFEST
from .test_wrong_servers import BindsNoOrderToItsCursors, CallsDelayedDataFresh, CountsTheEndToo
from .wrong_feeds import TurnsTheChangesRound

CONTRACT = load_contract("reliability@1.0.0")


async def _run(server: Honest, driver: str) -> Evidence:
    async with running(server) as address:
        plan = FULL_PLAN.only([driver])
        return (await certifying.certify(CONTRACT, server.target(address), plan=plan)).evidence


async def _again(evidence: Evidence, name: str, server: Honest) -> Replay:
    finding = finding_named(name, CONTRACT, evidence)
    async with running(server) as address:
        return await replay(finding, CONTRACT, evidence, server.target(address))


@pytest.mark.parametrize(
    ("wrong", "driver", "name"),
    [
        (CountsTheEndToo, "window", "WIN-001@getFunnelMetrics"),
        (BindsNoOrderToItsCursors, "pagination", "PAG-008@listFailures"),
        (CallsDelayedDataFresh, "faults", "FLT-001@contract"),
    ],
)
async def test_a_finding_fails_again_until_the_server_is_mended(wrong: type[Honest], driver: str, name: str) -> None:
    """Few requests, by the same check; cursors are those of the server that is asked."""
    evidence = await _run(wrong(), driver)
    still, mended = await _again(evidence, name, wrong()), await _again(evidence, name, Honest())

    assert (still.row.verdict.value, still.mended, mended.mended) == ("FAIL", False, True)
    assert 0 < len(still.steps) < len(evidence.records)


@pytest.mark.slow
async def test_a_finding_about_changes_between_sessions_has_the_conversation_again() -> None:
    """Changes come through the control hook, as in the run; only what talks to the feed is repeated."""
    contract, name = quick_contract(), "STR-008@incidentFeed"
    async with TurnsTheChangesRound().serving() as target:
        evidence = (await certifying.certify(contract, target, plan=FULL_PLAN.only(FEED_STEPS))).evidence
        finding = finding_named(name, contract, evidence)
        still = await replay(finding, contract, evidence, target)
    async with HonestFeed().serving() as target:
        mended = await replay(finding, contract, evidence, target)

    assert (still.row.verdict.value, still.mended, mended.row.verdict.value, mended.mended) == ("FAIL", False, "PASS", True)


async def test_a_server_that_lets_nobody_in_mends_nothing() -> None:
    """Responses that cannot show the finding are no proof that it is gone."""

    class LetsNobodyIn(Honest):
        def answer(self, request: web.Request, name: str) -> web.StreamResponse:
            return web.json_response({}, status=401)

    evidence = await _run(CountsTheEndToo(), "window")
    again = await _again(evidence, "WIN-001@getFunnelMetrics", LetsNobodyIn())

    assert not again.mended


async def test_a_fault_needs_a_control_hook() -> None:
    """Without one the state cannot be reached, and the error says so."""
    evidence = await _run(CallsDelayedDataFresh(), "faults")
    finding = finding_named("FLT-001@contract", CONTRACT, evidence)
    async with running(Honest()) as address:
        with pytest.raises(TargetError, match="needs the fault"):
            await replay(finding, CONTRACT, evidence, dataclasses.replace(Honest().target(address), hook=None))


async def test_a_name_that_is_no_finding_lists_those_that_are() -> None:
    """A clause that passes has nothing to send again."""
    evidence = await _run(CountsTheEndToo(), "window")

    with pytest.raises(UsageError, match="WIN-001@getFunnelMetrics"):
        finding_named("ORD-001@listFailures", CONTRACT, evidence)


async def test_the_command_shows_requests_and_both_responses(tmp_path: Path) -> None:
    """As text and as JSON; exit 1 while it fails, and no token in either."""
    evidence = await _run(CountsTheEndToo(), "window")
    file, manifest = tmp_path / "evidence.ndjson.gz", tmp_path / "target.toml"
    write_evidence(file, evidence)
    async with running(CountsTheEndToo()) as address:
        manifest.write_text(MANIFEST.format(address=address))
        arguments = ["WIN-001", "--evidence", str(file), "--target", str(manifest)]
        text = await asyncio.to_thread(CliRunner().invoke, command, arguments)
        data = await asyncio.to_thread(CliRunner().invoke, command, [*arguments, "--format", "json"])

    assert (text.exit_code, data.exit_code) == (1, 1)
    assert "then HTTP 200; now HTTP 200" in text.output
    assert "curl -i -X GET" in text.output
    found = json.loads(data.stdout)
    assert (found["finding"], found["verdict"]) == ("WIN-001@getFunnelMetrics", "FAIL")
    assert "token-primary-0123456789" not in text.output + data.output
