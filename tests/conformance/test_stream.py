"""The feed half of the kit: an honest feed passes, each wrong one fails where it is wrong, a dead one is given up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers import heartbeat, stream
from assay_conformance.drivers.feed_refusals import bad_messages
from assay_conformance.evidence import Evidence, FeedSession, Frame, Journal, Provenance, Request, read_evidence, write_evidence
from assay_conformance.judging import all_checks, judge
from assay_conformance.stream_terms import stream_of
from assay_conformance.target import Secret, Target
from assay_conformance.verdicts import Outcome, Verdict
from assay_contracts import Contract, parse_bundle
from assay_mutants.derived_feed import derive_feed
from assay_mutants.model import FeedMutant, HttpMutant, Mutant
from assay_mutants.offline import Bench
from assay_mutants.outcomes import Fate, Trial
from assay_mutants.written import written_mutants
from websockets.asyncio.server import ServerConnection, serve

from .honest_feed import TENANTS, TOKENS, HonestFeed, quick_contract
from .wrong_feeds import WRONG

CONTRACT = quick_contract()
CLAUSES = frozenset(promise.clause.id for promise in CONTRACT.promises if promise.clause.annotation in ("channel", "x-stream"))
NEED_CHANGES = {"CHA-002", "STR-002", "STR-005", "STR-006", "STR-008", "STR-013", "STR-014", "STR-016", "STR-017", "STR-018"}


async def drive(target: Target, contract: Contract = CONTRACT) -> Evidence:
    journal = Journal()
    wire, hook = Wire(target, journal), HookClient(target)
    context = DriverContext(contract, target, journal, wire, hook)
    await asyncio.gather(stream.drive(context), heartbeat.drive(context))
    await wire.close()
    await hook.close()
    return journal.close(Provenance(str(contract.id), contract.digest, "", "", "", target.described(), ""))


async def drive_feed(feed: HonestFeed) -> Evidence:
    async with feed.serving() as target:
        return await drive(target)


def judged(evidence: Evidence) -> Outcome:
    return judge(CONTRACT, evidence, only=CLAUSES)


def by_verdict(outcome: Outcome, verdict: Verdict) -> dict[str, str]:
    return {row.clause: f"{row.about}: expected {row.expected}, got {row.actual}" for row in outcome.rows if row.verdict is verdict}


@pytest.fixture(scope="module")
def honest() -> Evidence:
    return asyncio.run(drive_feed(HonestFeed()))


@pytest.fixture(scope="module")
def trials(honest: Evidence) -> dict[str, Trial]:
    bench = Bench(CONTRACT, honest)
    joining: list[Mutant] = [mutant for mutant in written_mutants() if isinstance(mutant, HttpMutant) and mutant.breaks & CLAUSES]
    return {mutant.id: bench.trial(mutant) for mutant in [*feed_mutants(), *joining]}


def feed_mutants() -> tuple[FeedMutant, ...]:
    """Those of the contract, and the written ones that break something which it promises."""
    promised = {promise.clause.id for promise in CONTRACT.promises}
    written = (mutant for mutant in written_mutants() if isinstance(mutant, FeedMutant) and mutant.breaks & promised)
    return (*derive_feed(CONTRACT), *written)


def test_an_honest_feed_passes_every_clause(honest: Evidence) -> None:
    """Nothing fails, and nothing is left open."""

    assert {row.clause: row.verdict for row in judged(honest).rows} == dict.fromkeys(CLAUSES, Verdict.PASS)


@pytest.mark.slow
def test_a_feed_that_begins_without_entities_passes_too() -> None:
    """What the target has before the run does not matter."""

    outcome = judged(asyncio.run(drive_feed(HonestFeed(incidents=0))))

    assert {row.clause: row.verdict for row in outcome.rows if row.verdict is not Verdict.PASS} == {}


def test_evidence_of_a_feed_is_judged_the_same_after_reading(honest: Evidence, tmp_path: Path) -> None:
    """The file holds all that the verdict rests on."""
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, honest)

    assert judged(read_evidence(path)).rows == judged(honest).rows


def test_no_credential_enters_the_evidence(honest: Evidence, tmp_path: Path) -> None:
    """Tokens go to the wire and nowhere else."""
    text = repr(honest)

    assert [token for token in TOKENS.values() if token in text] == []


@pytest.mark.slow
def test_every_feed_mutant_that_fires_is_killed_by_a_clause_that_it_breaks(trials: dict[str, Trial]) -> None:
    """There are many, and none survives."""
    fates = {mutant.id: trials[mutant.id].fate(mutant.breaks) for mutant in feed_mutants()}
    unfired = {id for id, fate in fates.items() if fate is Fate.UNFIRED}

    assert len(fates) > 100
    assert {id for id, fate in fates.items() if fate not in (Fate.KILLED, Fate.UNFIRED)} == set()
    assert all("instead-of-1001" in id for id in unfired), unfired


@pytest.mark.slow
def test_no_check_crashes_on_a_mutant(trials: dict[str, Trial]) -> None:
    """However wrong a frame is, the finding is a verdict."""
    own = {error for trial in trials.values() for error in trial.errors if error[:3] in ("CHA", "STR")}

    assert own == set()


@pytest.mark.slow
def test_every_check_kills_alone_what_it_says(trials: dict[str, Trial]) -> None:
    """Each pair of check and mutant is a kill by that very check."""
    missing = [
        (item.clause, id)
        for item in all_checks()
        if item.clause in CLAUSES
        for id in item.kills
        if not any(kill.check == item.function.__name__ for kill in trials[id].kills)
    ]

    assert missing == []


@pytest.fixture(scope="module")
def wrong() -> dict[str, Outcome]:
    async def every() -> dict[str, Outcome]:
        gate = asyncio.Semaphore(5)

        async def one(feed: type[HonestFeed]) -> Outcome:
            async with gate:
                return judged(await drive_feed(feed()))

        # How a slow consumer is treated shows only while there is enough to send: these feeds have the machine to themselves.
        alone = [feed for feed in WRONG if "STR-014" in WRONG[feed]]
        found = {feed.__name__: await one(feed) for feed in alone}
        others = [feed for feed in WRONG if feed not in alone]
        return found | dict(zip([feed.__name__ for feed in others], await asyncio.gather(*map(one, others)), strict=True))

    return asyncio.run(every())


@pytest.mark.slow
@pytest.mark.parametrize("feed", WRONG, ids=lambda feed: feed.__name__)
def test_a_wrong_feed_fails_where_it_is_wrong(feed: type[HonestFeed], wrong: dict[str, Outcome]) -> None:
    """One of the clauses that it breaks fails."""
    failed = by_verdict(wrong[feed.__name__], Verdict.FAIL)

    assert WRONG[feed] & set(failed), failed


def test_without_a_hook_what_needs_changes_is_inconclusive() -> None:
    """What a quiet target shows is judged; the rest is left open with a reason."""

    class Unhooked(HonestFeed):
        hooked = False

    outcome = judged(asyncio.run(drive_feed(Unhooked())))

    assert by_verdict(outcome, Verdict.FAIL) == {}
    assert set(by_verdict(outcome, Verdict.INCONCLUSIVE)) == NEED_CHANGES


def test_a_feed_without_heartbeats_is_seen_at_the_declared_distance() -> None:
    """The distance comes from the contract, not from the kit."""
    found = stream_of(quick_contract(every=7).channels[0])

    assert found is not None
    assert found.every == 7.0


@contextlib.asynccontextmanager
async def silent(upgraded: bool) -> AsyncIterator[str]:
    """A socket that takes connections and never says a word, before or after the handshake."""

    async def mute(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    if upgraded:
        async with serve(mute, "127.0.0.1", 0, close_timeout=0.1) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
    else:
        plain = await asyncio.start_server(deaf, "127.0.0.1", 0)
        yield f"ws://127.0.0.1:{plain.sockets[0].getsockname()[1]}"
        plain.close()
        await asyncio.sleep(0.05)


def nobody(ws: str) -> Target:
    credentials = {name: Secret(token) for name, token in TOKENS.items()}
    return Target("nobody", "0", "http://127.0.0.1:9", ws, credentials, TENANTS, {})


@pytest.mark.parametrize("upgraded", [True, False])
def test_a_silent_socket_is_given_up(upgraded: bool) -> None:
    """Within twelve seconds, with nothing certified."""

    async def run() -> Evidence:
        async with silent(upgraded) as ws:
            return await drive(nobody(ws))

    began = time.monotonic()
    outcome = judged(asyncio.run(run()))

    assert time.monotonic() - began < 12
    assert by_verdict(outcome, Verdict.PASS) == {}


def test_a_dead_port_is_given_up_at_once_with_the_reason() -> None:
    """Nothing is certified, and a row says why."""
    outcome = judged(asyncio.run(drive(nobody("ws://127.0.0.1:9"))))

    assert by_verdict(outcome, Verdict.PASS) == {}
    assert "Connect" in by_verdict(outcome, Verdict.INCONCLUSIVE)["STR-001"]


MALFORMED = (
    *("", "null", "[]", "7", '"x"', "{}", '{"type":null}', '{"type":[]}', '{"type":{"a":1}}', '{"type":"snapshot"}', "[" * 200),
    '{"type":"snapshot","seq":"1","incidents":{}}',
    '{"type":"snapshot","seq":1,"incidents":[null,7,{"incidentId":[]},{"incidentId":"a","updatedAt":7}]}',
    '{"type":"incident_delta","seq":true,"changes":null}',
    '{"type":"heartbeat","ts":{}}',
)


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_frames_never_crash_a_check(honest: Evidence, text: str) -> None:
    """A malformed frame anywhere in a session is judged, never an error of the kit."""
    extra = FeedSession(
        id="wrong",
        subject=CONTRACT.channels[0].id,
        purpose="say something malformed",
        request=Request("GET", "/", (("tenantId", TENANTS["empty"]),), (), None, "empty"),
        handshake=101,
        frames=(Frame(0.0, text), Frame(0.1, text)),
    )
    outcome = judged(Evidence(honest.provenance, (*honest.records, extra)))

    assert by_verdict(outcome, Verdict.ERROR) == {}


def with_client_message() -> Contract:
    """The contract with a message that a client may send."""
    declared = quick_contract()
    assert declared.asyncapi is not None
    asyncapi = declared.asyncapi
    payload = {
        "type": "object",
        "required": ["type", "after"],
        "additionalProperties": False,
        "properties": {"type": {"const": "resume"}, "after": {"type": "integer", "minimum": 0}},
        "examples": [{"type": "resume", "after": 3}],
    }
    channel = asyncapi["channels"]["incidentFeed"]
    channel["messages"]["resume"] = {"name": "resume", "payload": payload, "examples": [{"payload": {"type": "resume", "after": 3}}]}
    channel["x-stream"]["resume"] = {"message": "resume", "after": "/after"}
    reference = {"$ref": "#/channels/incidentFeed"}
    messages = [{"$ref": "#/channels/incidentFeed/messages/resume"}]
    asyncapi["operations"]["resumeSession"] = {"action": "receive", "channel": reference, "messages": messages}
    return parse_bundle(declared.openapi, asyncapi)


def test_bad_messages_are_bad_by_the_declared_client_messages() -> None:
    """What a client may say is never sent as a bad message; each way to say it wrong is."""
    terms = stream_of(with_client_message().channels[0])
    assert terms is not None
    named = dict(bad_messages(terms))
    texts = [text for text in named.values() if isinstance(text, str)]

    assert '{"type":"resume","after":3}' not in texts
    assert {"a resume without after", "a resume without type", "a resume with after -1"} <= set(named)
