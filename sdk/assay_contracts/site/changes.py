"""What changed between two versions of a contract, as the page of the pair shows it.

The site has no differ of its own: the one of `assay diff` is registered under the entry-point group `assay.differ`, so that both say the
same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol

from assay_contracts.errors import ExtraMissing
from assay_contracts.model import Contract

GROUP = "assay.differ"
CLASSES = {
    "major": "Breaking",
    "undecided": "Undecided",
    "minor": "Additions",
    "patch": "Details",
    "none": "Same on the wire",
}
"""The classes of changes, worst first, and what a page calls them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the rule that reports it, its class, its sentence, where it is, whom it reaches; values are written on one line."""

    rule: str
    level: str
    direction: str
    pointer: str
    sentence: str
    reaches: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    witness: str = ""
    policy: str = ""


class Differ(Protocol):
    """Compares two versions of a contract: what it gives stands worst first."""

    def __call__(self, old: Contract, new: Contract, /) -> Iterable[Change]:
        """Every change between the two."""
        ...


@dataclass(frozen=True, slots=True)
class Area:
    """The changes of one class."""

    level: str
    changes: tuple[Change, ...]

    @property
    def title(self) -> str:
        """The heading of the class."""
        return CLASSES[self.level]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that changed between an older and a newer version, the worst class first."""

    old: Contract
    new: Contract
    areas: tuple[Area, ...]

    @property
    def places(self) -> dict[str, str]:
        """The anchor of each operation on the page of a version, by what a change reaches."""
        return {
            f"{operation.method} {operation.path}": f"operation-{operation.id}"
            for contract in (self.old, self.new)
            for operation in contract.operations
        }

    def page_of(self, reached: str) -> str:
        """The version whose page shows something that a change reaches: the newer one where it has it."""
        has_it = any(f"{operation.method} {operation.path}" == reached for operation in self.new.operations)
        return (self.new if has_it else self.old).id.version


def compare_contracts(old: Contract, new: Contract, differ: Differ) -> Comparison:
    """The changes between two versions, by class."""
    changes = tuple(differ(old, new))
    areas = (Area(level, tuple(change for change in changes if change.level == level)) for level in CLASSES)
    return Comparison(old, new, tuple(area for area in areas if area.changes))


def installed_differ() -> Differ:
    """The differ that is installed. Raises `ExtraMissing` when there is none."""
    for point in entry_points(group=GROUP):
        differ: Differ = point.load()
        return differ
    raise ExtraMissing(
        "assay contracts site",
        expected="an installed differ",
        actual="none",
        next_step='install it with: pip install "assay[release]"',
    )
