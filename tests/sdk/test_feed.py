"""The feed over a real socket: its messages, gaps and drops, and what is foreign to it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest
from assay_sdk import AsyncReliabilityClient, LoggedTelemetry, ReliabilityClient
from assay_sdk.generated.reliability_1_0_0 import Heartbeat
from assay_sdk.telemetry import MessageDropped, SequenceGap

from tests.sdk.feed_reader import NOTHING, QUICK, Heard, answering, saying, word
from tests.sdk.scripted import Reply, delta, feed_server, heartbeat, http_server, incident, snapshot, state


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
                words.append(word(event))
                if isinstance(event, Heartbeat):
                    break
        assert incidents.connection == "closed"

    assert words == ["live", "snapshot 1", "replayed 2 3", "resync 3", "reconnecting", "live", "replayed 4 5 6 7", "resync 7", "heartbeat"]


class Recorder(LoggedTelemetry):
    """Keeps what it is told about a feed."""

    def __init__(self) -> None:
        self.drops: list[MessageDropped] = []
        self.gaps: list[SequenceGap] = []

    def on_drop(self, event: MessageDropped) -> None:
        self.drops.append(event)

    def on_gap(self, event: SequenceGap) -> None:
        self.gaps.append(event)
