"""The state that a feed has built, and where it stands in the numbering of the server.

Sequence numbers are compared as serial numbers (RFC 1982): of the two ways round a numbering that wraps, the shorter one counts.
Without a last number nothing wraps. Numbers of two epochs are never compared; an epoch that was left is behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

E = TypeVar("E")

# So many epochs that were left are known again: what is old comes soon or never.
_LEFT = 16

Place: TypeAlias = Literal["first", "same", "next", "ahead", "behind", "other-epoch"]


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the changes of a stream are numbered: by how much a number grows, and after which one it starts over at which."""

    step: int = 1
    first: int = 0
    last: int | None = None

    def distance(self, old: int, new: int) -> int:
        """How far a number lies ahead of another; negative when it lies behind."""
        if self.last is None:
            return new - old
        span = self.last - self.first + 1
        ahead = (new - old) % span
        return ahead if ahead <= span // 2 else ahead - span

    def after(self, number: int) -> int:
        """The number after another."""
        following = number + self.step
        return following if self.last is None or following <= self.last else self.first + following - self.last - 1


class Tracker(Generic[E]):
    """Holds the state as of one number of one epoch; it moves forward, and only `replace` begins another epoch."""

    __slots__ = ("_identity", "_left", "_numbering", "entities", "epoch", "sequence")

    def __init__(self, identity: Callable[[E], str], numbering: Numbering) -> None:
        self._identity = identity
        self._numbering = numbering
        self.entities: dict[str, E] = {}
        self.sequence: int | None = None
        self.epoch: str | None = None
        self._left: deque[str] = deque(maxlen=_LEFT)

    def place(self, sequence: int, epoch: object = None) -> Place:
        """Where a number stands against the state."""
        if self.sequence is None:
            return "first"
        if self.leaves(epoch):
            return "behind" if str(epoch) in self._left else "other-epoch"
        distance = self._numbering.distance(self.sequence, sequence)
        if distance == self._numbering.step:
            return "next"
        return "same" if distance == 0 else "ahead" if distance > 0 else "behind"

    def leaves(self, epoch: object) -> bool:
        """Whether an epoch is stated that is not the one of the state."""
        return epoch is not None and self.epoch is not None and str(epoch) != self.epoch

    def trails(self, step: int | None, epoch: object) -> bool:
        """Whether the state lacks something before a step, or is of another epoch."""
        return self.leaves(epoch) or (step is not None and self.place(step) == "ahead")

    def replace(self, sequence: int, entities: Sequence[E], epoch: object = None) -> None:
        """Start over from a whole state."""
        self.entities = {self._identity(entity): entity for entity in entities}
        self.sequence = sequence
        if self.epoch is not None and self.leaves(epoch):
            self._left.append(self.epoch)
        if epoch is not None:
            self.epoch = str(epoch)
            if self.epoch in self._left:
                self._left.remove(self.epoch)

    def apply(self, sequence: int, entities: Sequence[E]) -> None:
        """Apply one step."""
        for entity in entities:
            self.entities[self._identity(entity)] = entity
        self.sequence = sequence
