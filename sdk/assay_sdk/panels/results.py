"""What a panel has to show: its data as they are now, as they were, in part, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fresh(Generic[T]):
    """Data as they are now; `updated` is when they came, in UTC."""

    value: T
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class Stale(Generic[T]):
    """Data as they were at `updated`; `retry` says whether to offer another attempt, `narrower` whether to offer a shorter window."""

    value: T
    updated: datetime | None
    shows: str
    retry: bool = True
    narrower: bool = False
    error: BaseException | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Partial(Generic[T]):
    """Data that are not complete."""

    value: T
    updated: datetime | None
    shows: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No data. `off` says that the panel loads no more until it is switched on."""

    shows: str
    retry: bool
    error: BaseException | None = field(default=None, compare=False)
    narrower: bool = field(default=False, repr=False)
    off: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Incompatible:
    """The server speaks another version; nothing of its data is shown."""

    shows: str
    error: BaseException | None = field(default=None, compare=False)


PanelResult: TypeAlias = Fresh[T] | Stale[T] | Partial[T] | Failed | Incompatible
