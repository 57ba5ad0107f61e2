"""Repeats requests under one idempotency key: the same, another, at once, as somebody else; and reads what a repetition changed."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from assay_contracts import Operation

from assay_conformance.body_plans import another_body, fresh, rewritten, right_requests, with_header, wrong_bodies
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, KeyedPair, KeyedRace, ReadingRound, ReplayReadings, Request
from assay_conformance.request_plans import recent_query

AT_ONCE = 4
"""So many requests with one key are sent at the same time."""
ROUNDS = (False, False, False, True, True, True)
"""Whether a request is repeated before each round of reading: what changes by itself is seen before what a repetition changes."""
MOST_READS = 8
PAUSE_SECONDS = 0.2


async def drive_changing(context: DriverContext) -> None:
    """Every way to use a key, for each operation that takes one."""
    keyed = [item for item in context.contract.operations if "x-idempotency" in item.annotations]
    for operation in keyed:
        requests = right_requests(context, operation)
        if requests:
            await _Keys(context, operation, operation.annotations["x-idempotency"], requests).drive(keyed)


@dataclasses.dataclass(frozen=True, slots=True)
class _Keys:
    """The requests of one operation."""

    context: DriverContext
    operation: Operation
    spec: Mapping[str, Any]
    requests: list[Request]

    async def drive(self, keyed: list[Operation]) -> None:
        first = await self._send(self._fresh(), "a request with a key")
        await self._pair("same", first, first.request)
        other = rewritten(first.request)
        if other is not None:
            by_value = self.spec.get("compares", "json") == "json"
            await self._pair("rewritten", first, other, codes=() if by_value else (self.spec["conflict"],))
        changed = another_body(self.operation, first.request, self.requests)
        if changed is not None:
            await self._pair("another-body", first, changed, codes=(self.spec["conflict"],))
        if "items" in self.spec:
            await self._pair("items-again", first, self._keyed(first.request))
        await self._race()
        await self._use_after_refusal()
        await self._use_as_other()
        if "operation" in self.spec.get("scope", ()):
            await self._use_elsewhere(first, keyed)
        await self._read_around()

    def _fresh(self) -> Request:
        return self._keyed(fresh(self.context, self.operation, self.requests[0]))

    def _keyed(self, request: Request, key: str = "") -> Request:
        return with_header(request, self.spec["header"], key or str(uuid4()))

    async def _send(self, request: Request, purpose: str, *, codes: tuple[str, ...] = (), expected: str = "any") -> Exchange:
        expected = "refused" if codes else expected
        return await self.context.send(self.operation.id, request, purpose=purpose, expected=expected, codes=codes)

    async def _pair(self, how: str, first: Exchange, request: Request, *, codes: tuple[str, ...] = ()) -> None:
        again = await self._send(request, f"a request with a key, then {how}", codes=codes)
        self._keep(how, first, again)

    def _keep(self, how: str, first: Exchange, again: Exchange) -> None:
        self.context.journal.add(
            KeyedPair(
                id=self.context.journal.name("keyed-"),
                subject=self.operation.id,
                purpose=f"two requests with one key: {how}",
                how=how,
                first=first,
                again=again,
            )
        )

    async def _race(self) -> None:
        request = self._fresh()
        attempts = await asyncio.gather(*(self._send(request, "the same request several times at once") for _ in range(AT_ONCE)))
        again = await self._send(request, "the same request after it was sent several times at once")
        self.context.journal.add(
            KeyedRace(
                id=self.context.journal.name("race-"),
                subject=self.operation.id,
                purpose="one key several times at once",
                attempts=tuple(attempts),
                again=again,
            )
        )

    async def _use_after_refusal(self) -> None:
        """A key whose first request was wrong, with a right one."""
        if self.spec.get("stores") != "success":
            return
        right = self._fresh()
        for wrong in list(wrong_bodies(self.context, self.operation, right))[:2]:
            key = str(uuid4())
            refused = await self._send(self._keyed(wrong, key), "a wrong request with a key", expected="refused")
            await self._pair("after-refusal", refused, self._keyed(fresh(self.context, self.operation, right), key))

    async def _use_as_other(self) -> None:
        if not (self.operation.secured and self.context.target.has_credential("other")):
            return
        own = self._fresh()
        first = await self._send(own, "a request with a key")
        others = right_requests(self.context, self.operation, role="other")
        if not others:
            return
        changed = another_body(self.operation, others[0], others) or others[0]
        key = own.header(self.spec["header"]) or ""
        await self._pair("other-subject", first, self._keyed(fresh(self.context, self.operation, changed), key))

    async def _use_elsewhere(self, first: Exchange, keyed: list[Operation]) -> None:
        """The key of this operation in another one."""
        key = first.request.header(self.spec["header"]) or ""
        for other in keyed:
            requests = right_requests(self.context, other) if other.id != self.operation.id else []
            if requests:
                name = other.annotations["x-idempotency"]["header"]
                request = with_header(fresh(self.context, other, requests[0]), name, key)
                again = await self.context.wire.send(other.id, request, purpose="the key of a request in another operation")
                self._keep("other-operation", first, again)

    async def _read_around(self) -> None:
        """Read what can be read, several times, with and without a repetition in between."""
        first = await self._send(self._fresh(), "a request with a key")
        if not first.answer.succeeded:
            return
        readers = [item for item in self.context.contract.operations if item.method == "GET" and self._is_readable(item)][:MOST_READS]
        rounds: list[ReadingRound] = []
        for replayed in ROUNDS:
            await asyncio.sleep(PAUSE_SECONDS)
            if replayed:
                await self._send(first.request, "the same request with its key again")
            reads = [
                await self.context.wire.ask(item, recent_query(self.context, item), purpose="what can be read beside a repetition")
                for item in readers
            ]
            rounds.append(
                self.context.journal.add(
                    ReadingRound(
                        id=self.context.journal.name("reading-"),
                        subject=self.operation.id,
                        purpose="what can be read",
                        replayed=replayed,
                        reads=tuple(reads),
                    )
                )
            )
        self.context.journal.add(
            ReplayReadings(
                id=self.context.journal.name("replay-"),
                subject=self.operation.id,
                purpose="what can be read while a request is repeated with its key",
                first=first,
                rounds=tuple(rounds),
            )
        )

    def _is_readable(self, operation: Operation) -> bool:
        known = self.context.target.path_values(operation.path)
        return all(item.name in known for item in operation.parameters if item.location == "path")
