"""Which edits of schemas are made where: all of them in two places, and elsewhere enough to see that the place is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compatibility_audit.crosscheck import Crosscheck
from compatibility_audit.keywords import BASES, SchemaEdit, few, keyword_edits

# The schemas in which keywords are edited that make no difference there.
SILENT = ("string", "object")


@dataclass
class Battery:
    """The edits of schemas, chosen once by what instances say of them."""

    crosscheck: Crosscheck
    # Of so many edits only one, for a quick look.
    every: int = 1

    @cached_property
    def whole(self) -> tuple[SchemaEdit, ...]:
        """What is edited in the places where everything is."""
        return tuple(self._whole())[:: self.every]

    @cached_property
    def few(self) -> tuple[SchemaEdit, ...]:
        """What is edited everywhere else."""
        return tuple(self._few())[:: self.every]

    def _whole(self) -> Iterator[SchemaEdit]:
        """Every edit of each keyword where it makes a difference, and some where it makes none."""
        for base in list(BASES)[: None if self.every == 1 else 3]:
            edits = list(keyword_edits(base))
            some = list(few(edits))
            telling = {edit.keyword for edit in some if self._tells(edit)}
            yield from (edit for edit in edits if edit.keyword in telling)
            if base in SILENT:
                yield from (edit for edit in some if edit.keyword not in telling)

    def _few(self) -> Iterator[SchemaEdit]:
        """Of each keyword the edit that sets it, in the first schema where that makes a difference."""
        chosen: dict[str, list[SchemaEdit]] = {}
        for base in list(BASES)[: None if self.every == 1 else 3]:
            some = list(few(list(keyword_edits(base))))
            telling = {edit.keyword for edit in some if self._tells(edit)}
            fresh = {edit.keyword for edit in some if edit.keyword not in chosen}
            better = {keyword for keyword in telling if keyword in chosen and not any(self._tells(edit) for edit in chosen[keyword])}
            for keyword in fresh | better:
                chosen[keyword] = [edit for edit in some if edit.keyword == keyword]
        for keyword in sorted(chosen):
            yield chosen[keyword][0]

    def _tells(self, edit: SchemaEdit) -> bool:
        """Whether some instance tells the two schemas apart."""
        before, after = edit.schemas
        return any(one.contained is False for one in (self.crosscheck.contained(before, after), self.crosscheck.contained(after, before)))
