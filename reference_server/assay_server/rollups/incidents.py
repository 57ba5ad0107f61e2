"""When an incident opens, is acknowledged, changes its severity and resolves: a pure rule.

One incident at a time per tenant and component. It opens when failures are dense, is acknowledged
when they have lasted, follows the density with its severity, and resolves when they thin out. The bar to
resolve is lower than the bar to open, so an incident does not flicker around one number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

STEP = timedelta(minutes=10)
"""How much time one look at the density covers."""

FEWEST_FAILURES = 6
OPENS_AT = 0.35
RESOLVES_BELOW = 0.20
ACKNOWLEDGED_AFTER = timedelta(minutes=15)

_SEVERITIES = ((0.85, "critical"), (0.70, "high"), (0.50, "medium"), (0.0, "low"))


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a tenant, as it stands."""

    incident_id: str
    status: str
    severity: str
    component: str
    updated_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Density:
    """How many events of a component there were in one step, and how many of them were failures."""

    component: str
    failures: int
    events: int

    @property
    def ratio(self) -> float:
        """Failures as a fraction of events; 0 when nothing happened."""
        return self.failures / self.events if self.events else 0.0


def detect(tenant: str, standing: Iterable[Incident], densities: Iterable[Density], at: datetime) -> tuple[Incident, ...]:
    """Return what changes at `at`, in order of component; an empty tuple when nothing does."""
    active = {incident.component: incident for incident in standing if incident.status != "resolved"}
    seen = {density.component: density for density in densities}
    changes: list[Incident] = []
    for component in sorted(active.keys() | seen.keys()):
        change = _judge(tenant, active.get(component), seen.get(component, Density(component, 0, 0)), at)
        if change is not None:
            changes.append(change)
    return tuple(changes)


def _judge(tenant: str, incident: Incident | None, density: Density, at: datetime) -> Incident | None:
    severity = next(name for bound, name in _SEVERITIES if density.ratio >= bound)
    if incident is None:
        if density.failures < FEWEST_FAILURES or density.ratio < OPENS_AT:
            return None
        return Incident(_incident_id(tenant, density.component, at), "open", severity, density.component, at, at)
    if density.ratio < RESOLVES_BELOW:
        return replace(incident, status="resolved", updated_at=at)
    status = "acknowledged" if at - incident.opened_at >= ACKNOWLEDGED_AFTER else incident.status
    if (status, severity) == (incident.status, incident.severity):
        return None
    return replace(incident, status=status, severity=severity, updated_at=at)


def replay(
    tenant: str,
    standing: Iterable[Incident],
    steps: Mapping[datetime, Sequence[Density]],
    start: datetime,
    end: datetime,
) -> tuple[tuple[Incident, ...], ...]:
    """Return the change sets of looking once a step from `start` to `end`; `steps` is keyed by step start."""
    active = {incident.component: incident for incident in standing if incident.status != "resolved"}
    sets: list[tuple[Incident, ...]] = []
    step = start
    while step + STEP <= end:
        if active or step in steps:
            changes = detect(tenant, active.values(), steps.get(step, ()), step + STEP)
            for change in changes:
                active[change.component] = change
            active = {name: incident for name, incident in active.items() if incident.status != "resolved"}
            if changes:
                sets.append(changes)
        step += STEP
    return tuple(sets)


def _incident_id(tenant: str, component: str, at: datetime) -> str:
    digest = hashlib.blake2s(f"{tenant} {component} {at.timestamp()}".encode(), digest_size=6).hexdigest()
    return f"inc-{digest}"
