"""The control hook: an operator switches faults and starts activities over HTTP. In production it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol, TypeVar

import msgspec

from assay_server.faults.switchboard import DEFAULT_SECONDS, LONGEST_SECONDS, Switchboard
from assay_server.http.errors import Refusal

PATH = "/_assay/hook"
SCOPE = "faults:write"
LOCAL_FAULTS = ("cursors-expire", "job-waits")
"""Faults of this server that the taxonomy does not speak of."""

_MOST = 10_000

T = TypeVar("T")


class Activities(Protocol):
    """What may be had happen: real data in the store."""

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        ...

    async def perform(self, name: str, tenant: str, count: int) -> int:
        """Do what a name stands for, for a tenant (empty where there are none); returns how much was added."""
        ...


class _Scope(msgspec.Struct, forbid_unknown_fields=True):
    operation: str | None = None
    tenant: str | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_SECONDS)] = DEFAULT_SECONDS


class _Activity(msgspec.Struct, forbid_unknown_fields=True):
    tenant: Annotated[str, msgspec.Meta(pattern="^([a-z0-9][a-z0-9-]{1,62})?$")] = ""
    count: Annotated[int, msgspec.Meta(ge=1, le=_MOST)] = 1


class Hook:
    """The routes of the hook."""

    def __init__(
        self,
        switchboard: Switchboard,
        activities: tuple[Activities, ...],
        faults: tuple[str, ...],
        operations: tuple[str, ...],
        drop: Callable[[str | None], None],
    ) -> None:
        self._switchboard = switchboard
        self._activities = activities
        self._names = tuple(sorted({name for activity in activities for name in activity.names}))
        self._faults = tuple(sorted({*faults, *LOCAL_FAULTS}))
        self._operations = operations
        self._drop = drop

    def describe(self) -> dict[str, list[str]]:
        """What is supported."""
        return {"faults": list(self._faults), "activities": list(self._names)}

    def switch_on(self, name: str, body: bytes) -> None:
        """Switch one fault on."""
        if name not in self._faults:
            raise Refusal("NOT_FOUND", f"there is no fault {name!r}; there are {', '.join(self._faults)}")
        scope = _decode(body or b"{}", _Scope)
        if scope.operation is not None and scope.operation not in self._operations:
            raise Refusal("INVALID_PARAMETER", f"operation must be one of {', '.join(self._operations)}", field="operation")
        self._switchboard.switch_on(name, scope.operation, scope.tenant, scope.seconds)
        if name == "realtime-drop":
            self._drop(scope.tenant)

    def switch_off(self) -> None:
        """Switch every fault off."""
        self._switchboard.clear()

    async def perform(self, name: str, body: bytes) -> int:
        """Start one activity and return how much it added."""
        if name not in self._names:
            raise Refusal("NOT_FOUND", f"there is no activity {name!r}; there are {', '.join(self._names)}")
        activity = _decode(body, _Activity)
        return sum([await offered.perform(name, activity.tenant, activity.count) for offered in self._activities if name in offered.names])


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refusal("INVALID_PARAMETER", f"the body is not right: {error}", field="body") from None
