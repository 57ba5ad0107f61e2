"""Which faults are on, for which operation and tenant, and until when."""

from __future__ import annotations

import time
from dataclasses import dataclass

LONGEST_SECONDS = 3600.0
DEFAULT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Fault:
    name: str
    operation: str | None
    tenant: str | None
    since: float
    until: float

    def meets(self, operation: str | None, tenant: str, now: float) -> bool:
        """Whether the fault concerns an operation (None: the feed) of a tenant at a moment."""
        elsewhere = operation is not None and self.operation not in (None, operation)
        return not elsewhere and self.tenant in (None, tenant) and now < self.until


class Switchboard:
    """Holds the faults that are on. A fault goes off by itself when its time is over."""

    __slots__ = ("_faults",)

    def __init__(self) -> None:
        self._faults: tuple[_Fault, ...] = ()

    def switch_on(self, name: str, operation: str | None, tenant: str | None, seconds: float) -> None:
        """Switch a fault on; the same fault of the same scope starts anew."""
        now = time.time()
        others = tuple(
            fault
            for fault in self._faults
            if fault.until > now and (fault.name, fault.operation, fault.tenant) != (name, operation, tenant)
        )
        self._faults = (*others, _Fault(name, operation, tenant, now, now + seconds))

    def clear(self) -> None:
        """Switch every fault off."""
        self._faults = ()

    def active(self, operation: str, tenant: str) -> frozenset[str]:
        """The faults that concern a request."""
        if not self._faults:
            return frozenset()
        now = time.time()
        return frozenset(fault.name for fault in self._faults if fault.meets(operation, tenant, now))

    def cursors_from(self, operation: str, tenant: str) -> float:
        """The moment before which cursors count as expired."""
        now = time.time()
        expired = (fault.since for fault in self._faults if fault.name == "cursors-expire" and fault.meets(operation, tenant, now))
        return max(expired, default=0.0)

    def feed_is_down(self, tenant: str) -> bool:
        """Whether sessions of a tenant are dropped now."""
        now = time.time()
        return any(fault.name == "realtime-drop" and fault.meets(None, tenant, now) for fault in self._faults)
