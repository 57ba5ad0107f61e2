"""Change classes, from nothing at all to breaking, and how they add up."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Severity(Enum):
    """The class of a change, from `NONE` to `MAJOR`.

    `UNDECIDED` ranks just below `MAJOR`, because the change could be breaking.
    """

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    UNDECIDED = "undecided"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """Its position in the order of severity, 0 for `NONE`."""
        return _ORDER.index(self)


_ORDER = list(Severity)


def worst(classes: Iterable[Severity]) -> Severity:
    """The class of several changes together: that of the most severe one.

    >>> worst([Severity.PATCH, Severity.MINOR]).value
    'minor'
    """
    return max(classes, key=lambda severity: severity.rank, default=Severity.NONE)


class Direction(Enum):
    """Who sends a value: the client (`REQUEST`), the server (`RESPONSE`), or nobody because it is not a value (`BOTH`).

    The class of a change depends on it.
    """

    REQUEST = "request"
    RESPONSE = "response"
    BOTH = "both"

    @property
    def turned(self) -> Direction:
        """The direction of the same place in a callback, where the server sends the request."""
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(self, self)


class Effect(Enum):
    """The effect of a change on the set of allowed values, or on what an API offers.

    Together with the direction it gives the class.
    """

    NARROWS = "narrows"
    WIDENS = "widens"
    REPLACES = "replaces"
    BREAKS = "breaks"
    ADDS = "adds"
    ANNOTATES = "annotates"
    UNKNOWN = "unknown"

    @property
    def meaning(self) -> str:
        """What the effect is, in words for the page of a rule, with the name that machine formats and vocabulary files use."""
        return f"{_MEANINGS[self]} (`{self.value}`)"

    def level(self, direction: Direction) -> Severity:
        """The class of the effect in a direction.

        A server must accept every request that it accepted before, and must send only responses that were possible before.

        >>> Effect.WIDENS.level(Direction.RESPONSE).value
        'major'
        >>> Effect.WIDENS.level(Direction.REQUEST).value
        'minor'
        """
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


_MEANINGS = {
    Effect.NARROWS: "less is allowed than before",
    Effect.WIDENS: "more is allowed than before",
    Effect.REPLACES: "something else is allowed than before",
    Effect.BREAKS: "what worked before no longer works",
    Effect.ADDS: "what worked before still works",
    Effect.ANNOTATES: "only the description is different",
    Effect.UNKNOWN: "it cannot be decided",
}
