"""Which faults are on, for which operation and tenant, and until when."""

from __future__ import annotations

import time

import msgspec

from assay_server.shared_memory import DOCUMENT_BYTES, SharedMemory

LONGEST_SECONDS = 3600.0
DEFAULT_SECONDS = 60.0


class _Fault(msgspec.Struct, frozen=True, array_like=True):
    name: str
    operation: str | None
    tenant: str | None
    since: float
    until: float

    def meets(self, operation: str | None, tenant: str, now: float) -> bool:
        """Whether the fault concerns an operation (None: the feed) of a tenant at a moment."""
        elsewhere = operation is not None and self.operation not in (None, operation)
        return not elsewhere and self.tenant in (None, tenant) and now < self.until


_decode = msgspec.msgpack.Decoder(tuple[_Fault, ...]).decode


class Switchboard:
    """Holds the faults that are on. A fault goes off by itself when its time is over. Who shares the memory sees the same faults."""

    __slots__ = ("_known", "_memory", "_seen")

    def __init__(self, memory: SharedMemory | None = None) -> None:
        self._memory = memory or SharedMemory()
        self._known: tuple[_Fault, ...] = ()
        self._seen = 0

    @property
    def generation(self) -> int:
        """How often a fault was switched on, or all were switched off."""
        return self._memory.generation

    def switch_on(self, name: str, operation: str | None, tenant: str | None, seconds: float) -> None:
        """Switch a fault on; the same fault of the same scope starts anew. Of more than the memory holds, the oldest go off."""
        now = time.time()
        with self._memory:
            others = [
                fault
                for fault in self._faults()
                if fault.until > now and (fault.name, fault.operation, fault.tenant) != (name, operation, tenant)
            ]
            faults = [*others, _Fault(name, operation, tenant, now, now + seconds)]
            while len(document := msgspec.msgpack.encode(faults)) > DOCUMENT_BYTES:
                del faults[0]
            self._memory.write_document(document)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._memory:
            self._memory.write_document(msgspec.msgpack.encode(()))

    def _faults(self) -> tuple[_Fault, ...]:
        """The faults as they were switched last."""
        if self._memory.generation != self._seen:
            self._seen, document = self._memory.read_document()
            self._known = _decode(document)
        return self._known

    def active(self, operation: str, tenant: str) -> frozenset[str]:
        """The faults that concern a request."""
        faults = self._faults()
        if not faults:
            return frozenset()
        now = time.time()
        return frozenset(fault.name for fault in faults if fault.meets(operation, tenant, now))

    def cursors_from(self, operation: str, tenant: str) -> float:
        """The moment before which cursors count as expired."""
        now = time.time()
        expired = (fault.since for fault in self._faults() if fault.name == "cursors-expire" and fault.meets(operation, tenant, now))
        return max(expired, default=0.0)

    def feed_is_down(self, tenant: str) -> bool:
        """Whether sessions of a tenant are dropped now."""
        now = time.time()
        return any(fault.name == "realtime-drop" and fault.meets(None, tenant, now) for fault in self._faults())

    def dropped(self) -> frozenset[str | None]:
        """The tenants whose sessions are dropped now; None among them for every tenant."""
        now = time.time()
        return frozenset(fault.tenant for fault in self._faults() if fault.name == "realtime-drop" and now < fault.until)
