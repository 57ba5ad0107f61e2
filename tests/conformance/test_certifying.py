"""One certification: an honest server passes, six kinds of useless ones are told apart from it, with the reason."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from assay_conformance.certificate import certificate, certificate_bytes
from assay_conformance.certifying import Certification, certify
from assay_conformance.evidence import Exchange, Walk, read_evidence, write_evidence
from assay_conformance.evidence.journal import evidence_digest
from assay_conformance.judging import judge
from assay_conformance.run_plan import FULL_PLAN
from assay_conformance.target import Target
from assay_conformance.verdicts import Verdict
from assay_contracts import Contract, canonical_bytes, load_contract, parse_bundle

from .honest import Honest, running

FEW = 120
"""Exchanges at most with a target that is given up; seconds would depend on the machine."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The HTTP half of the contract: the honest server holds no feed."""
    return parse_bundle(load_contract("reliability@1.0.0").openapi)


@pytest.fixture(scope="module")
def certified(contract: Contract) -> Certification:
    """One run against the honest server."""

    async def run() -> Certification:
        honest = Honest()
        async with running(honest) as address:
            return await certify(contract, honest.target(address))

    return asyncio.run(run())


def test_an_honest_server_is_certified(certified: Certification) -> None:
    """Every promise over HTTP that a certificate of this version rests on passes."""
    wrong = [row for row in certified.outcome.rows if row.verdict is not Verdict.PASS and row.scored]

    assert wrong == []
    assert certified.reason is None
    assert certified.outcome.certified


@pytest.mark.slow
def test_other_data_pass_too(contract: Contract) -> None:
    """The verdict does not hang on one set of facts; the corpus is left out, which asks for shapes and not for facts."""
    plan = FULL_PLAN.only([step.name for step in FULL_PLAN.steps if step.name != "operation"])

    async def run() -> Certification:
        honest = Honest(2, failures=260, funnel=300)
        async with running(honest) as address:
            return await certify(contract, honest.target(address), plan=plan)

    assert asyncio.run(run()).outcome.failed_clauses() == frozenset()


def test_evidence_gives_the_same_rows_without_the_server(certified: Certification, tmp_path: Path) -> None:
    """What was written and read back, with the contract that it carries, is judged the same."""
    path = tmp_path / "evidence.ndjson.gz"
    digest = write_evidence(path, certified.evidence)

    again = read_evidence(path)

    assert evidence_digest(again) == digest
    assert judge(parse_bundle(again.provenance.openapi, again.provenance.asyncapi), again).rows == certified.outcome.rows


def test_no_credential_enters_the_evidence(certified: Certification, tmp_path: Path) -> None:
    """Neither tokens nor the hook's are in what is written."""
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, certified.evidence)
    text = gzip.decompress(path.read_bytes()).decode()

    assert [secret for secret in ("token-primary", "token-other", "hook-token", "token-of-yesterday") if secret in text] == []


def test_items_are_added_while_lists_are_read(certified: Certification) -> None:
    """The hook was used in the middle of walks."""
    assert any(walk.added > 0 and len(walk.pages) > 2 for walk in certified.evidence.of(Walk))


def test_a_certificate_states_what_it_rests_on(contract: Contract, certified: Certification) -> None:
    """The statement names the implementation, all digests and the day on which it ends, in canonical form."""
    digest = evidence_digest(certified.evidence)
    statement = certificate(contract, certified.evidence, certified.outcome, digest)
    predicate = statement["predicate"]

    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["name"] == "honest@1.0"
    assert predicate["verdict"] == "certified"
    assert predicate["evidence"]["digest"] == digest
    assert predicate["expires"] > predicate["finished"]
    assert certificate_bytes(statement) == canonical_bytes(statement) + b"\n"


def test_a_run_that_was_broken_off_certifies_nothing(contract: Contract, certified: Certification) -> None:
    """Whatever the rows say, a reason is a refusal."""
    statement = certificate(contract, certified.evidence, certified.outcome, "sha256:0", "the target fell silent")

    assert statement["predicate"]["verdict"] == "not-certified"
    assert statement["predicate"]["reason"] == "the target fell silent"
    assert "expires" not in statement["predicate"]


