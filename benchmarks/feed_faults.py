"""What a feed makes of a faulty server: python benchmarks/feed_faults.py [--runs 5] [--faults 1000].

A server of changes, simulated in virtual time, is followed by the generated client while faults of every kind are injected at random.
The reader must get each change once and in order, or be given the range that it cannot have, with its cause; the state must never
step back, and must be the server's in the end. Exit 1 when a change is lost in silence or given twice, or the state steps back.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assay_sdk import AsyncReliabilityClient, CannotReplay, FeedPolicy, LoggedTelemetry, NothingMissed, Replayed
from assay_sdk.driving import run
from assay_sdk.feed import AsyncFeed, SessionClosed
from assay_sdk.generated.reliability_1_0_0.feed import INCIDENT_FEED
from assay_sdk.generated.reliability_1_0_0.models import IncidentDelta, RealtimeSnapshot, Snapshot
from assay_sdk.telemetry import ConnectionChanged, MessageDropped, SequenceGap
from assay_sdk.transport import Answer, NoAnswer, Request

SESSION_FAULTS = (
    "session closed for a restart",
    "session closed as going away",
    "session closed as too slow",
    "session broken without a word",
    "session silent",
    "change left out",
    "change sent twice",
    "old change sent again",
    "changes swapped",
    "change garbled",
    "change cut in half",
    "change of another tenant",
    "message of an unknown kind",
    "message of another major version",
    "snapshot sent unasked",
)
OPENING_FAULTS = (
    "handshake rejected with 503",
    "handshake without a response",
    "opening snapshot old",
    "opening snapshot garbled",
    "opening snapshot left out",
)
HTTP_FAULTS = (
    "response with 503",
    "response broken off",
    "response that is no JSON",
    "response that is old",
    "response with changes that are known",
    "response in which changes are no longer kept",
    "response of another tenant",
)
FAULTS = SESSION_FAULTS + OPENING_FAULTS + HTTP_FAULTS


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.time = 0.0

    async def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.time += seconds

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.time

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)


class Quiet(LoggedTelemetry):
    """Writes nothing: thousands of faults are expected here."""

    def on_drop(self, event: MessageDropped) -> None:
        """Nothing."""

    def on_gap(self, event: SequenceGap) -> None:
        """Nothing."""

    def on_connection(self, event: ConnectionChanged) -> None:
        """Nothing."""


class Server:
    """A log of changes, the state after each of them, and faults while any are left."""

    def __init__(self, chance: random.Random, faults: int) -> None:
        self.chance = chance
        self.left = faults
        self.injected: Counter[str] = Counter()
        self.states: list[dict[str, dict[str, Any]]] = [{}]

    @property
    def last(self) -> int:
        """The number of the last change."""
        return len(self.states) - 1

    def change(self) -> None:
        """Make a change."""
        number = len(self.states)
        name = f"inc-{self.chance.randrange(12):04}"
        incident = {
            "incidentId": name,
            "status": self.chance.choice(("open", "resolved")),
            "severity": "high",
            "component": "credit_check",
            "updatedAt": f"2026-11-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        }
        self.states.append({**self.states[-1], name: incident})

    def fault(self, kinds: tuple[str, ...], likely: float) -> str:
        """A fault to inject now, or none."""
        if self.left <= 0 or self.chance.random() > likely:
            return ""
        self.left -= 1
        # What was injected least comes first, so that every kind has its share.
        kind = min(kinds, key=lambda kind: (self.injected[kind], self.chance.random()))
        self.injected[kind] += 1
        return kind

    def changed(self, number: int) -> dict[str, Any]:
        """What a change changed."""
        before, after = self.states[number - 1], self.states[number]
        return next(incident for name, incident in after.items() if before.get(name) is not incident)

    def state(self, number: int, tenant: str = "tenant-a") -> dict[str, Any]:
        """The state after a change."""
        return {"schemaVersion": "1.0.0", "tenantId": tenant, "seq": number, "incidents": list(self.states[number].values())}

    def older(self) -> int:
        """A number that was the last one a while ago."""
        return max(0, self.last - self.chance.randint(1, 6))


class Session:
    """One session: what waits to be sent, and the number up to which changes were put there."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: deque[str | SessionClosed | TimeoutError] = deque()
        fault = server.fault(OPENING_FAULTS[2:], 0.3)
        self._sent = server.older() if fault == "opening snapshot old" else server.last
        opening = json.dumps({"type": "snapshot", **server.state(self._sent)})
        if fault == "opening snapshot garbled":
            opening = opening.replace('"seq"', '"sequence"')
        if fault != "opening snapshot left out":
            self._waiting.append(opening)

    async def receive(self, patience: float | None) -> bytes:
        """The next frame."""
        while not self._waiting:
            self._go_on()
        item = self._waiting.popleft()
        if isinstance(item, Exception):
            raise item
        return item.encode()

    async def close(self) -> None:
        """Nothing is held."""

    def _delta(self, number: int, tenant: str = "tenant-a") -> str:
        incident = self._server.changed(number)
        return json.dumps({"type": "incident_delta", "schemaVersion": "1.0.0", "seq": number, "tenantId": tenant, "changes": [incident]})

    def _go_on(self) -> None:
        server, waiting = self._server, self._waiting
        if self._sent >= server.last:
            server.change()
        self._sent += 1
        frame = self._delta(self._sent)
        fault = server.fault(SESSION_FAULTS, 0.4)
        closing = {"restart": 1012, "going away": 1001, "too slow": 4408}
        code = next((code for word, code in closing.items() if fault.startswith("session closed") and fault.endswith(word)), None)
        if code is not None:
            waiting.append(SessionClosed(code, fault))
        elif fault == "session broken without a word":
            waiting.append(SessionClosed(1006, fault))
        elif fault == "session silent":
            waiting.append(TimeoutError())
        elif fault == "change left out":
            pass
        elif fault == "change sent twice":
            waiting.extend((frame, frame))
        elif fault == "old change sent again":
            waiting.extend((self._delta(max(1, self._sent - server.chance.randint(1, 5))), frame))
        elif fault == "changes swapped":
            server.change()
            self._sent += 1
            waiting.extend((self._delta(self._sent), frame))
        elif fault == "change garbled":
            waiting.append(frame.replace('"seq"', '"sequence"'))
        elif fault == "change cut in half":
            waiting.append(frame[: len(frame) // 2])
        elif fault == "change of another tenant":
            waiting.extend((self._delta(self._sent, "tenant-b"), frame))
        elif fault == "message of an unknown kind":
            waiting.extend((json.dumps({"type": "notice", "schemaVersion": "1.4.0"}), frame))
        elif fault == "message of another major version":
            waiting.extend((frame.replace('"1.0.0"', '"2.0.0"'), frame))
        elif fault == "snapshot sent unasked":
            waiting.extend((json.dumps({"type": "snapshot", **server.state(self._sent)}),))
        else:
            waiting.append(frame)


class Opener:
    """Opens sessions with a server that goes on changing meanwhile."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def open(self, url: str, headers: Mapping[str, str], patience: float) -> Session:
        """A session, or why there is none."""
        for _ in range(self._server.chance.randint(0, 3)):
            self._server.change()
        fault = self._server.fault(OPENING_FAULTS[:2], 0.2)
        if fault:
            raise SessionClosed(503 if fault.endswith("503") else 0, fault)
        return Session(self._server)


class Http:
    """Responds with the state and the changes since an earlier one."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, request: Request) -> Answer:
        """The response to a resync."""
        server = self._server
        stated = parse_qs(urlsplit(request.url).query).get("after")
        fault = server.fault(HTTP_FAULTS, 0.4)
        if fault == "response broken off":
            raise NoAnswer(fault)
        if fault == "response with 503":
            error = {"code": "SERVICE_UNAVAILABLE", "category": "availability", "message": fault, "retryable": True}
            return Answer(503, {}, json.dumps({"error": error}).encode())
        if fault == "response that is no JSON":
            return Answer(200, {}, b"<html>")
        number = server.older() if fault == "response that is old" else server.last
        body = server.state(number, "tenant-b" if fault == "response of another tenant" else "tenant-a")
        if stated is not None:
            after = int(stated[0])
            if fault == "response in which changes are no longer kept" or after > number:
                body["changesTruncated"] = True
            else:
                first = max(1, after - 2) if fault == "response with changes that are known" else after + 1
                body["changes"] = [{"seq": at, **server.changed(at)} for at in range(first, number + 1)]
        return Answer(200, {}, json.dumps(body).encode())

    async def close(self) -> None:
        """Nothing is held."""


class Reader:
    """Reads a feed, and counts what must not happen."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.named: dict[int, str] = {}
        self.first: int | None = None
        self.highest = -1
        self.twice = 0
        self.unordered = 0
        self.back = 0

    def note(self, event: object, sequence: int | None) -> None:
        """One event, and where the state stands after it."""
        if isinstance(event, IncidentDelta):
            self._changes([event.seq])
        elif isinstance(event, Replayed):
            self._changes([change.seq for change in event.changes])  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        elif isinstance(event, CannotReplay):
            self.named.update(dict.fromkeys(range(event.after + 1, event.until + 1), event.cause))
        elif isinstance(event, (Snapshot, RealtimeSnapshot)) and self.first is None:
            self.first = event.seq
        elif isinstance(event, NothingMissed) and event.sequence < self.highest:
            self.back += 1
        if sequence is not None:
            self.back += sequence < self.highest
            self.highest = max(self.highest, sequence)

    def _changes(self, numbers: list[int]) -> None:
        for number in dict.fromkeys(numbers):
            self.twice += number in self.seen
            self.unordered += bool(self.seen) and number < max(self.seen)
            self.seen.add(number)

    def lost(self, last: int) -> int:
        """The changes that were neither given nor named."""
        return sum(number not in self.seen and number not in self.named for number in range((self.first or 0) + 1, last + 1))


async def follow(seed: int, faults: int) -> dict[str, Any]:
    """One run: the counts of a feed that was followed until all faults were injected and the server was quiet again."""
    chance = random.Random(seed)
    server, reader, clock = Server(chance, faults), Reader(), Clock()
    client = AsyncReliabilityClient(
        "http://simulated", transport=Http(server), clock=clock, chance=chance.random, telemetry=Quiet(), feed=FeedPolicy()
    )
    feed = AsyncFeed(client._caller, INCIDENT_FEED, Opener(server), {"tenant_id": "tenant-a"})  # pyright: ignore[reportPrivateUsage]
    quiet = 0
    while quiet < 20:
        event = await anext(feed)
        reader.note(event, feed.sequence)
        quiet = quiet + isinstance(event, IncidentDelta) if server.left <= 0 else 0
    last = feed.sequence or 0
    wanted = {name: incident["status"] for name, incident in server.states[last].items()}
    return counts(seed, server, reader, last, sum(feed.state[name].status != status for name, status in wanted.items()))


def counts(seed: int, server: Server, reader: Reader, last: int, wrong_state: int) -> dict[str, Any]:
    """What a run came to, whichever client followed the feed up to the number `last`."""
    return {
        "seed": seed,
        "faults": sum(server.injected.values()),
        "kinds": len(server.injected),
        "changes": last,
        "lost": reader.lost(last),
        "twice": reader.twice,
        "unordered": reader.unordered,
        "steps_back": reader.back,
        "wrong_state": wrong_state,
        "named_as_lost": dict(Counter(reader.named.values())),
    }


def printed(found: list[dict[str, Any]]) -> int:
    """Print each run as a line of JSON; 0 where nothing was lost, given twice or taken back, else 1."""
    for result in found:
        print(json.dumps(result))
    forbidden = ("lost", "twice", "unordered", "steps_back", "wrong_state")
    return 0 if all(result[name] == 0 for result in found for name in forbidden) else 1


def main() -> int:
    """Print each run as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--faults", type=int, default=1000)
    given = parser.parse_args()
    return printed([run(follow(seed, given.faults)) for seed in range(1, given.runs + 1)])


if __name__ == "__main__":
    sys.exit(main())
