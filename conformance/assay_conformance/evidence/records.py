"""The base of every record, and the registry by which a record finds its class again when evidence is read.

A record is a frozen dataclass whose fields are JSON values, other records, or tuples of records. In the file a record
that another one holds is written as a reference to its id, so an exchange stands there once however many
conversations speak of it. Whatever a check asks of a record beyond its fields is a property computed from them: a
mutated exchange then changes every conversation that it is part of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

R = TypeVar("R", bound="Record")

RECORD_CLASSES: dict[str, type[Record]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was seen.

    `id` is unique within the evidence ("x12", "walk-3"); `subject` names the operation, the channel or `contract`, as the promises do;
    `purpose` says in a few words why the driver did it.
    """

    id: str
    subject: str
    purpose: str


def record(kind: str) -> Callable[[type[R]], type[R]]:
    """Give a record class its name in the evidence file. A kind is for ever: never reused for another shape."""

    def register(cls: type[R]) -> type[R]:
        if kind in RECORD_CLASSES:
            raise ValueError(f"two record classes are named {kind!r}")
        RECORD_CLASSES[kind] = cls
        return cls

    return register


def kind_of(value: Record) -> str:
    """The name of a record's class in the evidence file."""
    for kind, cls in RECORD_CLASSES.items():
        if cls is type(value):
            return kind
    raise ValueError(f"{type(value).__name__} is no registered record")
