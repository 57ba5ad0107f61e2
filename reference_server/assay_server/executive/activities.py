"""What a test may have happen: money recognized, new alerts. All of it is real data in the store."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal

from assay_server.http.caching import Versions

from .clock import Clock
from .sample import PRODUCTS, REGIONS
from .store import Alert, Entry, Record, Store


class ExecutiveActivities:
    """Adds records to the books."""

    def __init__(self, store: Store, versions: Versions, clock: Clock) -> None:
        self._store = store
        self._versions = versions
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        return ("facts", "items")

    async def perform(self, name: str, tenant: str, count: int) -> int:
        """Do what a name stands for; return how much was added. The tenant is not looked at: there is one company."""
        mark, now = secrets.token_hex(6), self._clock()
        records: list[Record] = []
        for number in range(count):
            if name == "items":
                created = now - timedelta(milliseconds=count - number)
                records.append(Alert(f"al-{mark}-{number:05d}", "revenue", "An alert of a test", "", "low", created))
            else:
                region, product = REGIONS[number % len(REGIONS)], PRODUCTS[number % len(PRODUCTS)]
                records.append(Entry(f"en-{mark}-{number:05d}", "recognized", now.date(), region, product, Decimal("12.34")))
        await self._store.record(records)
        self._versions.bump("")
        return len(records)
