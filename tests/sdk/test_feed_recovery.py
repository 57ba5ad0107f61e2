"""The state of a feed never steps back, and what was missed is given, or named as lost with its cause."""

from __future__ import annotations

import pytest
from assay_sdk import FeedPolicy, ReliabilityClient
from assay_sdk.feed.recovery import CannotReplay, Changes, Replayed, judge_changes
from assay_sdk.feed.restarts import RestartWatch
from assay_sdk.feed.tracking import Numbering, Place, Tracker

from tests.sdk.feed_reader import NOTHING, QUICK, Heard, answering, saying
from tests.sdk.scripted import Reply, delta, feed_server, http_server, incident, snapshot, state

BROKEN = saying(snapshot(3, incident(3)), delta(4), close=1012)


def heard(*answers: Reply, session: object = None, policy: FeedPolicy = QUICK, opening: str = "") -> Heard:
    """What a feed gives that knows 4 changes, was dropped, and opens again."""
    script = answering(*answers) if answers else NOTHING
    with (
        http_server(script) as server,
        feed_server(BROKEN, saying(opening or snapshot(7, incident(7)), delta(8))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=policy) as client,
    ):
        return Heard(client)


START = ["live", "snapshot 3", "delta 4", "reconnecting", "live"]


def test_missed_changes_are_asked_for_and_given_before_anything_after_them() -> None:
    """The response stands in for the snapshot of the session, which says no more."""
    found = heard(Reply(200, state(7, incident(7), changes=range(5, 8))))

    assert found.kinds == [*START, "replayed 5 6 7", "resync 7", "delta 8"]
    assert isinstance(found.events[5], Replayed)
    assert (found.events[5].after, found.events[5].until) == (4, 7)


def test_a_response_that_is_ahead_of_the_session_is_given_once() -> None:
    """The step that it holds already is not given again."""
    found = heard(Reply(200, state(8, incident(8), changes=range(5, 9))))

    assert (found.kinds, found.feed.dropped) == ([*START, "replayed 5 6 7 8", "resync 8"], {"repeated": 1})


def test_changes_that_are_known_are_not_given_twice() -> None:
    """A server may give more than it was asked for."""
    found = heard(Reply(200, state(7, changes=range(1, 8))))

    assert found.kinds == [*START, "replayed 5 6 7", "resync 7", "delta 8"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (state(7, truncated=True), "no-longer-kept"),
        (state(7), "changes-not-given"),
        (state(7, changes=range(6, 8)), "changes-incomplete"),
        (state(7, changes=range(5, 7)), "changes-incomplete"),
    ],
)
def test_changes_that_cannot_be_had_are_named_with_their_cause(answer: object, cause: str) -> None:
    """The state is right all the same, and the feed goes on from it."""
    assert heard(Reply(200, answer)).kinds == [*START, f"{cause} 4-7", "resync 7", "delta 8"]


def test_a_server_that_cannot_be_asked_is_asked_again_in_another_session() -> None:
    """As often as the policy says; the changes are still there."""
    policy = FeedPolicy(attempts=3, first_pause=0.01, longest_pause=0.02, replay_attempts=2)
    found = heard(Reply(200, {"nonsense": True}), Reply(200, state(7, changes=range(5, 8))), policy=policy)

    assert found.kinds == [*START, "reconnecting", "live", "replayed 5 6 7", "resync 7", "delta 8"]


