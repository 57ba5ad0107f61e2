"""What the second implementation knows: tenants with events, and incidents that change under a sequence of their own."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

CHANNELS = ("web", "mobile", "partner", "call_center")
ERRORS = ("validation_error", "timeout", "upstream_error", "rate_limited", "duplicate_lead", "unknown")
COMPONENTS = ("application_form", "lead_router", "credit_check", "pricing_engine", "submission_api")
STATUSES = ("open", "acknowledged", "resolved")
SEVERITIES = ("low", "medium", "high", "critical")
PRIMARY, OTHER, EMPTY = "north-bank-77", "z9", "0-nothing-yet"
KEPT = 400
HISTORY = 1_207


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in the funnel."""

    id: str
    at: dt.datetime
    kind: str
    channel: str
    error: str | None
    component: str
    latency: float = 0.0
    retried: bool = False
    journey: str = "j-1"
    late: bool = False

    @property
    def failed(self) -> bool:
        """Whether it is a failure that can be listed."""
        return self.kind in ("validation_failed", "async_failure")


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands."""

    id: str
    status: str
    severity: str
    component: str
    updated: dt.datetime


@dataclass(slots=True)
class Tenant:
    """One tenant: events in order of arrival, incidents, and the last changes of them."""

    name: str
    events: list[Event] = field(default_factory=list[Event])
    incidents: dict[str, Incident] = field(default_factory=dict[str, Incident])
    changes: list[tuple[int, tuple[Incident, ...]]] = field(default_factory=list[tuple[int, tuple[Incident, ...]]])
    seq: int = 0
    facts: int = 0
    watchers: list[Callable[[int, tuple[Incident, ...]], None]] = field(default_factory=list[Callable[[int, tuple[Incident, ...]], None]])

    @property
    def forgotten(self) -> int:
        """The last sequence number whose change is no longer kept."""
        return self.changes[0][0] - 1 if self.changes else self.seq

    def change(self, *changed: Incident) -> None:
        """Make one change of one or several incidents, and tell whoever watches."""
        self.seq += 1
        self.incidents.update({incident.id: incident for incident in changed})
        self.changes.append((self.seq, changed))
        del self.changes[:-KEPT]
        for watcher in tuple(self.watchers):
            watcher(self.seq, changed)


class World:
    """Every tenant, with a settled window of three days that does not begin at midnight."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ids = itertools.count(1)
        today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = today - dt.timedelta(days=20, hours=16, minutes=30)
        self.end = self.start + dt.timedelta(days=2, hours=10, minutes=45)
        self.tenants = {name: Tenant(name) for name in (PRIMARY, OTHER, EMPTY)}
        self._fill(self.tenants[PRIMARY], journeys=420, failures=6)
        self._fill(self.tenants[OTHER], journeys=60, failures=1)
        self._open(self.tenants[PRIMARY], 3, HISTORY)
        self._open(self.tenants[OTHER], 1, 40)

    def items(self, tenant: Tenant, count: int) -> None:
        """Failures of this moment, the newest of all."""
        for _ in range(count):
            tenant.events.append(self._failure(dt.datetime.now(dt.UTC)))

    def facts(self, tenant: Tenant, count: int) -> None:
        """Events that arrive late for the settled window."""
        for number in range(count):
            kind = ("funnel_view", "lead_submitted")[number % 2]
            tenant.events.append(replace(self._event(kind, self._moment()), late=True))
        tenant.facts += 1

    def changes(self, tenant: Tenant, count: int) -> Iterator[None]:
        """Make changes one by one; every third concerns two incidents at once."""
        for number in range(count):
            chosen = self._chosen(tenant, 2 if number % 3 == 2 else 1)
            tenant.change(*chosen)
            yield

    def _chosen(self, tenant: Tenant, count: int) -> tuple[Incident, ...]:
        now = dt.datetime.now(dt.UTC)
        known = sorted(tenant.incidents)
        self.chance.shuffle(known)
        if len(known) < 2 or (len(known) < 9 and self.chance.random() < 0.2):
            name = f"INC-{len(tenant.incidents)}"
            return (Incident(name, "open", self.chance.choice(SEVERITIES), self.chance.choice(COMPONENTS), now),)
        return tuple(
            replace(
                tenant.incidents[name],
                status=STATUSES[(STATUSES.index(tenant.incidents[name].status) + 1) % 3],
                severity=self.chance.choice(SEVERITIES),
                updated=now,
            )
            for name in known[:count]
        )

    def _fill(self, tenant: Tenant, journeys: int, failures: int) -> None:
        for number in range(journeys):
            at = self._moment()
            tenant.events.append(self._event("funnel_view", at))
            if number % 3 == 0:
                tenant.events.append(self._event("lead_submitted", at + dt.timedelta(seconds=self.chance.random())))
        for hour in range(1, 50):
            at = (self.start + dt.timedelta(hours=hour)).replace(minute=0)
            if hour % 9 == 4 or at.hour == 0:
                tenant.events += [self._event("funnel_view", at), self._event("lead_submitted", at)]
        tenant.events += [self._event(kind, self.start) for kind in ("funnel_view", "lead_submitted")]
        for error, component in itertools.product(ERRORS, COMPONENTS):
            moments = [self.start + dt.timedelta(milliseconds=self.chance.randrange(60)) for _ in range(failures // 2)]
            moments += [dt.datetime.now(dt.UTC) - dt.timedelta(days=self.chance.random() * 19) for _ in range(failures - len(moments))]
            tenant.events += [replace(self._failure(at), error=error, component=component) for at in moments]
        self.chance.shuffle(tenant.events)

    def _open(self, tenant: Tenant, count: int, history: int) -> None:
        """The past of the tenant: more changes than are kept."""
        at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30)
        tenant.seq = history - 20
        for number in range(20):
            name = f"INC-{number % count}"
            at += dt.timedelta(minutes=7)
            tenant.change(Incident(name, STATUSES[number // count % 3], SEVERITIES[number % 4], COMPONENTS[number % 5], at))

    def _moment(self) -> dt.datetime:
        span = (self.end - self.start) / dt.timedelta(microseconds=1)
        return self.start + dt.timedelta(microseconds=int(self.chance.random() * (span - 2_000_000)))

    def _event(self, kind: str, at: dt.datetime) -> Event:
        number = next(self.ids)
        submitted = kind == "lead_submitted"
        return Event(
            id=f"E{self.chance.getrandbits(40):010X}_{number}",
            at=at,
            kind=kind,
            channel=CHANNELS[number // 2 % 4],
            error=ERRORS[number // 3 % 6] if submitted and number % 4 else None,
            component=COMPONENTS[number % 5],
            latency=self.chance.expovariate(1 / 700) if submitted else 0.0,
            retried=submitted and number % 7 == 0,
            journey=f"j.{number}",
        )

    def _failure(self, at: dt.datetime) -> Event:
        number = next(self.ids)
        event = self._event("async_failure" if number % 2 else "validation_failed", at)
        return replace(event, error=ERRORS[number // 2 % 6])
