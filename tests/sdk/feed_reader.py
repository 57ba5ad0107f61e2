"""A feed against a scripted server: what its sessions send, and what a reader hears of it."""

from __future__ import annotations

from collections.abc import Callable

from assay_sdk import CannotReplay, ConnectionChanged, FeedPolicy, FeedRefusedError, NothingMissed, ReliabilityClient, Replayed
from assay_sdk.generated.reliability_1_0_0 import Heartbeat, IncidentDelta, IncidentFeedEvent, RealtimeSnapshot, Snapshot
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from tests.sdk.scripted import Reply, Seen, error

QUICK = FeedPolicy(attempts=3, first_pause=0.01, longest_pause=0.02, poll_every=0.02, probe_every=60.0, replay_attempts=1)


def saying(*frames: str, close: int = 4403, stay: bool = False) -> Callable[[ServerConnection], None]:
    """A session that sends frames and then ends, or stays open until the client leaves."""

    def script(connection: ServerConnection) -> None:
        try:
            for frame in frames:
                connection.send(frame)
            if stay:
                connection.recv()
            connection.close(close, "as the test says")
        except ConnectionClosed:
            return

    return script


class Heard:
    """What a feed gave until it was refused or enough was heard."""

    def __init__(self, client: ReliabilityClient, enough: int = 1000, tenant: str = "tenant-a") -> None:
        self.feed = client.incident_feed(tenant)
        self.events: list[IncidentFeedEvent] = []
        self.refusal: FeedRefusedError | None = None
        try:
            for event in self.feed:
                self.events.append(event)
                if len(self.events) >= enough:
                    break
        except FeedRefusedError as refused:
            self.refusal = refused
        finally:
            self.feed.close()

    @property
    def kinds(self) -> list[str]:
        """Each event in one word, with its number."""
        return [word(event) for event in self.events]


def word(event: IncidentFeedEvent) -> str:
    """An event in one word, with its number."""
    if isinstance(event, ConnectionChanged):
        return event.state
    if isinstance(event, Heartbeat):
        return "heartbeat"
    if isinstance(event, NothingMissed):
        return "nothing missed"
    if isinstance(event, Replayed):
        return f"replayed {' '.join(str(change.seq) for change in event.changes)}"
    if isinstance(event, CannotReplay):
        return f"{event.cause} {event.after}-{event.until}"
    word = {Snapshot: "snapshot", IncidentDelta: "delta", RealtimeSnapshot: "resync"}[type(event)]
    return f"{word} {event.seq}"


def answering(*answers: Reply) -> Callable[[Seen], Reply]:
    """One answer after the other, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


NOTHING = answering(Reply(503, error("SERVICE_UNAVAILABLE", "availability", 503)))
