"""Feeds that each break one promise, named as the sentence of what they do wrong; with each the clauses of which one must fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection

from . import honest_feed
from .honest_feed import HonestFeed, Listener, Tenant, encode

WRONG: dict[type[HonestFeed], frozenset[str]] = {}


def breaks(*clauses: str) -> Callable[[type[HonestFeed]], type[HonestFeed]]:
    def register(cls: type[HonestFeed]) -> type[HonestFeed]:
        WRONG[cls] = frozenset(clauses)
        return cls

    return register


@breaks("STR-010")
class ShowsTheStateBeforeItRefusesATenant(HonestFeed):
    async def refuse(self, connection: ServerConnection, code: int, tenant: str) -> None:
        if code == 4403 and tenant in self.tenants:
            await connection.send(encode(self.snapshot(self.tenants[tenant])))
        await connection.close(code)


@breaks("STR-009")
class ShowsTheStateBeforeItRefusesAStranger(HonestFeed):
    async def refuse(self, connection: ServerConnection, code: int, tenant: str) -> None:
        if code == 4401:
            await connection.send(encode(self.snapshot(self.tenants[tenant])))
        await connection.close(code)


@breaks("STR-009")
class BelievesAnyToken(HonestFeed):
    def refusal(self, headers: Any, tenant: str) -> int | None:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        return super().refusal(headers, tenant) if token in honest_feed.COVERS else None if token and tenant in self.tenants else 4401


@breaks("STR-009")
class BelievesAnExpiredToken(HonestFeed):
    def refusal(self, headers: Any, tenant: str) -> int | None:
        return None if headers.get("Authorization", "").endswith("token-old") else super().refusal(headers, tenant)


@breaks("STR-010")
class TakesTheTenantFromTheTokenWhenItIsNotAsked(HonestFeed):
    def refusal(self, headers: Any, tenant: str) -> int | None:
        return super().refusal(headers, tenant or honest_feed.TENANTS["primary"])

    async def session(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        if "tenantId" not in connection.request.path or connection.request.path.endswith("tenantId="):
            connection.request.path = "/?tenantId=" + honest_feed.TENANTS["primary"]
        await super().session(connection)


@breaks("STR-011")
class ServesEveryVersion(HonestFeed):
    def refusal(self, headers: Any, tenant: str) -> int | None:
        found = super().refusal(headers, tenant)
        return None if found == 4406 else found


@breaks("STR-001")
class RefusesWhoeverNamesAVersion(HonestFeed):
    def refusal(self, headers: Any, tenant: str) -> int | None:
        return 4406 if "Accept-Schema-Version" in headers else super().refusal(headers, tenant)


@breaks("STR-012")
class OverlooksBinaryMessages(HonestFeed):
    async def heard(self, listener: Listener, message: str | bytes) -> None:
        if isinstance(message, str):
            await super().heard(listener, message)


@breaks("STR-012")
class OverlooksEmptyMessages(HonestFeed):
    async def heard(self, listener: Listener, message: str | bytes) -> None:
        if message:
            await super().heard(listener, message)


@breaks("STR-012")
class OverlooksMessagesThatItWouldSendItself(HonestFeed):
    async def heard(self, listener: Listener, message: str | bytes) -> None:
        if not (isinstance(message, str) and "heartbeat" in message):
            await super().heard(listener, message)


@breaks("STR-018", "STR-002")
class SubscribesAfterTheSnapshot(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        snapshot = self.snapshot(listener.tenant)
        await asyncio.sleep(0.05)
        listener.tenant.listeners.add(listener)
        await listener.connection.send(encode(snapshot))


@breaks("STR-018", "STR-005")
class SubscribesAfterTheSnapshotAndNumbersEachSession(HonestFeed):
    """Numbers run without a gap whatever was missed."""

    async def begin(self, listener: Listener) -> None:
        snapshot = self.snapshot(listener.tenant)
        await asyncio.sleep(0.05)
        listener.tenant.listeners.add(listener)
        self.numbers = {**getattr(self, "numbers", {}), listener: snapshot["seq"]}
        await listener.connection.send(encode(snapshot))

    async def tell(self, tenant: Tenant, seq: int, change: dict[str, Any]) -> None:
        for listener in list(tenant.listeners):
            self.numbers[listener] += 1
            await self.push(listener, encode(self.delta(tenant, self.numbers[listener], change)))


@breaks("STR-002", "STR-018")
class RepeatsWhatTheSnapshotHas(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        listener.tenant.listeners.add(listener)
        await asyncio.sleep(0.05)
        await listener.connection.send(encode(self.snapshot(listener.tenant)))


@breaks("STR-007", "STR-005", "STR-006")
class CountsFromZeroInEachSession(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        listener.tenant.listeners.add(listener)
        self.starts = {**getattr(self, "starts", {}), listener: listener.tenant.seq}
        await listener.connection.send(encode({**self.snapshot(listener.tenant), "seq": 0}))

    async def tell(self, tenant: Tenant, seq: int, change: dict[str, Any]) -> None:
        for listener in list(tenant.listeners):
            await self.push(listener, encode(self.delta(tenant, seq - self.starts[listener], change)))


@breaks("STR-005", "STR-007")
class KeepsAnOldSnapshot(HonestFeed):
    """The state is cached once; its number is not."""

    def snapshot(self, tenant: Tenant) -> dict[str, Any]:
        fresh = super().snapshot(tenant)
        self.cached = getattr(self, "cached", {})
        return {**fresh, "incidents": self.cached.setdefault(tenant.name, fresh["incidents"])}


@breaks("STR-017")
class SamplesUnderLoad(HonestFeed):
    """Every tenth change is left out of the stream, of its numbers, of its state and of HTTP."""

    async def change(self, tenant: Tenant) -> None:
        if (tenant.change_count + 1) % 10 == 0:
            tenant.change_count += 1
        else:
            await super().change(tenant)


@breaks("STR-014")
class MakesEverybodyWaitForTheSlowest(HonestFeed):
    async def push(self, listener: Listener, text: str) -> None:
        await listener.queue.put(text)


@breaks("STR-014")
class ForgetsWhatASlowConsumerDoesNotRead(HonestFeed):
    async def push(self, listener: Listener, text: str) -> None:
        if not listener.queue.full():
            listener.queue.put_nowait(text)


@breaks("STR-014")
class KeepsEverythingForASlowConsumer(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        listener.queue = asyncio.Queue()
        await super().begin(listener)


@breaks("STR-014")
class CutsASlowConsumerOff(HonestFeed):
    async def overrun(self, listener: Listener) -> None:
        listener.connection.transport.abort()


@breaks("STR-013")
class CutsSessionsOffOnARestart(HonestFeed):
    async def drop(self, tenant: Tenant) -> None:
        for listener in list(tenant.listeners):
            listener.connection.transport.abort()


@breaks("STR-013")
class CallsARestartAnError(HonestFeed):
    async def drop(self, tenant: Tenant) -> None:
        for listener in list(tenant.listeners):
            await listener.connection.close(1011)


@breaks("STR-019", "STR-004")
class TellsEverybodyOfEveryChange(HonestFeed):
    async def change(self, tenant: Tenant) -> None:
        await super().change(tenant)
        for other in self.tenants.values():
            if other is not tenant:
                other.seq += 1
                other.log.append(tenant.log[-1])
                await super().tell(other, other.seq, tenant.log[-1][1])


@breaks("STR-019", "STR-001")
class SaysNothingOfAnEmptyTenant(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        if listener.tenant.incidents:
            await super().begin(listener)
        else:
            listener.tenant.listeners.add(listener)


@breaks("STR-007", "STR-008")
class AnswersOneChangeBehindOverHttp(HonestFeed):
    def answer(self, tenant: Tenant, after: str | None) -> dict[str, Any]:
        body = super().answer(tenant, after)
        return {**body, "seq": max(0, body["seq"] - 1)}


@breaks("STR-008")
class BeginsTheChangesOneTooEarly(HonestFeed):
    def answer(self, tenant: Tenant, after: str | None) -> dict[str, Any]:
        return super().answer(tenant, None if after is None else str(int(after) - 1))


@breaks("STR-008")
class TurnsTheChangesRound(HonestFeed):
    def answer(self, tenant: Tenant, after: str | None) -> dict[str, Any]:
        body = super().answer(tenant, after)
        return {**body, "changes": body["changes"][::-1]} if "changes" in body else body


@breaks("STR-003", "CHA-002")
class BeatsTooSeldom(HonestFeed):
    beat = 60.0


@breaks("STR-003")
class BeatsOnlyAfterTheBurst(HonestFeed):
    beat = 3.3


@breaks("STR-003")
class ForgetsASessionAfterTwoHeartbeats(HonestFeed):
    async def beats(self, listener: Listener) -> None:
        for _ in range(2):
            await asyncio.sleep(self.beat)
            await self.push(listener, encode(self.heartbeat()))


@breaks("STR-003")
class BeatsForOneTenant(HonestFeed):
    async def beats(self, listener: Listener) -> None:
        if listener.tenant.name != honest_feed.TENANTS["other"]:
            await super().beats(listener)


@breaks("STR-005")
class ShowsOneSessionTheStateOfAnotherTenant(HonestFeed):
    """Once, amid sessions that are right; it even states the tenant that was asked for."""

    snapshots = 0

    def snapshot(self, tenant: Tenant) -> dict[str, Any]:
        own = super().snapshot(tenant)
        if tenant.name != honest_feed.TENANTS["primary"]:
            return own
        self.snapshots += 1
        if self.snapshots != 3:  # counted, since how many changes there are by then depends on the machine
            return own
        return {**super().snapshot(self.tenants[honest_feed.TENANTS["empty"]]), **self.head(tenant)}


@breaks("STR-016")
class WritesTheTimeOfOpeningAsTheTimeOfChange(HonestFeed):
    def delta(self, tenant: Tenant, seq: int, change: dict[str, Any]) -> dict[str, Any]:
        return super().delta(tenant, seq, {**change, "updatedAt": "2026-01-01T00:00:00Z"})


@breaks("STR-015")
class ListsOpenIncidentsTwice(HonestFeed):
    def snapshot(self, tenant: Tenant) -> dict[str, Any]:
        message = super().snapshot(tenant)
        return {**message, "incidents": [*message["incidents"], *(item for item in message["incidents"] if item["status"] == "open")]}


@breaks("CHA-001")
class GreetsFirst(HonestFeed):
    async def begin(self, listener: Listener) -> None:
        await listener.connection.send('{"type":"welcome"}')
        await super().begin(listener)


@breaks("CHA-003")
class SendsBytes(HonestFeed):
    async def write(self, listener: Listener) -> None:
        while True:
            await listener.connection.send((await listener.queue.get()).encode())
