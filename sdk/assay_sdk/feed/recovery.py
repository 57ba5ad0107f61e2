"""What became of the changes that a feed missed while it was not connected: one of three outcomes, given to the reader.

    nothing was missed | the missed changes, in order | they cannot be had, and why

After a `CannotReplay` the state is right all the same; only what happened in between is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from assay_sdk.feed.tracking import Numbering

C = TypeVar("C")

Cause: TypeAlias = Literal[
    "no-longer-kept",  # the server says that it does not keep those changes any more
    "changes-not-given",  # it was asked for them, and neither gave them nor said why
    "changes-incomplete",  # some of those that it gave are missing
    "resync-failed",  # it could not be asked
    "server-behind",  # it answered a state older than the one that the feed opened with
    "epoch-changed",  # its numbering began anew, and it says so
    "numbering-restarted",  # its numbering began anew, as everything that it states shows
]


@dataclass(frozen=True, slots=True)
class NothingMissed:
    """The feed reconnected, and nothing changed meanwhile.

    `sequence` is the sequence number of the unchanged state.
    """

    feed: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Replayed(Generic[C]):
    """The missed changes of a feed, oldest first; none of them was delivered before.

    They are those after sequence number `after` up to `until`.
    """

    feed: str
    after: int
    until: int
    changes: tuple[C, ...]


@dataclass(frozen=True, slots=True)
class CannotReplay:
    """Missed changes of a feed cannot be fetched.

    They are those after sequence number `after` up to `until`. `cause` says why. The state of the feed is still right; only the changes
    in between are unknown.
    """

    feed: str
    after: int
    until: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Changes(Generic[C]):
    """The changes that an answer over HTTP gives: None where it gives none, `truncated` where it says that it does not keep them."""

    items: Sequence[C] | None
    truncated: bool = False


def judge_changes(
    feed: str,
    numbering: Numbering,
    changes: Changes[C],
    sequence_of: Callable[[C], int] | None,
    *,
    after: int,
    until: int,
) -> Replayed[C] | CannotReplay:
    """The outcome of asking for the changes after a number, when the state has another by now."""
    if changes.truncated:
        return CannotReplay(feed, after, until, "no-longer-kept")
    if changes.items is None:
        return CannotReplay(feed, after, until, "changes-not-given")
    if sequence_of is None:
        return Replayed(feed, after, until, tuple(changes.items))
    missed = [item for item in changes.items if 0 < numbering.distance(after, sequence_of(item)) <= numbering.distance(after, until)]
    missed.sort(key=lambda item: numbering.distance(after, sequence_of(item)))
    expected = after
    for item in missed:
        # One step of the stream may carry several changes under one number.
        if sequence_of(item) != expected:
            expected = numbering.after(expected)
        if sequence_of(item) != expected:
            return CannotReplay(feed, after, until, "changes-incomplete")
    if expected != until:
        return CannotReplay(feed, after, until, "changes-incomplete")
    return Replayed(feed, after, until, tuple(missed))
