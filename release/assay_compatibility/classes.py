"""Change classes, from nothing at all to breaking, and how they add up."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Severity(Enum):
    """What a change means for those who are already there."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    UNDECIDED = "undecided"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """Where it stands: whatever could be breaking stands above what certainly is not."""
        return _ORDER.index(self)


_ORDER = list(Severity)


def worst(classes: Iterable[Severity]) -> Severity:
    """The class of several changes made at once."""
    return max(classes, key=lambda each: each.rank, default=Severity.NONE)


class Direction(Enum):
    """Who writes the value: a client (request), the server (response), or it is no value at all (both)."""

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"

    @property
    def turned(self) -> Direction:
        """The same place seen from a callback, where the server asks and the client answers."""
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(self, self)


class Effect(Enum):
    """What a change does to the set of values, or to what is offered."""

    NARROWS = "narrows"
    WIDENS = "widens"
    REPLACES = "replaces"
    BREAKS = "breaks"
    ADDS = "adds"
    ANNOTATES = "annotates"
    UNKNOWN = "unknown"

    def level(self, direction: Direction) -> Severity:
        """The law: what is sent must stay accepted, what is received must have been possible before."""
        match self:
            case Effect.NARROWS:
                return Severity.MINOR if direction is Direction.RESPONSE else Severity.MAJOR
            case Effect.WIDENS:
                return Severity.MINOR if direction is Direction.REQUEST else Severity.MAJOR
            case Effect.REPLACES | Effect.BREAKS:
                return Severity.MAJOR
            case Effect.ADDS:
                return Severity.MINOR
            case Effect.ANNOTATES:
                return Severity.PATCH
            case Effect.UNKNOWN:
                return Severity.UNDECIDED
