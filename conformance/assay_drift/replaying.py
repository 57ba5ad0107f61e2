"""Asks a server what the contract allows and forbids, with safe methods unless told otherwise, and listens to its feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from assay_conformance.certifying import PatientWire, Watcher, run_step
from assay_conformance.corpus import find_corpus, slot_values
from assay_conformance.corpus.schemas import examples_of, options_of
from assay_conformance.driver_context import DriverContext, HookClient
from assay_conformance.drivers.operation import replay
from assay_conformance.drivers.sessions import Session
from assay_conformance.errors import CorpusError, TargetError
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Journal, Provenance, Request
from assay_conformance.preflight import TargetSilent
from assay_conformance.request_plans import allowed_query, settled_window
from assay_conformance.run_plan import BESIDE
from assay_conformance.schema_kinds import resolved
from assay_conformance.target import Target
from assay_contracts import Channel, Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_drift.errors import NothingObserved, RoleMissing
from assay_drift.two_servers.sample import sample

V = TypeVar("V")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = tuple(step for step in BESIDE if step.name != "operation")
"""Drivers that leave the target as it is, besides the one that replays the corpus."""
_ROLES = frozenset({"primary", "other", "empty"})
_OPENING = 5.0
_QUESTIONS = 12
"""So many requests of each operation stand in for a corpus."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a server is asked: what is sent to it, how long its feeds are heard."""

    corpus: Path | None = None
    unsafe: bool = False
    drivers: bool = True
    listen: float = 3.0


@dataclass(frozen=True, slots=True)
class Observed:
    """What came back, and what could not be asked."""

    evidence: Evidence
    notes: tuple[str, ...]


class CarefulWire(PatientWire):
    """A patient wire that sends safe methods only."""

    sends: ClassVar[frozenset[str] | None] = SAFE

    async def send(
        self,
        subject: str,
        request: Request,
        *,
        purpose: str,
        expected: str = "any",
        codes: Iterable[str] = (),
        aimed: Iterable[int] = (),
    ) -> Exchange:
        """Send as before; a request that must not be sent is answered by nobody and not recorded."""
        if self.sends is not None and request.method not in self.sends:
            return Exchange(id="unsent", subject=subject, purpose=purpose, request=request, response=None, failure="not a safe method")
        return await super().send(subject, request, purpose=purpose, expected=expected, codes=codes, aimed=aimed)


class EagerWire(CarefulWire):
    """A wire that sends every method."""

    sends: ClassVar[frozenset[str] | None] = None


async def observe(contract: Contract, target: Target, asking: Asking, watcher: Watcher) -> Observed:
    """Ask a server. Raises `NothingObserved` when nothing that the contract allows is answered with a success."""
    target = replace(target, hook=None, tenants=_Given(target.tenants), credentials=_Given(target.credentials))
    journal = Journal()
    wire = (EagerWire if asking.unsafe else CarefulWire)(target, journal, contract=contract)
    hook = HookClient(target)
    driven = DriverContext(contract, target, journal, wire, hook)
    notes: list[str] = []
    try:
        listening = asyncio.create_task(_listen(driven, asking.listen))
        try:
            await _ask(driven, asking, watcher, notes)
            watcher.start("listen to the feeds")
            await listening
            watcher.finish("listen to the feeds")
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    except TargetSilent as silence:
        raise NothingObserved(f"{target.http}", expected="answers", actual=str(silence)) from None
    finally:
        await wire.close()
        await hook.close()
    evidence = journal.close(Provenance("", "", "", "", "", {}, ""))
    sessions = evidence.of(FeedSession)
    if not evidence.of(Exchange) and not any(session.handshake == 101 for session in sessions):
        why = next((session.failure for session in sessions if session.failure), "no operation or channel that can be called")
        raise NothingObserved(target.ws, expected="a session of a feed", actual=why)
    return Observed(evidence, tuple(notes))


async def _ask(driven: DriverContext, asking: Asking, watcher: Watcher, notes: list[str]) -> None:
    watcher.start("ask every operation")
    askable: list[Operation] = []
    for operation in driven.contract.operations:
        left = _unfilled(driven.target, operation)
        if operation.method == "GET" and left:
            notes.append(_needs(operation, left))
        elif operation.method == "GET":
            askable.append(operation)
    answers = [
        await driven.wire.ask(item, allowed_query(driven, item), purpose="one allowed request", expected="accepted") for item in askable
    ]
    watcher.finish("ask every operation")
    if askable and not any(item.answer.succeeded for item in answers):
        raise NothingObserved(driven.target.http, expected="a success to a request that the contract allows", actual=_answered(answers))
    watcher.start("replay the corpus")
    if not await _replay(driven, asking, notes):
        for question in sample(driven, askable, ["primary"], settled_window(driven), _QUESTIONS * len(askable), "drift"):
            await driven.wire.ask(question.operation, question.query, purpose="one of a sample", expected="accepted")
    watcher.finish("replay the corpus")
    if asking.drivers:
        await _converse(driven, watcher, notes)


class _Given(dict[str, V]):
    """The tenants or credentials of a target by role, where not every role has one."""

    def __missing__(self, role: str) -> V:
        raise RoleMissing(f"the {role} tenant or its credential", expected="a target manifest that names it", actual="none")


