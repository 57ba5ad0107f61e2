"""Arrays: what a conjunction says of their length and elements, against what another schema asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assay_containment.keyword_facts import UNBOUNDED, bounds, whole
from assay_containment.schemas import SchemaNode
from assay_containment.shapes import Branch, conjuncts, element, prefix, rest

MOST_COUNTED = 64


class Prover(Protocol):
    """What is asked of elements and members."""

    def below(self, musts: Sequence[SchemaNode], wanted: SchemaNode) -> bool:
        """Whether every instance of a conjunction is one of a schema, asked of a member or an element."""
        ...

    def holds(self, musts: Sequence[SchemaNode], wanted: SchemaNode) -> bool:
        """The same, asked of the instance itself."""
        ...

    def void_below(self, musts: Sequence[SchemaNode]) -> bool:
        """Whether a conjunction has no instance."""
        ...

    def place(self, schema: object) -> SchemaNode:
        """A schema of our own as a place."""
        ...


class Arrays:
    """Array keywords, one against the others."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover

    def length(self, branch: Branch) -> tuple[int, int]:
        """The fewest and most elements there can be."""
        least, most = bounds(branch, "minItems", "maxItems")
        for place in branch:
            if _contains(place) is not None:
                least = max(least, contained(place)[0])
        for index in range(min(most, self.deepest(branch) + 1)):
            items = elements(branch, index)
            if items and self.prover.void_below(items):
                return least, index
        return least, most

    def deepest(self, branch: Branch) -> int:
        """After how many elements all are alike."""
        return max((len(prefix(place)) for place in branch), default=0)

    def void(self, branch: Branch) -> bool:
        """Whether no array is left."""
        least, most = self.length(branch)
        return least > most

    def implied(self, branch: Branch, wanted: SchemaNode) -> bool:
        """Whether every array of a branch passes the array keywords of a schema."""
        keywords = wanted.keywords
        least, most = self.length(branch)
        low, high = bounds((wanted,), "minItems", "maxItems")
        if least < low or most > high:
            return False
        if keywords.get("uniqueItems") is True and most > 1 and not any(place.keywords.get("uniqueItems") is True for place in branch):
            return False
        alike = max(self.deepest(branch), len(prefix(wanted)))
        for index in range(min(most, alike + 1)):
            items = elements(branch, index)
            if not all(self.prover.below(items, place) for place in element(wanted, index)):
                return False
        return self._counted(branch, wanted, least, most) and self._unevaluated(branch, wanted, most)

    def _counted(self, branch: Branch, wanted: SchemaNode, least: int, most: int) -> bool:
        counted = _contains(wanted)
        if counted is None:
            return True
        low, high = contained(wanted)
        return self._enough(branch, counted, low, least) and (high == UNBOUNDED or self._few(branch, counted, high, most))

    def _enough(self, branch: Branch, counted: SchemaNode, low: int, least: int) -> bool:
        if low == 0:
            return True
        for place in branch:
            own = _contains(place)
            if own is not None and contained(place)[0] >= low and self.prover.below((own,), counted):
                return True
        alike = self.deepest(branch)
        sure = 0
        for index in range(min(least, alike)):
            sure += self.prover.below(elements(branch, index), counted)
        if least > alike and self.prover.below(elements(branch, alike), counted):
            sure += least - alike
        return sure >= low

    def _few(self, branch: Branch, counted: SchemaNode, high: int, most: int) -> bool:
        if most <= high:
            return True
        for place in branch:
            own = _contains(place)
            if own is not None and contained(place)[1] <= high and self.prover.below((counted,), own):
                return True
        alike = self.deepest(branch)
        maybe = sum(not self.prover.void_below([*elements(branch, index), counted]) for index in range(min(most, alike)))
        if most > alike and not self.prover.void_below([*elements(branch, alike), counted]):
            maybe = UNBOUNDED if most == UNBOUNDED else maybe + most - alike
        return maybe <= high

    def _unevaluated(self, branch: Branch, wanted: SchemaNode, most: int) -> bool:
        if "unevaluatedItems" not in wanted.keywords or wanted.document.draft < 19:
            return True
        near = conjuncts(wanted)
        if any(
            rest(place) is not None or (place is not wanted and "unevaluatedItems" in place.keywords and place != wanted) for place in near
        ):
            return True
        evaluated = max(len(prefix(place)) for place in near)
        left = wanted / "unevaluatedItems"
        alike = max(self.deepest(branch), evaluated)
        return all(self.prover.below(elements(branch, index), left) for index in range(evaluated, min(most, alike + 1)))


def elements(branch: Branch, index: int) -> list[SchemaNode]:
    """Every schema that a branch applies to the element at an index."""
    return list(dict.fromkeys(item for place in branch for item in element(place, index)))


def contained(place: SchemaNode) -> tuple[int, int]:
    """How many elements have to match `contains`."""
    if place.document.draft < 19:
        return 1, UNBOUNDED
    least, most = whole(place.keywords.get("minContains")), whole(place.keywords.get("maxContains"))
    return 1 if least is None else least, UNBOUNDED if most is None else most


def _contains(place: SchemaNode) -> SchemaNode | None:
    return place / "contains" if "contains" in place.keywords and place.document.draft >= 6 else None
