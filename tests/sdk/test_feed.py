"""The feed over a real socket: gaps, drops, foreign messages, silence, refusal, polling."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from assay_sdk import (
    NO_RETRY,
    AsyncReliabilityClient,
    CannotReplay,
    ClientCredentials,
    ConnectionChanged,
    FeedPolicy,
    FeedRefusedError,
    LoggedTelemetry,
    NothingMissed,
    ReliabilityClient,
    Replayed,
)
from assay_sdk.generated.reliability_1_0_0 import (
    ForbiddenTenant,
    Heartbeat,
    IncidentDelta,
    IncidentFeedEvent,
    RealtimeSnapshot,
    Snapshot,
)
from assay_sdk.telemetry import MessageDropped, SequenceGap
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from tests.sdk.scripted import Reply, Seen, delta, error, feed_server, heartbeat, http_server, incident, snapshot, state

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
        return [_word(event) for event in self.events]


def _word(event: IncidentFeedEvent) -> str:
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


def test_a_session_gives_typed_messages_and_keeps_the_state() -> None:
    """The snapshot, the deltas applied to it, and the time of the last message."""
    before = datetime.now(UTC)
    session = saying(snapshot(1, incident(1)), delta(2, incident(1, "resolved"), incident(2)), heartbeat())
    with (
        http_server(NOTHING) as server,
        feed_server(session) as feed,
        ReliabilityClient(server.url, token="token-of-a", feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "delta 2", "heartbeat"]
    assert {key: item.status for key, item in heard.feed.state.items()} == {"inc-0001": "resolved", "inc-0002": "open"}
    assert heard.feed.sequence == 2
    assert heard.feed.last_update is not None
    assert before <= heard.feed.last_update <= datetime.now(UTC)
    assert feed.sessions[0]["Authorization"] == "Bearer token-of-a"
    assert feed.sessions[0]["Accept-Schema-Version"] == "1"


def test_a_gap_is_filled_over_http() -> None:
    """The state is asked for with the last number that was applied, and the stream goes on from the answer."""
    telemetry = Recorder()
    session = saying(snapshot(1, incident(1)), delta(2), delta(5), delta(6))
    with (
        http_server(answering(Reply(200, state(5, incident(1), incident(5), changes=range(3, 6))))) as server,
        feed_server(session) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK, telemetry=telemetry) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "delta 2", "replayed 3 4 5", "resync 5", "delta 6"]
    assert server.seen[0].query == {"tenantId": "tenant-a", "after": "2"}
    assert sorted(heard.feed.state) == ["inc-0001", "inc-0005", "inc-0006"]
    assert [(gap.last, gap.next) for gap in telemetry.gaps] == [(2, 5)]


def test_a_step_after_an_answer_that_is_one_behind_still_applies() -> None:
    """A replica may answer what was true a moment ago."""
    with (
        http_server(answering(Reply(200, state(4, incident(4), changes=range(2, 5))))) as server,
        feed_server(saying(snapshot(1), delta(5))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "replayed 2 3 4", "resync 4", "delta 5"]
    assert sorted(heard.feed.state) == ["inc-0004", "inc-0005"]


def test_an_answer_too_old_to_join_the_stream_makes_it_reconnect() -> None:
    """The next session opens with the whole state."""
    with (
        http_server(answering(Reply(200, state(2, changes=range(2, 3))))) as server,
        feed_server(saying(snapshot(1), delta(9)), saying(snapshot(9))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "replayed 2", "resync 2", "reconnecting", "live", "server-behind 2-9", "snapshot 9"]


def test_a_step_that_was_applied_is_not_applied_again() -> None:
    """It is dropped and counted."""
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(3), delta(3), delta(4), delta(4))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert (heard.kinds, heard.feed.dropped) == (["live", "snapshot 3", "delta 4"], {"repeated": 2})


def test_a_message_of_another_tenant_is_dropped_with_a_security_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of it reaches the reader or the log."""
    with (
        caplog.at_level(logging.WARNING, "assay_sdk"),
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), delta(2, incident(666), tenant="tenant-b"), delta(2))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert (heard.kinds, heard.feed.dropped) == (["live", "snapshot 1", "delta 2"], {"foreign-tenant": 1})
    assert "security: incidentFeed: message dropped (foreign-tenant)" in caplog.text
    assert "666" not in caplog.text


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        json.dumps({"type": "heartbeat"}),
        json.dumps({"type": "heartbeat", "ts": 12}),
        delta(2).replace('"seq": 2', '"seq": "2"'),
        delta(2).replace('"changes"', '"changed"'),
        json.dumps({"seq": 2}),
    ],
)
def test_a_message_that_breaks_the_schema_is_dropped_and_counted(frame: str) -> None:
    """What comes after it is used."""
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), frame, delta(2))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert (heard.kinds, heard.feed.dropped) == (["live", "snapshot 1", "delta 2"], {"broken-schema": 1})


