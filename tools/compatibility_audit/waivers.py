"""What no rule need claim, and where rules and containment differ on purpose: each entry with its reason, none of them stale."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from compatibility_audit.cells import Fired
from compatibility_audit.edits import Edit

SOURCE = Path(__file__).parent / "waivers.toml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Cells that no rule claims, by patterns of what they edit, and why that is right."""

    reason: str
    kind: str = "*"
    objects: tuple[str, ...] = ("*",)
    fields: tuple[str, ...] = ("*",)
    edits: tuple[str, ...] = ("*",)
    directions: tuple[str, ...] = ("*",)
    places: tuple[str, ...] = ("*",)

    def covers(self, kind: str, edit: Edit) -> bool:
        """Whether it speaks of an edit."""
        place = "/".join(edit.pointer)
        conditions = (
            (self.objects, edit.object), (self.fields, edit.field), (self.edits, edit.sentence),
            (self.directions, edit.direction.value), (self.places, place),
        )  # fmt: skip
        return fnmatchcase(kind, self.kind) and all(any(fnmatchcase(actual, one) for one in patterns) for patterns, actual in conditions)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Rules that say something else than containment does, and why."""

    reason: str
    rules: tuple[str, ...] = ("*",)
    fields: tuple[str, ...] = ("*",)
    # Which way round: that they call breaking what is not, or the other way.
    doubt: str = ""

    def covers(self, edit: Edit, fired: Iterable[Fired]) -> bool:
        """Whether one of its rules spoke of one of its keywords."""
        return any(fnmatchcase(edit.field, one) for one in self.fields) and any(
            fnmatchcase(finding.rule, one) for finding in fired for one in self.rules
        )


Entry = TypeVar("Entry", Waiver, Explanation)


@dataclass(slots=True)
class Waivers:
    """Everything that is waived or explained, and which of it was needed."""

    waived: tuple[Waiver, ...] = ()
    explained: tuple[Explanation, ...] = ()
    catch_all: frozenset[str] = frozenset()
    used: set[str] = field(default_factory=set[str])

    def waiver(self, kind: str, edit: Edit) -> str | None:
        """The reason why nobody need claim an edit."""
        return next((self._taken(entry).reason for entry in self.waived if entry.covers(kind, edit)), None)

    def explanation(self, edit: Edit, fired: Iterable[Fired], doubt: str) -> str | None:
        """The reason why rules that spoke may differ from containment."""
        return next(
            (self._taken(entry).reason for entry in self.explained if doubt.startswith(entry.doubt) and entry.covers(edit, fired)), None
        )

    def _taken(self, entry: Entry) -> Entry:
        self.used.add(entry.reason)
        return entry

    @property
    def reasons(self) -> list[str]:
        """The reasons of all entries; one that no cell needs is stale."""
        return [*(entry.reason for entry in self.waived), *(entry.reason for entry in self.explained)]


def read_waivers(source: Path = SOURCE) -> Waivers:
    """The entries of a file."""
    document: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    waived = tuple(Waiver(**_parsed(one)) for one in document["waived"])
    explained = tuple(Explanation(**_parsed(one)) for one in document["explained"])
    return Waivers(waived, explained, frozenset(document["catch-all"]))


def _parsed(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, str) else tuple(value) for key, value in one.items()}
