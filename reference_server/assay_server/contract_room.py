"""What a contract brings to the server: its room.

Shared packages know no contract. A room says which operations and channels of which version it serves, opens its store, and
hands over handlers, feed, activities and background work; `rooms.py` lists the rooms, and `check_room` finds what does not fit
before anything is started.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from assay_contracts import Contract

from assay_server.background import Work
from assay_server.faults import Switchboard
from assay_server.feed.progress import ProgressSource
from assay_server.feed.source import FeedSource
from assay_server.http.auth import StandIn
from assay_server.http.calls import Answering
from assay_server.http.contract_view import ServedContract
from assay_server.logs import Log
from assay_server.metrics import ServerMetrics
from assay_server.operations.discovery import DISCOVERY
from assay_server.operations.hook import Activities
from assay_server.settings import Settings

Window = tuple[datetime, datetime]


class Unservable(ValueError):
    """The contract asks for what this server does not have; the message says what."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a room serves of one version: operations and channels by their ids, without those that every contract shares.

    `body_bytes` is how large the body of an operation may be, where the contract bounds it closer than the server does; `successors` has
    the path of the operation that comes after a deprecated one. `issued_scheme` is the security scheme of tokens that responses issue.
    """

    operations: frozenset[str]
    channels: frozenset[str] = frozenset()
    body_bytes: Mapping[str, int] = field(default_factory=dict[str, int])
    successors: Mapping[str, str] = field(default_factory=dict[str, str])
    issued_scheme: str = ""


@dataclass(frozen=True, slots=True)
class SampleTenants:
    """The tenants of the sample data: one with every value, another one, and one without facts.

    `further` are more without facts that the credential of the first covers as well, so that a list of tenants has pages.
    """

    primary: str
    other: str
    empty: str
    further: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known about the sample data.

    `window` is over, and the primary tenant has every value in it. `parameters` are values of path parameters by name. `signed` maps an
    operation to the pointer that leads to the Nostr events in its request body, such as `/events/*`.
    """

    window: Window
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    signed: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What the handlers of one version of a contract may use."""

    contract: ServedContract
    settings: Settings
    switchboard: Switchboard
    metrics: ServerMetrics
    log: Log


class OpenRoom(Protocol):
    """A room with an open store; it serves one version or several."""

    async def ping(self) -> None:
        """Return when the store answers; raises `StoreError`."""
        ...

    async def load_sample(self, seed: int, now: datetime) -> Sample:
        """Load the sample data and say what is in it."""
        ...

    def handlers(self, context: RoomContext) -> Mapping[str, Answering]:
        """The handler of each operation of a version, by operationId, without those that every contract shares."""
        ...

    def feed(self, context: RoomContext, version: str) -> FeedSource | None:
        """What the contract's feed sends in a schema version; None for a contract without one."""
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


@runtime_checkable
class FollowsJobs(Protocol):
    """An open room whose contract has channels that follow jobs."""

    def progress(self, context: RoomContext) -> ProgressSource:
        """Where the state of its jobs comes from."""
        ...


@runtime_checkable
class IssuesTokens(Protocol):
    """An open room whose responses issue tokens that stand in for the credential."""

    def stand_in(self) -> StandIn:
        """Finds what such a token grants."""
        ...


class ContractRoom(Protocol):
    """One contract's part of the server, before anything is started."""

    @property
    def contract(self) -> str:
        """The contract's name."""
        ...

    @property
    def versions(self) -> Mapping[str, Offer]:
        """The versions that are served, and what of each."""
        ...

    @property
    def tenants(self) -> SampleTenants | None:
        """The tenants of the sample data; None for a contract without tenants."""
        ...

    async def open(self, dsn: str, settings: Settings) -> OpenRoom:
        """Connect and migrate; raises `StoreError`, or ValueError for a DSN that is none."""
        ...


def check_room(room: ContractRoom, contract: Contract) -> None:
    """Raise `Unservable` when a contract has an operation or channel that nothing serves, or the room serves one that it lacks."""
    offer = room.versions[contract.id.version]
    declared = frozenset(operation.id for operation in contract.operations)
    channels = frozenset(channel.id for channel in contract.channels)
    for names, problem in (
        (declared - offer.operations - DISCOVERY, "the server has no handler for {names}"),
        (offer.operations - declared, "the contract lacks {names}, which the server handles"),
        (channels - offer.channels, "the server does not serve the channel {names}"),
        (offer.channels - channels, "the contract lacks the channel {names}, which the server serves"),
    ):
        if names:
            raise Unservable(f"cannot serve {contract.id}: {problem.format(names=', '.join(sorted(names)))}; serve another version")
