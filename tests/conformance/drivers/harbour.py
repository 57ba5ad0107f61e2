"""A harbour that no contract of ours knows: a target in memory that answers a small contract, and what a driver recorded of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from assay_conformance.corpus import CorpusCase
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.evidence import Evidence, Journal, Provenance, Refusal
from assay_conformance.run_plan import Driver
from assay_conformance.target import Hook, Secret, Target
from assay_contracts import Contract, parse_bundle

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ROLES = ("primary", "other", "empty", "unscoped")
HOOK = "/hook"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the harbour receives it; `query` has the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def role(self) -> str:
        """The role whose token the request carries; empty for none that the harbour knows."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer token-")
        return token if token in ROLES else ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the harbour answers; `body` is a JSON value."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Answer = Callable[[Call], Reply]


def contract_of(
    paths: Mapping[str, Mapping[str, Any]], *, codes: Mapping[str, str] | None = None, version: str = "1.0.0", **taxonomy: Any
) -> Contract:
    """A contract of these operations that requires a bearer token.

    `codes` maps an error code to the kind of request that provokes it; with one, the errors of all operations are those codes.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Harbour", "version": version},
        "paths": {path: dict(methods) for path, methods in paths.items()},
        "components": {"securitySchemes": {"pass": {"type": "http", "scheme": "bearer"}}},
        "security": [{"pass": []}],
    }
    if codes is not None or taxonomy:
        rows = {
            code: {"category": "input", "status": 400, "retryable": False, "provoke": {"request": kind}}
            for code, kind in (codes or {}).items()
        }
        categories = {"input": {"retry": "none", "shows": "What is wrong."}}
        document["x-error-taxonomy"] = {"envelope": {"code": "/code"}, "categories": categories, "codes": rows, **taxonomy}
    return parse_bundle(document)


def operation(id: str, parameters: Iterable[Mapping[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """An operation that answers any JSON object; `more` are its annotations and other properties, `_` written for `-`."""
    content = {"application/json": {"schema": {"type": "object"}}}
    declared = {"200": {"description": "Fine.", "content": content}, "400": {"description": "Wrong.", "content": content}}
    return {
        "operationId": id,
        "parameters": [dict(parameter) for parameter in parameters],
        "responses": declared,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def query_parameter(name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    """A query parameter; a string unless the schema says otherwise."""
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string", **schema}}


def evidence_of(
    drive: Driver,
    contract: Contract,
    answer: Answer,
    *,
    cases: tuple[CorpusCase, ...] = (),
    act: int | None = None,
    credentials: Mapping[str, Secret] | None = None,
    **fixtures: Any,
) -> Evidence:
    """What a driver records of a harbour that answers so. With `act` it has a hook whose activities add so many."""

    async def run() -> Evidence:
        async with _serving(answer, act) as address:
            target = Target(
                "harbour",
                "1",
                address,
                address.replace("http", "ws"),
                credentials or {role: Secret(f"token-{role}") for role in ROLES},
                {role: f"{role}-quay" for role in ("primary", "other", "empty")},
                fixtures,
                hook=None if act is None else Hook(address + HOOK, Secret("hook")),
            )
            journal = Journal()
            wire, hook = Wire(target, journal, contract=contract), HookClient(target)
            try:
                await drive(DriverContext(contract, target, journal, wire, hook, cases))
            finally:
                await wire.close()
                await hook.close()
            return journal.close(Provenance(str(contract.id), contract.digest, "", "", "", target.described(), ""))

    return asyncio.run(run())


def refusals(evidence: Evidence) -> dict[str, set[tuple[str, ...]]]:
    """Each rule that a driver broke, with the codes of which it expects one."""
    rules: dict[str, set[tuple[str, ...]]] = {}
    for refusal in evidence.of(Refusal):
        rules.setdefault(refusal.rule, set()).add(refusal.codes)
    return rules


@asynccontextmanager
async def _serving(answer: Answer, act: int | None) -> AsyncGenerator[str]:
    """Serve on a free loopback port; gives the address."""

    async def handle(request: web.Request) -> web.Response:
        reply = answer(Call(request.method, request.path, dict(request.query), request.headers, await request.read()))
        return web.json_response(reply.body, status=reply.status, headers=dict(reply.headers))

    async def act_once(_: web.Request) -> web.Response:
        return web.json_response({"added": act})

    app = web.Application()
    app.router.add_post(HOOK + "/activities/{name}", act_once)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
