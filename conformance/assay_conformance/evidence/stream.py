"""Conversations with a stream: one that is watched while it changes, one that drops and is joined again, one that does not read."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record
from assay_conformance.evidence.sessions import FeedSession


@dataclass(frozen=True, slots=True)
class Act:
    """Changes that the target was asked to make: when, until when, how many it made."""

    began: float
    ended: float
    count: int


@record("feed-watch")
@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Record):
    """A long session, others of the same tenant that opened later, and the state over HTTP, while the target made changes.

    `sessions` begins with the long one. `hooked` is whether the target offers changes at all; `settled` is until when the sessions were
    given time to see the last of them.
    """

    sessions: tuple[FeedSession, ...]
    exchanges: tuple[Exchange, ...] = ()
    acts: tuple[Act, ...] = ()
    hooked: bool = False
    settled: float = 0.0

    @property
    def long(self) -> FeedSession:
        """The session that was open first and longest."""
        return self.sessions[0]

    @property
    def later(self) -> tuple[FeedSession, ...]:
        """The sessions that opened beside it."""
        return self.sessions[1:]

    @property
    def change_count(self) -> int:
        """How many changes the target made while the long session was open and was given time to see them."""
        return sum(act.count for act in self.acts if act.began >= self.long.opened and act.ended <= self.settled)


@record("feed-rejoin")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin(Record):
    """A session that ended, changes while nobody listened, a session after it, and what HTTP says of the time between."""

    old: FeedSession
    new: FeedSession | None = None
    exchange: Exchange | None = None
    away: int = 0
    hooked: bool = False


@record("feed-resumption")
@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption(Record):
    """A session that was resumed after a number.

    `beside` stayed open and knew the number `after`; `away` changes were made before the session was `resumed`. `beyond` named a number
    that was never given out.
    """

    beside: FeedSession
    resumed: FeedSession
    beyond: FeedSession
    after: int
    away: int = 0
    hooked: bool = False


@record("feed-stall")
@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(Record):
    """A session that does not read while changes come, and one of the same tenant that does.

    `unread` is how many bytes waited for the slow one; `delay` the longest time in seconds that a change took to reach the other after the
    target said that it was made, None when some never came. Only the first changes of both are kept in their frames. `enough` is how many
    unread bytes the attempt was after: with fewer, nobody can say that the slow one should have been closed.
    """

    slow: FeedSession
    beside: FeedSession
    unread: int = 0
    delay: float | None = None
    hooked: bool = False
    enough: int = 1_000_000