def test_a_message_of_another_major_is_dropped_as_such() -> None:
    """Whether or not it fits the schema."""
    frames = [delta(2).replace("1.0.0", "2.0.0"), json.dumps({"type": "incident_delta", "schemaVersion": "3.1.0"})]
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), *frames, delta(2))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert (heard.kinds, heard.feed.dropped) == (["live", "snapshot 1", "delta 2"], {"incompatible-version": 2})


def test_what_a_later_minor_version_adds_is_no_fault() -> None:
    """A kind of message is passed over; a value and a member are accepted."""
    later = delta(2, {**incident(2, "suppressed"), "owner": "team-x"}).replace("1.0.0", "1.4.0")
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), json.dumps({"type": "notice", "text": "hello"}), later)) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert (heard.kinds, heard.feed.dropped) == (["live", "snapshot 1", "delta 2"], {"unknown-type": 1})
    assert heard.feed.state["inc-0002"].status == "suppressed"


def test_a_broken_opening_snapshot_is_replaced_over_http() -> None:
    """There is nothing that deltas could be applied to otherwise."""
    with (
        http_server(answering(Reply(200, state(4, incident(4))))) as server,
        feed_server(saying('{"type": "snapshot"}', delta(5))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "resync 4", "delta 5"]
    assert "after" not in server.seen[0].query


@pytest.mark.parametrize("code", [1001, 1012, 4408, 1011, 1000])
def test_a_session_that_ends_is_opened_again(code: int) -> None:
    """The new one opens with a snapshot, and the reader is told of both."""
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), close=code), saying(snapshot(8, incident(8)))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "reconnecting", "live", "resync-failed 1-8", "snapshot 8"]
    assert sorted(heard.feed.state) == ["inc-0008"]


