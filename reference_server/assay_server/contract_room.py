"""What a contract brings to the server: its room.

Shared packages know no contract. A room says which operations it handles, opens its store, and hands over handlers,
feed, activities and background work; `rooms.py` lists the rooms, and `check_room` finds what does not fit before
anything is started.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assay_contracts import Contract

from assay_server.background import Work
from assay_server.faults import Switchboard
from assay_server.feed.source import FeedSource
from assay_server.http.contract_view import ServedContract
from assay_server.http.handling import Answering
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

Window = tuple[datetime, datetime]


class Unservable(ValueError):
    """The contract asks for what this server does not have; the message says what."""


@dataclass(frozen=True, slots=True)
class SampleTenants:
    """The tenants of the sample data: one with every value, another one, and one without facts."""

    primary: str
    other: str
    empty: str


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What the handlers of a room may use."""

    contract: ServedContract
    settings: Settings
    switchboard: Switchboard
    metrics: ServerMetrics
    log: Log


class OpenRoom(Protocol):
    """A room with an open store."""

    async def ping(self) -> None:
        """Return when the store answers; raises `StoreError`."""
        ...

    async def load_sample(self, seed: int, now: datetime) -> Window:
        """Load the sample data; returns a window that is over and in which the primary tenant has every value."""
        ...

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """The handler of each operation, by operationId."""
        ...

    def feed(self, context: RoomContext) -> FeedSource | None:
        """What the contract's feed sends; None for a contract without one."""
        ...

    def activities(self, window: Window) -> Activities | None:
        """What a test may have happen; `window` is where late facts go."""
        ...

    def background(self) -> tuple[Work, ...]:
        """The work beside the requests."""
        ...

    async def aclose(self) -> None:
        """Close the store."""
        ...


class ContractRoom(Protocol):
    """One contract's part of the server, before anything is started."""

    @property
    def contract(self) -> str:
        """The contract's name."""
        ...

    @property
    def versions(self) -> frozenset[str]:
        """The versions that are served."""
        ...

    @property
    def operations(self) -> frozenset[str]:
        """The operationIds that have a handler."""
        ...

    @property
    def has_feed(self) -> bool:
        """Whether the contract's channel is served."""
        ...

    @property
    def tenants(self) -> SampleTenants:
        """The tenants of the sample data."""
        ...

    async def open(self, dsn: str, settings: Settings) -> OpenRoom:
        """Connect and migrate; raises `StoreError`, or ValueError for a DSN that is none."""
        ...


def check_room(room: ContractRoom, contract: Contract) -> None:
    """Raise `Unservable` when a contract has an operation without a handler, a handler has no operation, or feeds differ."""
    declared = frozenset(operation.id for operation in contract.operations)
    for names, problem in (
        (declared - room.operations, "the server has no handler for {names}"),
        (room.operations - declared, "the contract lacks {names}, which the server handles"),
    ):
        if names:
            raise Unservable(f"cannot serve {contract.id}: {problem.format(names=', '.join(sorted(names)))}; serve another version")
    if bool(contract.channels) != room.has_feed:
        raise Unservable(f"cannot serve {contract.id}: its feed and the server's do not match; serve another version")
