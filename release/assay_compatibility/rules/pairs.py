"""What the rules of each area look at: the old and the new side of one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assay_contracts.pointers import escape

from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.schemas.normal_form import NormalSchema

# Names of keywords in normal form that a document writes differently.
_WRITTEN = {"never": "", "integers": "type"}


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """A schema before and after."""

    old: NormalSchema
    new: NormalSchema
    direction: Direction
    # What is written as text (a parameter, a header, XML) is accepted wherever a string is.
    textual: bool = False
    # How a parameter is written: "apart" when each item of a list stands by itself, "together" when commas part them.
    parameter: str = ""

    def where(self, *keys: str) -> str | None:
        """The pointer of the keyword, in the new document if it is there; of the schema where no keyword says it."""
        for side in (self.new, self.old):
            for key in keys:
                if key in side.where:
                    word = _WRITTEN.get(key, key)
                    return f"{side.where[key]}/{escape(word)}" if word else side.where[key]
        return None

    def added(self, key: str) -> Iterator[Change]:
        """The keyword where it was not before."""
        if key in self.new.keywords and key not in self.old.keywords:
            yield Change(None, self.new.keywords[key], self.where(key))

    def removed(self, key: str) -> Iterator[Change]:
        """The keyword where it no longer is."""
        if key in self.old.keywords and key not in self.new.keywords:
            yield Change(self.old.keywords[key], None, self.where(key))

    def changed(self, key: str, when: Callable[[Any, Any], bool] = lambda old, new: True) -> Iterator[Change]:
        """The keyword with another value."""
        if key in self.old.keywords and key in self.new.keywords:
            old, new = self.old.keywords[key], self.new.keywords[key]
            if old != new and when(old, new):
                yield Change(old, new, self.where(key))

    def note(self, key: str) -> Iterator[Change]:
        """An annotation that is not what it was."""
        if self.old.annotations.get(key) != self.new.annotations.get(key):
            yield Change(self.old.annotations.get(key), self.new.annotations.get(key), self.where(key))


@dataclass(frozen=True, slots=True)
class ObjectPair:
    """An object of the document, or a map of them by name, before and after; references followed."""

    old: Node
    new: Node
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def changed(self, key: str, default: Any = None) -> Iterator[Change]:
        """A member that is not what it was."""
        old, new = self.old[key], self.new[key]
        old, new = (default if old is None else old), (default if new is None else new)
        if old != new:
            yield Change(old, new, f"{self.new.pointer}/{key}")
