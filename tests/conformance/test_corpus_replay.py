"""Replaying the corpus: every request arrives as it is frozen, a rate limit is honoured, and the commands speak plainly."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from assay_conformance.corpus import Corpus, CorpusCase, find_corpus, write_corpus
from assay_conformance.corpus.cases import CorpusRequest
from assay_conformance.corpus.commands import corpus as command
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.slots import slot_values
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers.operation import decided, drive, replay
from assay_conformance.evidence import Exchange, Journal, Provenance
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target
from assay_contracts import Contract, load_contract
from click.testing import CliRunner

Answer = tuple[int, dict[str, str]]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("reliability@1.0.0")


class Literal:
    """A server that answers each request as the contract has it, from what arrives on the wire."""

    def __init__(self, contract: Contract) -> None:
        self.oracles = {operation.path: Oracle(contract, operation) for operation in contract.operations}
        self.arrived: list[CorpusRequest] = []
        self.limited: dict[str, int] = {}
        self.pause = "0"

    async def answer(self, request: web.Request) -> web.Response:
        if self.limited.setdefault(request.path_qs, 0) < self.limit:
            self.limited[request.path_qs] += 1
            return web.Response(status=429, headers={"Retry-After": self.pause})
        oracle = self.oracles[request.path]
        declared = {item.name.lower() for item in oracle.operation.parameters if item.location == "header"}
        headers = tuple(sorted((name.lower(), value) for name, value in request.headers.items() if name.lower() in declared))
        arrived = CorpusRequest(request.method, request.path, (), tuple(request.query.items()), headers)
        self.arrived.append(arrived)
        return web.Response(status=400 if oracle.expect(arrived).breakages else 200)

    limit = 0


@asynccontextmanager
async def served(contract: Contract) -> AsyncIterator[tuple[Literal, DriverContext]]:
    literal = Literal(contract)
    app = web.Application()
    app.router.add_get("/{any:.*}", literal.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    target = a_target(f"http://127.0.0.1:{port}")
    journal = Journal()
    wire, hook = Wire(target, journal), HookClient(target)
    try:
        yield literal, DriverContext(contract, target, journal, wire, hook, find_corpus(contract).cases)
    finally:
        await wire.close()
        await runner.cleanup()


def a_target(address: str) -> Target:
    return parse_target(
        {
            "target": {"http": address},
            "credentials": {"primary": "p", "other": "o", "empty": "e"},
            "tenants": {"primary": "tenant-a", "other": "tenant-b", "empty": "tenant-c"},
            "fixtures": {"window": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z"}},
        },
        "test",
    )


def exchanges(context: DriverContext) -> tuple[Exchange, ...]:
    return context.journal.close(Provenance("", "", "", "", "", {}, "")).of(Exchange)


async def test_every_request_arrives_as_it_is_frozen_and_is_answered_as_expected(contract: Contract) -> None:
    """What a server reads off the wire is what the oracle read, for every case."""
    cases = decided(contract, find_corpus(contract).cases)
    async with served(contract) as (literal, context):
        await drive(context)
        seen = exchanges(context)

    known = slot_values(context.target)
    sent = {(case.request.path, case.request.filled(known).query, case.request.headers) for case in cases}
    assert {(request.path, request.query, request.headers) for request in literal.arrived} == sent
    assert [exchange.purpose for exchange in seen if _outcome(exchange) != exchange.expected] == []
    assert len(seen) == len(cases) == len({exchange.id for exchange in seen})


def test_a_right_request_with_an_undeclared_parameter_is_not_asked(contract: Contract) -> None:
    """A server may ignore the parameter or reject the request; with something else wrong it has to reject it."""
    frozen = find_corpus(contract).cases[0]
    right, wrong = (
        dataclasses.replace(frozen, outcome=outcome, request=dataclasses.replace(frozen.request, query=(("nobodyDeclared", "1"),)))
        for outcome in ("accepted", "refused")
    )

    assert decided(contract, (right, wrong)) == (wrong,)


def test_a_field_of_a_declared_parameter_is_declared(contract: Contract) -> None:
    """`filter[channel]` belongs to `filter`."""
    operation = next(item for item in contract.operations if any(part.name == "filter" for part in item.parameters))
    request = CorpusRequest("GET", operation.path, (), (("filter[channel]", "web"), ("other[channel]", "web")), (), None)

    assert request.undeclared(operation) == ("other[channel]",)


async def test_a_rate_limit_is_honoured_once_and_only_the_last_answer_is_kept(contract: Contract) -> None:
    """A server that wants a pause gets it; one that limits again is taken at its word."""
    cases = find_corpus(contract).of("getRealtimeSnapshot")[:1]
    async with served(contract) as (literal, context):
        literal.limit = 1
        await replay(context, cases)
        patient = [exchange.answer.status for exchange in exchanges(context)]
        literal.limit, literal.limited = 2, {}
        await replay(context, cases)
        limited = [exchange.answer.status for exchange in exchanges(context)][1:]
        literal.limit, literal.limited, literal.pause = 1, {}, "3600"
        await replay(context, cases)
        refused = [exchange.answer.status for exchange in exchanges(context)][2:]

    assert (patient, limited, refused) == ([200], [429], [429])


async def test_a_target_that_is_not_there_gives_evidence_and_no_exception(contract: Contract) -> None:
    """A dead port is a failure of the target, never of the kit."""
    target = a_target("http://127.0.0.1:9")
    context = DriverContext(contract, target, Journal(), Wire(target, Journal()), HookClient(target))
    await replay(context, find_corpus(contract).cases[:5])

    assert [exchange.response for exchange in exchanges(context)] == [None] * 5


def test_check_finds_nothing_wrong_with_the_frozen_corpus() -> None:
    """Digest, contract and every outcome."""
    done = CliRunner().invoke(command, ["check", "--contract", "reliability@1.0.0"])

    assert (done.exit_code, "cases, sha256:" in done.output) == (0, True)


def test_check_names_the_case_whose_outcome_is_not_that_of_the_contract(contract: Contract, tmp_path: Path) -> None:
    """A corpus that was edited by hand does not pass."""
    frozen = find_corpus(contract)
    first = frozen.cases[0]
    turned = CorpusCase(first.operation, first.request, first.mode, first.origin, "refused", ("INVALID_SORT",), first.why)
    path = tmp_path / "edited.gz"
    write_corpus(path, Corpus(frozen.contract, frozen.shape, frozen.grown_by, frozen.seed, (turned, *frozen.cases[1:]), frozen.dropped))
    done = CliRunner().invoke(command, ["check", "--contract", "reliability@1.0.0", "--corpus", str(path)])

    assert (done.exit_code, first.id in done.output) == (1, True)


def test_show_prints_one_case_a_line(contract: Contract) -> None:
    """Id, outcome, codes, reason and request."""
    case = next(case for case in find_corpus(contract).of("listFailures") if case.codes == ("INVALID_SORT",))
    done = CliRunner().invoke(command, ["show", "--contract", "reliability@1.0.0", "--case", case.id])

    assert done.output.startswith(f"{case.id}  refused INVALID_SORT  (sort: breaks enum)  GET /v1/analytics/failures?")


def _outcome(exchange: Exchange) -> str:
    return "accepted" if exchange.answer.succeeded else "refused"
