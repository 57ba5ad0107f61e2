"""Semantic versions: what they are, which comes first, and what comes next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import total_ordering

from assay_compatibility.errors import DocumentRefused

_WRITTEN = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?")
# A year is no major version: a document named after a day has no semantic version.
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")


class Bump(Enum):
    """Which number of a version grows."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """Where it stands, from nothing to major."""
        return list(Bump).index(self)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; build metadata is not part of it."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, subject: str = "a version") -> Version:
        """The version of a text; a leading v and missing parts are let be."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None or _DAY.fullmatch(text.strip()):
            raise DocumentRefused(
                subject, expected="a semantic version such as 1.4.0 or 2.0.0-rc.1", actual=repr(text), next_step="give one: see --help"
            )
        numbers = [int(group or 0) for group in found.groups()[:3]]
        return cls(numbers[0], numbers[1], numbers[2], tuple((found[4] or "").split(".")) if found[4] else ())

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.major}.{self.minor}.{self.patch}" + ("-" + ".".join(self.pre) if self.pre else "")

    def __lt__(self, other: Version) -> bool:
        """Whether it comes before, by the precedence of semantic versions."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[tuple[int, int, int], bool, list[tuple[bool, int, str]]]:
        parts = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in self.pre]
        return (self.major, self.minor, self.patch), not self.pre, parts

    @property
    def core(self) -> Version:
        """The release that it is, or leads to."""
        return Version(self.major, self.minor, self.patch)

    def bumped(self, bump: Bump) -> Version:
        """The next release when that number grows."""
        match bump:
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Bump.PATCH:
                return Version(self.major, self.minor, self.patch + 1)
            case Bump.NONE:
                return self

    def step_to(self, later: Version) -> Bump:
        """Which number of the core is the first to differ."""
        for bump, mine, other in (
            (Bump.MAJOR, self.major, later.major),
            (Bump.MINOR, self.minor, later.minor),
            (Bump.PATCH, self.patch, later.patch),
        ):
            if mine != other:
                return bump
        return Bump.NONE