def test_a_session_of_a_server_that_lags_never_takes_the_state_back() -> None:
    """Its steps repeat what is known until it has caught up."""
    with (
        http_server(answering(Reply(200, state(4, incident(4), changes=range(0))))) as server,
        feed_server(BROKEN, saying(snapshot(2), delta(3), delta(4), delta(5))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        found = Heard(client)

    assert found.kinds == [*START, "nothing missed", "delta 5"]
    assert found.feed.dropped == {"stale": 1, "repeated": 2}


def test_a_response_older_than_what_is_known_is_discarded() -> None:
    """A gap that it cannot fill makes the feed reconnect, from where it was."""
    with (
        http_server(answering(Reply(200, state(1)), Reply(200, state(9, changes=range(5, 10))))) as server,
        feed_server(saying(snapshot(3), delta(4), delta(9)), saying(snapshot(9))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
    ):
        found = Heard(client)

    assert found.kinds == ["live", "snapshot 3", "delta 4", "reconnecting", "live", "replayed 5 6 7 8 9", "resync 9"]
    assert [seen.query["after"] for seen in server.seen] == ["4", "4"]


def test_a_numbering_that_began_anew_is_taken_up_when_everything_shows_it() -> None:
    """Until then the state stays; the reader learns that changes are unknown."""
    policy = FeedPolicy(attempts=9, first_pause=0.01, longest_pause=0.02, restart_after=0.0)
    with (
        http_server(answering(Reply(200, state(1, truncated=True)))) as server,
        feed_server(BROKEN, saying(snapshot(1, incident(1)), delta(2), stay=True)) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=policy) as client,
    ):
        found = Heard(client, enough=12)

    assert found.kinds[4:] == ["live", "reconnecting", "live", "reconnecting", "live", "numbering-restarted 4-1", "snapshot 1", "delta 2"]


def test_a_feed_goes_on_where_another_process_stopped() -> None:
    """What changed since is given first."""
    with (
        http_server(answering(Reply(200, state(7, incident(7), changes=range(5, 8))))) as server,
        feed_server(saying(snapshot(7, incident(7)))) as feed,
        ReliabilityClient(server.url, feed_url=feed.url, feed=QUICK) as client,
        client.incident_feed("tenant-a") as incidents,
    ):
        incidents.start_after(4)
        events = [next(incidents) for _ in range(3)]
        with pytest.raises(RuntimeError, match="before the first event"):
            incidents.start_after(5)

    assert isinstance(events[1], Replayed)
    assert [change.seq for change in events[1].changes] == [5, 6, 7]


@pytest.mark.parametrize(
    ("known", "stated", "place"),
    [
        (5, 6, "next"),
        (5, 5, "same"),
        (5, 7, "ahead"),
        (5, 4, "behind"),
        (255, 1, "next"),
        (254, 2, "ahead"),
        (2, 254, "behind"),
        (1, 255, "behind"),
    ],
)
def test_a_numbering_that_wraps_goes_on(known: int, stated: int, place: Place) -> None:
    """After the last number comes the first."""
    tracker: Tracker[str] = Tracker(lambda entity: entity, Numbering(step=1, first=1, last=255))
    tracker.replace(known, ())

    assert tracker.place(stated) == place


def test_a_replay_goes_over_the_end_of_a_numbering() -> None:
    """In order, and complete."""
    numbering = Numbering(step=1, first=1, last=255)

    assert judge_changes("feed", numbering, Changes([1, 254, 255, 2]), lambda number: number, after=253, until=2) == Replayed(
        "feed", 253, 2, (254, 255, 1, 2)
    )
    assert judge_changes("feed", numbering, Changes([254, 1, 2]), lambda number: number, after=253, until=2) == CannotReplay(
        "feed", 253, 2, "changes-incomplete"
    )


def test_numbers_of_two_epochs_are_never_compared() -> None:
    """Whichever is larger."""
    tracker: Tracker[str] = Tracker(lambda entity: entity, Numbering())
    assert tracker.place(1, "a") == "first"
    tracker.replace(5, (), "a")

    assert [tracker.place(6, "a"), tracker.place(6, "b"), tracker.place(1, "b"), tracker.place(6)] == [
        "next",
        "other-epoch",
        "other-epoch",
        "next",
    ]


def test_lag_is_no_restart() -> None:
    """Any statement that is not below begins the count anew, and so does a short time."""
    watch = RestartWatch(10.0)
    for now, place in [(0.0, "behind"), (5.0, "behind"), (11.0, "same"), (12.0, "behind"), (13.0, "behind"), (14.0, "behind")]:
        watch.note(place, now)  # type: ignore[arg-type]
    assert not watch.confirmed(14.0)
    assert watch.confirmed(22.0)
