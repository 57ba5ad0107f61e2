"""What generated code declares about a stream, and the one form in which every message of it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from assay_sdk.declarations import Operation
from assay_sdk.feed.recovery import Changes
from assay_sdk.feed.tracking import Numbering
from assay_sdk.wire import Parameter

M = TypeVar("M")  # the messages of a stream
S = TypeVar("S")  # the answer that states the same state over HTTP
E = TypeVar("E")  # the entities that the state is made of
C = TypeVar("C")  # the changes that the same answer gives on request


@dataclass(frozen=True, slots=True)
class Reading(Generic[E]):
    """A message as the stream sees it: the whole state, one step of it, or a sign of life.

    `epoch` names the numbering where a server states one, as any value that compares: numbers of two epochs say nothing about each other.
    """

    kind: Literal["state", "step", "beat"]
    sequence: int = 0
    tenant: str | None = None
    version: str | None = None
    entities: Sequence[E] = ()
    epoch: object = None


@dataclass(frozen=True, slots=True)
class Stream(Generic[M, S, E, C]):
    """One channel: how its messages are read, how its state is had over HTTP, and with it the changes since an earlier one."""

    id: str
    address: str
    parameters: tuple[Parameter, ...]
    tenant_argument: str | None
    numbering: Numbering
    silence: float | None
    decode: Callable[[bytes], M] = field(repr=False)
    read: Callable[[M], Reading[E]] = field(repr=False)
    identity: Callable[[E], str] = field(repr=False)
    type_at: tuple[str, ...]
    kinds: frozenset[str]
    closes: Mapping[int, str]
    resync: Operation[S]
    after_argument: str
    read_state: Callable[[S], Reading[E]] = field(repr=False)
    read_changes: Callable[[S], Changes[C]] = field(repr=False)
    change_sequence: Callable[[C], int] | None = field(default=None, repr=False)