def refuse(contract: Contract, target: Target) -> Certification:
    """Certify what must not be certified, and see that it is not, and that few requests were made."""
    result = asyncio.run(certify(contract, target))
    assert not result.outcome.certified
    assert len(result.evidence.of(Exchange)) < FEW
    return result


def test_a_dead_port_is_refused(contract: Contract) -> None:
    """Nothing listens."""
    result = refuse(contract, Honest().target("http://127.0.0.1:9"))

    assert "no server responds at http://127.0.0.1:9" in str(result.reason)


@contextlib.asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """A server that accepts and never answers."""

    writers: list[asyncio.StreamWriter] = []

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def test_a_silent_socket_is_refused(contract: Contract) -> None:
    """It is not asked again and again."""

    async def run() -> Certification:
        async with silence() as address:
            return await certify(contract, Honest().target(address))

    result = asyncio.run(run())

    assert not result.outcome.certified
    assert len(result.evidence.of(Exchange)) < FEW
    assert "no server responds" in str(result.reason)


class Monotonous(Honest):
    """Answers the same to everything."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__()
        self.status, self.body = status, body

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, '{"error": "no"}', "every valid request got status 401"),
        (404, "{}", "every valid request got status 404"),
        (200, "{}", None),
    ],
)
def test_a_server_that_answers_the_same_to_everything_is_refused(contract: Contract, status: int, body: str, reason: str | None) -> None:
    """All 401, all 404, and an empty object for everything."""
    server = Monotonous(status, body)

    async def run() -> Certification:
        async with running(server) as address:
            return await certify(contract, server.target(address))

    result = asyncio.run(run())

    assert not result.outcome.certified
    if reason is None:
        assert (result.reason, "OP-001" in result.outcome.failed_clauses()) == (None, True)
    else:
        assert reason in str(result.reason)
        assert len(result.evidence.of(Exchange)) < FEW


@pytest.mark.slow
def test_an_empty_server_is_refused(contract: Contract) -> None:
    """Right answers about nothing certify nothing: the states that clauses speak of are never reached."""
    server = Honest(failures=0, funnel=0)
    server.changes = {tenant: [] for tenant in server.changes}
    target = server.target("http://127.0.0.1:1")

    async def run() -> Certification:
        async with running(server) as address:
            return await certify(contract, dataclasses.replace(target, http=address, hook=None))

    result = asyncio.run(run())

    assert not result.outcome.certified
    assert {row.verdict for row in result.outcome.blocking} == {Verdict.INCONCLUSIVE}
    assert {"PAG-001", "WIN-001", "FIL-002", "ORD-001"} <= {row.clause for row in result.outcome.blocking}


def test_a_target_that_dies_is_asked_no_more(contract: Contract) -> None:
    """After a dozen requests without an answer the run ends, with the reason."""

    class Mortal(Honest):
        requests = 0

        async def handle(self, request: web.Request) -> web.StreamResponse:
            self.requests += 1
            if self.requests > 40:
                assert request.transport is not None
                request.transport.abort()
            return await super().handle(request)

    server = Mortal()

    async def run() -> Certification:
        async with running(server) as address:
            return await certify(contract, server.target(address))

    result = asyncio.run(run())

    assert not result.outcome.certified
    assert "got no response" in str(result.reason)
    assert len(result.evidence.of(Exchange)) < FEW


@pytest.mark.parametrize("seconds", [0.0, 1.0])
async def test_a_run_without_time_for_every_driver_finds_nothing_wrong(contract: Contract, seconds: float) -> None:
    """Drivers that have begun end; the others are named. Of an honest server nothing fails, and nothing is certified."""
    honest = Honest()
    async with running(honest) as address:
        result = await certify(contract, honest.target(address), seconds=seconds)

    assert result.reason is None
    assert result.outcome.broken == ()
    assert not result.outcome.certified
    note = next(note for note in result.notes if "before these drivers began" in note)
    assert note.startswith(f"{seconds:g} s were over")
    assert note.endswith("faults, changing")