def test_a_connection_that_breaks_without_a_word_is_opened_again() -> None:
    """No close code comes when a server dies."""

    def dies(connection: ServerConnection) -> None:
        connection.send(snapshot(1))
        connection.socket.close()

    with (
        http_server(NOTHING) as server,
        feed_server(dies, saying(snapshot(1))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "reconnecting", "live", "nothing missed", "snapshot 1"]


def test_silence_longer_than_the_promised_heartbeat_is_a_drop() -> None:
    """A socket may stay open long after its server has gone."""
    patient = FeedPolicy(attempts=3, first_pause=0.01, longest_pause=0.02, patience=0.08)
    with (
        http_server(NOTHING) as server,
        feed_server(saying(snapshot(1), stay=True), saying(snapshot(1))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=patient) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "reconnecting", "live", "nothing missed", "snapshot 1"]
    assert heard.events[2] == ConnectionChanged("incidentFeed", "reconnecting", "silent for too long")


@pytest.mark.parametrize(
    ("code", "when"),
    [(4400, "bad-message"), (4401, "unauthenticated"), (4403, "tenant-not-allowed"), (4406, "version-not-served")],
)
def test_a_refusal_that_another_attempt_does_not_cure_is_raised(code: int, when: str) -> None:
    """It names the code and what the contract means by it, and the feed is over."""
    with (
        http_server(NOTHING) as server,
        feed_server(saying(close=code)) as feed,
        ReliabilityClient(server.url, token="fixed", feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.refusal is not None
    assert (heard.refusal.code, heard.refusal.when, len(feed.sessions)) == (code, when, 1)
    assert heard.feed.connection == "closed"
    assert list(heard.feed) == []


def test_a_token_that_has_expired_is_asked_for_anew_once() -> None:
    """When it comes from a function; refused again, the feed is over."""
    tokens = iter(["expired", "fresh", "never asked for"])
    with (
        http_server(NOTHING) as server,
        feed_server(saying(close=4401), saying(snapshot(1), close=4401)) as feed,
        ReliabilityClient(server.url, token=lambda: next(tokens), feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert [headers["Authorization"] for headers in feed.sessions] == ["Bearer expired", "Bearer fresh"]
    assert heard.kinds == ["live", "reconnecting", "live", "snapshot 1"]
    assert heard.refusal is not None


def test_a_kept_token_that_a_feed_rejects_is_dropped() -> None:
    """Client credentials fetch another one for the next session."""
    issued = (Reply(200, {"access_token": f"token-{number}", "expires_in": 100}) for number in (1, 2))
    credentials = ClientCredentials("me", "secret", token_url="/token")
    with (
        http_server(lambda _: next(issued)) as server,
        feed_server(saying(close=4401), saying(snapshot(1), close=4401)) as feed,
        ReliabilityClient(server.url, token=credentials, feed_url=feed.url, feed=QUICK) as client,
    ):
        Heard(client)

    assert [headers["Authorization"] for headers in feed.sessions] == ["Bearer token-1", "Bearer token-2"]


def test_a_feed_that_cannot_be_opened_is_polled_and_tried_again() -> None:
    """News come from the snapshot over HTTP; the stream takes over as soon as it can be had."""
    policy = FeedPolicy(attempts=2, first_pause=0.01, longest_pause=0.02, poll_every=0.02, probe_every=0.4)
    polled = answering(Reply(200, state(1)), Reply(200, state(1)), Reply(200, state(2, incident(2))))
    down = saying(close=1012)
    with (
        http_server(polled) as server,
        feed_server(down, down, down, saying(snapshot(9))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=policy) as client,
    ):
        heard = Heard(client)

    # Each failed session was live for a moment; what matters is the order of what follows the last of them.
    tail = heard.kinds[heard.kinds.index("polling") :]
    assert (tail[:2], tail[-2:]) == (["polling", "resync 1"], ["server-behind 2-9", "snapshot 9"])
    assert server.seen[-1].query["after"] in ("1", "2")


def test_a_server_that_is_gone_altogether_leaves_the_feed_polling() -> None:
    """The reader is told once, and sees in the time of the last update how old the state is."""
    with http_server(NOTHING) as closed:
        pass
    policy = FeedPolicy(attempts=1, first_pause=0.01, longest_pause=0.01, poll_every=0.01, probe_every=0.02)
    with ReliabilityClient(closed.url, feed=policy, retry=NO_RETRY) as client, client.incident_feed("tenant-a") as feed:
        states = [next(feed), next(feed)]

        assert [status.state for status in states if isinstance(status, ConnectionChanged)] == ["reconnecting", "polling"]
        assert (feed.connection, feed.last_update, feed.sequence) == ("polling", None, None)


def test_a_refusal_over_http_ends_the_feed() -> None:
    """What the caller may not see by polling, no attempt brings back."""
    with (
        http_server(answering(Reply(403, error("FORBIDDEN_TENANT", "authz", 403)))) as server,
        feed_server(saying(snapshot(1), delta(5), stay=True)) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
        pytest.raises(ForbiddenTenant),
    ):
        Heard(client)


def test_an_answer_of_another_tenant_is_never_used() -> None:
    """It is dropped like a message, and the feed reconnects."""
    with (
        http_server(answering(Reply(200, state(5, incident(666), tenant="tenant-b")))) as server,
        feed_server(saying(snapshot(1), delta(5)), saying(snapshot(5))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        heard = Heard(client)

    assert heard.kinds == ["live", "snapshot 1", "reconnecting", "live", "resync-failed 1-5", "snapshot 5"]
    assert heard.feed.dropped == {"foreign-tenant": 2}


async def test_the_asynchronous_feed_is_the_same_feed() -> None:
    """Messages, a gap, a drop, and a session that stays open until the reader leaves."""
    sessions = (saying(snapshot(1), delta(3), close=1012), saying(snapshot(7), heartbeat(), stay=True))
    words: list[str] = []
    with (
        http_server(answering(Reply(200, state(3, changes=range(2, 4))), Reply(200, state(7, changes=range(4, 8))))) as server,
        feed_server(*sessions) as feed,
    ):
        async with (
            AsyncReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
            client.incident_feed("tenant-a") as incidents,
        ):
            async for event in incidents:
                words.append(_word(event))
                if isinstance(event, Heartbeat):
                    break
        assert incidents.connection == "closed"

    assert words == ["live", "snapshot 1", "replayed 2 3", "resync 3", "reconnecting", "live", "replayed 4 5 6 7", "resync 7", "heartbeat"]


async def test_silence_is_noticed_by_the_asynchronous_feed_too() -> None:
    """Within the promised heartbeat times the patience of the policy."""
    policy = FeedPolicy(first_pause=0.01, longest_pause=0.01, patience=0.08)
    started = time.monotonic()
    with http_server(NOTHING) as server, feed_server(saying(snapshot(1), stay=True)) as feed:
        async with (
            AsyncReliabilityClient(server.url, feed_url=feed.url, feed=policy) as client,
            client.incident_feed("tenant-a") as incidents,
        ):
            words = [_word(await anext(incidents)) for _ in range(3)]

    assert words == ["live", "snapshot 1", "reconnecting"]
    assert 0.7 < time.monotonic() - started < 5


class Recorder(LoggedTelemetry):
    """Keeps what it is told about a feed."""

    def __init__(self) -> None:
        self.drops: list[MessageDropped] = []
        self.gaps: list[SequenceGap] = []

    def on_drop(self, event: MessageDropped) -> None:
        self.drops.append(event)

    def on_gap(self, event: SequenceGap) -> None:
        self.gaps.append(event)
