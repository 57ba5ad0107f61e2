"""The state that a feed has built, and where it stands in the sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

E = TypeVar("E")


class Tracker(Generic[E]):
    """Applies states and steps in order, and says when one is missing."""

    __slots__ = ("_identity", "_step", "entities", "sequence")

    def __init__(self, identity: Callable[[E], str], step: int) -> None:
        self._identity = identity
        self._step = step
        self.entities: dict[str, E] = {}
        self.sequence: int | None = None

    def place(self, sequence: int) -> Literal["next", "repeated", "gap"]:
        """Where a step stands against what was applied."""
        if self.sequence is None:
            return "gap"
        if sequence <= self.sequence:
            return "repeated"
        return "next" if sequence == self.sequence + self._step else "gap"

    def replace(self, sequence: int, entities: Sequence[E]) -> None:
        """Start over from a whole state."""
        self.entities = {self._identity(entity): entity for entity in entities}
        self.sequence = sequence

    def apply(self, sequence: int, entities: Sequence[E]) -> None:
        """Apply one step."""
        for entity in entities:
            self.entities[self._identity(entity)] = entity
        self.sequence = sequence