async def _converse(driven: DriverContext, watcher: Watcher, notes: list[str]) -> None:
    """Hold every conversation that leaves the target as it is; without a manifest, those that need no second tenant."""
    alone = not _ROLES.issubset(driven.target.tenants.keys() & driven.target.credentials.keys())
    for step in QUIET:
        try:
            await run_step(step, driven, watcher)
        except RoleMissing:
            continue
    if alone:
        notes.append("conversations between tenants need a target manifest and were left out")


async def _replay(driven: DriverContext, asking: Asking, notes: list[str]) -> bool:
    """Replay the corpus; False when the contract has none."""
    try:
        cases = find_corpus(driven.contract, asking.corpus).cases
    except CorpusError as error:
        if asking.corpus is not None:
            raise
        notes.append(f"a sample of valid requests is sent instead of a corpus: {error}")
        return False
    known = slot_values(driven.target)
    fitting = [case for case in cases if case.request.slots <= known.keys() and (asking.unsafe or case.request.method in SAFE)]
    if len(fitting) < len(cases):
        left = len(cases) - len(fitting)
        notes.append(f"{left} of {len(cases)} requests of the corpus were left out: not safe, or without a value of the target")
    await replay(driven, fitting)
    return True


def _unfilled(target: Target, operation: Operation) -> list[str]:
    known = target.fixtures.get("parameters", {})
    return [item.name for item in operation.parameters if item.location == "path" and item.name not in known]


def _needs(operation: Operation, names: list[str]) -> str:
    return f"{operation.id} was not requested: it needs a value for {', '.join(names)} (fixtures.parameters of the target, or --parameter)"


def _answered(answers: list[Exchange]) -> str:
    statuses = sorted({item.answer.status for item in answers})
    if statuses == [0]:
        return f"no response ({answers[0].failure})"
    meaning = {401: " (is the credential right?)", 403: " (does the credential cover the tenant?)", 404: " (is the address right?)"}
    return ", ".join(f"status {status}{meaning.get(status, '')}" for status in statuses if status)


async def _listen(driven: DriverContext, seconds: float) -> None:
    if seconds > 0:
        await asyncio.gather(*(_hear(driven, channel, seconds) for channel in driven.contract.channels))


async def _hear(driven: DriverContext, channel: Channel, seconds: float) -> None:
    """One session of a channel, opened as the contract says and only listened to."""
    target = driven.target
    values = {item.name: value for item in channel.parameters if (value := _value(driven.contract, channel, target, item.name)) is not None}
    path = channel.address
    for item in channel.parameters:
        if item.location == "path" and item.name in values:
            path = path.replace("{" + item.name + "}", values[item.name])
    query = tuple(
        (item.name, values[item.name]) for item in channel.parameters if item.location == "query" and item.required and item.name in values
    )
    request = Request("GET", path, query, (), None, "primary")
    headers: dict[str, str] = {}
    if "primary" in target.credentials:
        headers["authorization"] = f"Bearer {target.credentials['primary'].reveal()}"
    url = target.ws + path + ("?" + urlencode(query) if query else "")
    session = Session(driven.journal, channel.id, "listen", request, "open", 5000)
    await session.dial(url, headers, within=_OPENING, narrow=False, reading=True)
    if session.live:
        await session.until_closed(seconds)
    await session.end()


def _value(contract: Contract, channel: Channel, target: Target, name: str) -> str | None:
    """The value of a channel's parameter: the tenant, a fixture, or what the contract shows."""
    stream = channel.annotations.get("x-stream")
    tenancy = stream.get("tenancy") if is_mapping(stream) else None
    if is_mapping(tenancy) and tenancy.get("parameter") == name:
        return target.tenants.get("primary")
    known: Mapping[str, Any] = target.fixtures.get("parameters", {})
    if name in known:
        return str(known[name])
    schema = next(item.schema for item in channel.parameters if item.name == name)
    candidates = (*examples_of(schema), *options_of(schema), *((resolved(schema)["default"],) if "default" in resolved(schema) else ()))
    return str(candidates[0]) if candidates else None


def plain_target(contract: Contract, address: str, token: str | None, parameters: Mapping[str, str]) -> Target:
    """A target without a manifest: an address, one token where there is one, and the values that the contract's examples show."""
    from assay_conformance.corpus.slots import example_values
    from assay_conformance.target import Secret
    from assay_conformance.target_manifest import parse_target

    examples = example_values(contract) if contract.openapi else {}
    tenancy = {str(item.annotations["x-tenancy"]["parameter"]) for item in contract.operations if "x-tenancy" in item.annotations}
    tenant = next((parameters[name] for name in sorted(tenancy) if name in parameters), examples.get("tenant:primary", "tenant"))
    kept = {slot.removeprefix("parameter:"): value for slot, value in examples.items() if slot.startswith("parameter:")} | dict(parameters)
    stand_in = dict.fromkeys(("primary", "other", "empty"), "stand-in-for-none")
    try:
        read = parse_target(
            {"target": {}, "credentials": stand_in, "tenants": {"primary": tenant, "other": "-", "empty": "--"}}, "URL", http=address
        )
    except TargetError as error:
        raise TargetError(str(error).removeprefix("URL: ")) from None
    credentials = {"primary": Secret(token)} if token else {}
    return replace(read, credentials=credentials, tenants={"primary": tenant}, fixtures={"parameters": kept})
