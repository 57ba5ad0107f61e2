"""Sends requests without a credential, with bad ones, and without a scope, wherever an operation requires them.

Each request is otherwise one that the contract allows, so that nothing but the credential is wrong with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import orjson
from assay_contracts import Operation

from assay_conformance.body_plans import with_tenant
from assay_conformance.corpus import CorpusCase, slot_values
from assay_conformance.driver_context import DriverContext, bad_credentials
from assay_conformance.drivers.error_codes import codes_for
from assay_conformance.drivers.operation import SAFE, decided
from assay_conformance.drivers.pagination import keep_refusal
from assay_conformance.drivers.statuses import unknown_name
from assay_conformance.errors import CorpusError
from assay_conformance.evidence import Request
from assay_conformance.request_plans import allowed_query, needed_headers

NOTHING = "application/x-assay-nothing"


async def drive(context: DriverContext) -> None:
    """Send a request of each secured operation that reads with each bad credential, and with one that lacks its scopes."""
    await _deny(context, [item for item in context.contract.operations if item.method in SAFE])


async def drive_changing(context: DriverContext) -> None:
    """The same for operations that write: a server that lets a bad credential in does what it is asked."""
    await _deny(context, [item for item in context.contract.operations if item.method not in SAFE])


async def _deny(context: DriverContext, operations: list[Operation]) -> None:
    for operation in (item for item in operations if item.secured):
        codes = codes_for(context.contract, operation, "no-credential")
        for credential in bad_credentials(context.target):
            await _refuse(context, operation, credential, codes, aimed=401 if credential == "none" else None)
        if operation.scopes and context.target.has_credential("unscoped"):
            await _refuse(context, operation, "unscoped", codes_for(context.contract, operation, "missing-scope"), aimed=403)
        await _ask_wrongly(context, operation, codes)


async def _ask_wrongly(context: DriverContext, operation: Operation, codes: tuple[str, ...]) -> None:
    """Requests that are wrong besides: who has no credential is told nothing about it."""
    for request, what in wrong_requests(context, operation):
        purpose = f"a request without a credential, and {what}"
        exchange = await context.wire.send(operation.id, request, purpose=purpose, expected="refused", codes=codes)
        keep_refusal(context, exchange, "authorization/first", codes)


def wrong_requests(context: DriverContext, operation: Operation) -> Iterator[tuple[Request, str]]:
    """Requests without a credential that break a schema, name what does not exist, or accept nothing that there is."""
    known = slot_values(context.target, operation)
    wrong = [item for item in context.cases if item.operation == operation.id and item.outcome == "refused" and _is_plain(item)]
    for case in wrong[:2]:
        try:
            yield case.request.filled(known, "none"), f"with {case.why}"
        except CorpusError:
            continue
    right = right_request(context, operation, "none")
    if right is not None:
        yield (
            dataclasses.replace(right, headers=(*right.headers, ("accept", NOTHING))),
            "for a media type that is none",
        )
    name = unknown_name(operation) if operation.method in SAFE else None
    if name is not None:
        request = context.wire.request(operation, allowed_query(context, operation), path=dict([name]), credential="none")
        yield request, "for a name that nobody issued"


def _is_plain(case: CorpusCase) -> bool:
    """Whether a server reads a request as far as to its operation: its path is right, and its body, if any, is JSON."""
    if any(isinstance(value, str) for _, value in case.request.places):
        return False
    try:
        return case.request.body is None or orjson.loads(case.request.body) is not None
    except orjson.JSONDecodeError:
        return False


async def _refuse(context: DriverContext, operation: Operation, credential: str, codes: tuple[str, ...], aimed: int | None) -> None:
    request = right_request(context, operation, credential)
    if request is None:
        return
    purpose = "a request without a credential" if credential == "none" else f"a request with the credential {credential!r}"
    statuses = (aimed,) if aimed is not None and str(aimed) in operation.responses else ()
    exchange = await context.wire.send(operation.id, request, purpose=purpose, expected="refused", codes=codes, aimed=statuses)
    keep_refusal(context, exchange, f"authorization/{credential}", codes)


def right_request(context: DriverContext, operation: Operation, credential: str) -> Request | None:
    """A request that the contract allows, in some role: one of the corpus, else the shortest; None where a value is missing."""
    cases = [item for item in decided(context.contract, context.cases) if item.operation == operation.id and item.outcome == "accepted"]
    if cases:
        try:
            request = cases[0].request.filled(slot_values(context.target, operation), credential)
            return with_tenant(operation, request, context.target.tenant("primary"))
        except CorpusError:
            return None
    if operation.request_body is not None and operation.request_body.required:
        return None
    return context.wire.request(
        operation, allowed_query(context, operation), headers=needed_headers(context, operation), credential=credential
    )
