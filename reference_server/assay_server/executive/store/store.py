"""The store: everything the room asks of Postgres, behind one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources

from assay_server.executive.ledger import Ledger
from assay_server.executive.months import Month
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.migrations import Migrations
from assay_server.postgres.owning_store import OwningStore, open_connections

from .books import Books
from .events import Events, Percentile, UserEvent
from .reading import Overview, Reading
from .records import AtRisk, Record

MIGRATIONS = Migrations(resources.files("assay_server.executive.store") / "migrations", "executive_schema_version")

KEPT_DAYS = 90
"""How long events are kept: no question goes back further."""


class Store(OwningStore):
    """The books of one company and the events of its dashboard. Every method raises StoreError or a kind of it."""

    __slots__ = ("_books", "_events", "_reading")

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._books = Books(connections)
        self._events = Events(connections)
        self._reading = Reading(connections)

    @classmethod
    async def open(cls, dsn: str, limits: Limits | None = None) -> Store:
        """Connect and bring the schema up to date; a DSN that is none raises ValueError."""
        return cls(await open_connections(dsn, limits, MIGRATIONS))

    async def record(self, records: Sequence[Record], *, patient: bool = False) -> None:
        """Store what the company recorded, all or none; `patient` is for loading."""
        await self._books.record(records, patient=patient)

    async def version(self) -> int:
        """Return how often anything was recorded."""
        return await self._books.version()

    async def ledger(self, last: Month) -> Ledger:
        """Return the sums of the 24 months that end with `last`."""
        return await self._reading.ledger(last)

    async def overview(self, last: Month, most: int) -> Overview:
        """Return the sums, the newest alerts and the first risks, of one moment."""
        return await self._reading.overview(last, most)

    async def customers_at_risk(self, today: date, most: int) -> tuple[AtRisk, ...]:
        """Return the customers with the highest risk."""
        return await self._reading.customers_at_risk(today, most)

    async def log(self, events: Sequence[UserEvent]) -> None:
        """Store events, each with its measurements, in one transaction."""
        await self._events.add(events)

    async def percentiles(self, days: int, event_types: Sequence[str] | None, rank: int) -> Mapping[str, Percentile]:
        """Return the percentile of every metric over what was received lately."""
        return await self._events.percentiles(days, event_types, rank)

    async def purge(self) -> int:
        """Delete the events that nothing asks for any more; return how many those were."""
        return await self._events.purge(KEPT_DAYS)
