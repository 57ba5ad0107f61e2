"""A batch of events: which are new, which were known, and which are rejected."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item of a batch by its place, and why it is rejected."""

    index: int
    code: str


@dataclass(frozen=True, slots=True)
class SortedBatch(Generic[T]):
    """The items of a batch: the new ones, how many were known, and those that are rejected."""

    accepted: tuple[T, ...]
    duplicates: int
    rejected: tuple[Rejected, ...]


def sort_batch(
    items: Iterable[T], *, identity: Callable[[T], Hashable], known: Container[Hashable], rejection: Callable[[T], str | None]
) -> SortedBatch[T]:
    """Sort the items of a batch; of two with one identity the first counts, and the second is a duplicate.

    `rejection` gives the code for an item that is not taken, None for one that is.
    """
    accepted: dict[Hashable, T] = {}
    rejected: list[Rejected] = []
    duplicates = 0
    for index, item in enumerate(items):
        code = rejection(item)
        if code is not None:
            rejected.append(Rejected(index, code))
        elif (name := identity(item)) in accepted or name in known:
            duplicates += 1
        else:
            accepted[name] = item
    return SortedBatch(tuple(accepted.values()), duplicates, tuple(rejected))
