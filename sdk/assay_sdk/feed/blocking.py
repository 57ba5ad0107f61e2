"""The same feed for threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Generic, Self, TypeVar

from assay_sdk.driving import run
from assay_sdk.feed.following import AsyncFeed, Event
from assay_sdk.telemetry import ConnectionState, DropReason

M = TypeVar("M")
S = TypeVar("S")
E = TypeVar("E")
C = TypeVar("C")


class Feed(Generic[M, S, E, C]):
    """A feed for threads.

    `for` gives messages, responses that replace missed ones, what became of missed changes, and changes of the connection.
    """

    def __init__(self, feed: AsyncFeed[M, S, E, C]) -> None:
        self._feed = feed

    @property
    def connection(self) -> ConnectionState:
        """How the feed is connected now."""
        return self._feed.connection

    @property
    def last_update(self) -> datetime | None:
        """When the server was last heard, whatever the connection is now."""
        return self._feed.last_update

    @property
    def sequence(self) -> int | None:
        """The sequence number of the state."""
        return self._feed.sequence

    @property
    def epoch(self) -> str | None:
        """The epoch of `sequence`; None where the server states none."""
        return self._feed.epoch

    @property
    def state(self) -> Mapping[str, E]:
        """The entities as of `sequence`, by their identity."""
        return self._feed.state

    @property
    def dropped(self) -> Mapping[DropReason, int]:
        """How many messages were dropped, by reason."""
        return self._feed.dropped

    def __iter__(self) -> Iterator[M | S | Event[C]]:
        return self

    def __next__(self) -> M | S | Event[C]:
        try:
            return run(self._feed.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def start_after(self, sequence: int, epoch: str | None = None) -> None:
        """Go on from a number that was reached before, as by another process: what changed since is asked for and given first."""
        self._feed.start_after(sequence, epoch)

    def close(self) -> None:
        """End the feed."""
        run(self._feed.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
