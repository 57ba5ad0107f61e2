"""What a test may have happen: new failures, incident changes, late facts. All of it is real data in the store."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import get_args

from assay_server.http.caching import Versions
from assay_server.reliability.store import FAILURES, Channel, Component, ErrorClass, Fact, Store
from assay_server.rollups import Incident

_STATUSES = ("open", "acknowledged", "resolved")
_SEVERITIES = ("low", "medium", "high", "critical")
_DRILLS = 8
"""Incidents a component in every change set: fat messages show early who reads too slowly."""

_COMPONENTS: tuple[Component, ...] = get_args(Component)
_ERRORS: tuple[ErrorClass, ...] = get_args(ErrorClass)
_CHANNELS: tuple[Channel, ...] = get_args(Channel)


class ReliabilityActivities:
    """Adds data to a tenant. `window` is where late facts go."""

    def __init__(self, store: Store, versions: Versions, window: tuple[datetime, datetime]) -> None:
        self._store = store
        self._versions = versions
        self._window = window
        self._chance = random.Random()  # noqa: S311 - traffic, not secrets
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._steps: defaultdict[str, int] = defaultdict(int)

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        return ("changes", "facts", "items")

    async def perform(self, name: str, tenant: str, count: int) -> int:
        """Do what a name stands for; return how much was added."""
        match name:
            case "items":
                return await self._add(tenant, self._failures(tenant, count))
            case "facts":
                return await self._add(tenant, self._late(tenant, count))
            case _:
                return await self._change(tenant, count)

    async def _add(self, tenant: str, facts: list[Fact]) -> int:
        ingested = await self._store.ingest(facts)
        self._versions.bump(tenant)
        return ingested.accepted

    def _failures(self, tenant: str, count: int) -> list[Fact]:
        now, mark = datetime.now(UTC), secrets.token_hex(6)
        return [
            Fact(
                tenant_id=tenant,
                event_id=f"evt-{mark}-{number:06d}",
                event_time=now - timedelta(microseconds=count - number),
                event_type=FAILURES[number % len(FAILURES)],
                channel=_CHANNELS[number % len(_CHANNELS)],
                component=_COMPONENTS[number % len(_COMPONENTS)],
                error_class=_ERRORS[number % len(_ERRORS)],
                correlation_id=f"req-{mark}-{number}",
            )
            for number in range(count)
        ]

    def _late(self, tenant: str, count: int) -> list[Fact]:
        """Views and submissions somewhere in the window, two to one."""
        start, end = self._window
        mark = secrets.token_hex(6)
        facts: list[Fact] = []
        for number in range(count):
            submitted = number % 3 == 2
            facts.append(
                Fact(
                    tenant_id=tenant,
                    event_id=f"evt-{mark}-{number:06d}",
                    event_time=start + timedelta(milliseconds=self._chance.randrange(int((end - start).total_seconds() * 1000))),
                    event_type="lead_submitted" if submitted else "funnel_view",
                    channel=_CHANNELS[number % len(_CHANNELS)],
                    retry_outcome="none" if submitted else None,
                    latency_ms=200 + self._chance.randrange(800) if submitted else None,
                    correlation_id=f"req-{mark}-{number}",
                )
            )
        return facts

    async def _change(self, tenant: str, count: int) -> int:
        """Drill some incidents of every component through their states, all of them in every change set."""
        async with self._locks[tenant]:
            opened = datetime.now(UTC)
            for _ in range(count):
                self._steps[tenant] += 1
                step, now = self._steps[tenant], datetime.now(UTC)
                await self._store.apply_changes(
                    tenant,
                    [
                        Incident(
                            incident_id=f"inc-drill-{place:02d}",
                            status=_STATUSES[(step + place) % len(_STATUSES)],
                            severity=_SEVERITIES[(step + place) % len(_SEVERITIES)],
                            component=component,
                            updated_at=now,
                            opened_at=opened,
                        )
                        for place, component in enumerate(_COMPONENTS * _DRILLS)
                    ],
                )
        return count
