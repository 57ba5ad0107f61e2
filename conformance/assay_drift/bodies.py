"""Bodies and messages against one schema: which members they had, and where the schema refuses them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
from assay_conformance.evidence.exchanges import NO_JSON
from assay_contracts import Schema, pointers

from assay_drift.directions import READ_ONLY, WRITE_ONLY, without_absent
from assay_drift.findings import Finding, Kind, Side
from assay_drift.members import Members
from assay_drift.redacting import HIDDEN, shown_name, type_of

_MOST_ERRORS = 60
_MOST_NAMES = 12
"""More undocumented names than this in one place are keys of a map, not members."""
_ABOUT_MEMBERS = ("additionalProperties", "unevaluatedProperties")
"""Keywords that only say again that a member is undocumented."""


@dataclass(slots=True)
class _Count:
    """How often something was seen, and the type of the first value there."""

    times: int = 0
    example: str = ""

    def add(self, times: int, example: str) -> None:
        self.times += times
        self.example = self.example or example


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one body says: it is read once, however often it came."""

    seen: frozenset[str]
    undocumented: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class Bodies:
    """Everything that was seen where one schema holds; `sent` is whether clients send it, else the server does."""

    schema: Schema
    sent: bool = False
    members: Members = field(init=False)
    count: int = 0
    seen: set[str] = field(default_factory=set[str])
    undocumented: dict[str, _Count] = field(default_factory=dict[str, _Count])
    refused: dict[tuple[str, str], _Count] = field(default_factory=dict[tuple[str, str], _Count])
    _readings: dict[bytes, _Reading] = field(default_factory=dict[bytes, _Reading])
    _validator: Any = None

    def __post_init__(self) -> None:
        self.members = Members(self.schema)
        try:
            relaxed = without_absent(self.schema, self._absent)
            self._validator = jsonschema_rs.Draft202012Validator(relaxed, validate_formats=True)
        except ValueError:
            # A schema with a pattern that no engine reads still says which members there are.
            self._validator = jsonschema_rs.Draft202012Validator({})

    @property
    def _absent(self) -> str:
        """The mark of properties that no body has in this direction."""
        return READ_ONLY if self.sent else WRITE_ONLY

    def add(self, text: str, value: Any) -> None:
        """One more body."""
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = self._read(value)
        self.count += 1
        self.seen |= reading.seen
        for pointer, example in reading.undocumented:
            self.undocumented.setdefault(pointer, _Count()).add(1, example)
        for pointer, keyword, example in reading.refused:
            self.refused.setdefault((pointer, keyword), _Count()).add(1, example)

    def findings(self, subject: str, place: str) -> Iterator[Finding]:
        """What stands alone on either side."""
        for pointer, found in _gathered(self.undocumented):
            yield Finding(Side.UNDOCUMENTED, Kind.MEMBER, subject, pointer, place, found.times, found.example)
        for (pointer, keyword), found in self.refused.items():
            yield Finding(Side.CONTRADICTING, Kind.VALUE, subject, pointer or "/", place, found.times, f"{found.example} against {keyword}")
        for pointer in outermost(pointer for pointer, answered in self.members.documented.items() if answered and pointer not in self.seen):
            if not pointer.endswith("/*"):
                yield Finding(Side.NEVER_SEEN, Kind.MEMBER, subject, pointer, place)

    def _read(self, value: Any) -> _Reading:
        if value is NO_JSON:
            return _Reading(frozenset(), (), (("", "json", "text"),))
        seen: set[str] = set()
        undocumented: dict[str, str] = {}
        refused: dict[tuple[str, str], str] = {}
        for sighting in self.members.read(value):
            if sighting.documented:
                seen.add(sighting.pointer)
                if any(schema.get(self._absent) is True for schema in self.members.schemas.get(sighting.pointer, ())):
                    refused.setdefault((sighting.pointer, self._absent), type_of(sighting.value))
            else:
                *outer, name = pointers.split(sighting.pointer)
                undocumented.setdefault(pointers.join(*outer, shown_name(name)), type_of(sighting.value))
        for number, error in enumerate(self._validator.iter_errors(value)):
            if number >= _MOST_ERRORS:
                break
            keyword = error.kind.name
            if keyword in _ABOUT_MEMBERS:
                continue
            pointer = self.members.normal(list(error.instance_path))
            example = type_of(error.instance)
            if keyword == "required":
                pointer, example = pointer + pointers.join(error.kind.property), "nothing"
            refused.setdefault((pointer, keyword), example)
        return _Reading(
            frozenset(seen),
            tuple(undocumented.items()),
            tuple((pointer, keyword, example) for (pointer, keyword), example in refused.items()),
        )


def outermost(found: Iterable[str]) -> list[str]:
    """Pointers without those that lie inside another of them."""
    kept: list[str] = []
    for pointer in sorted(found, key=lambda place: (place.count("/"), place)):
        if not any(pointer.startswith(f"{outer}/") for outer in kept):
            kept.append(pointer)
    return kept


def _gathered(found: Mapping[str, _Count]) -> Iterator[tuple[str, _Count]]:
    """Undocumented members, with those of a place that has very many told as one."""
    by_place: dict[str, list[str]] = {}
    for pointer in found:
        by_place.setdefault(pointer.rpartition("/")[0], []).append(pointer)
    for place, names in by_place.items():
        if len(names) <= _MOST_NAMES:
            yield from ((name, found[name]) for name in names)
            continue
        examples = sorted({found[name].example for name in names})
        yield f"{place}/{HIDDEN}", _Count(sum(found[name].times for name in names), f"{len(names)} names, {' or '.join(examples[:3])}")
