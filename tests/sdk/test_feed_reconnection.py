"""A feed whose sessions end: it reconnects, renews its token, polls, or is refused."""

from __future__ import annotations

import time

import pytest
from assay_sdk import (
    NO_RETRY,
    AsyncReliabilityClient,
    ClientCredentials,
    ConnectionChanged,
    FeedPolicy,
    ReliabilityClient,
)
from assay_sdk.generated.reliability_1_0_0 import ForbiddenTenant
from websockets.sync.server import ServerConnection

from tests.sdk.feed_reader import NOTHING, QUICK, Heard, answering, saying, word
from tests.sdk.scripted import Reply, delta, error, feed_server, http_server, incident, snapshot, state


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


async def test_silence_is_noticed_by_the_asynchronous_feed_too() -> None:
    """Within the promised heartbeat times the patience of the policy."""
    policy = FeedPolicy(first_pause=0.01, longest_pause=0.01, patience=0.08)
    started = time.monotonic()
    with http_server(NOTHING) as server, feed_server(saying(snapshot(1), stay=True)) as feed:
        async with (
            AsyncReliabilityClient(server.url, feed_url=feed.url, feed=policy) as client,
            client.incident_feed("tenant-a") as incidents,
        ):
            words = [word(await anext(incidents)) for _ in range(3)]

    assert words == ["live", "snapshot 1", "reconnecting"]
    assert 0.7 < time.monotonic() - started < 5
