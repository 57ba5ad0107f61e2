"""Objects: what a conjunction says of their members, against what another schema asks.

Names are told apart by the properties that are spelled out and, beyond those, by which patterns they match: each set of
patterns that some name matches is a region, and one question answers for all of its names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from assay_containment.arrays import Prover
from assay_containment.keyword_facts import (
    UNBOUNDED,
    bounds,
    dependents,
    listed,
    patterns_of,
    required_of,
    triggered,
    values_of,
)
from assay_containment.patterns import matches
from assay_containment.regex_witness import TooLarge, text
from assay_containment.schemas import SchemaNode, Unresolved
from assay_containment.shapes import MOST_NEARBY, Branch, Entangled, branches, conjuncts, nearby
from assay_containment.validator_dialects import Unbuilt, surely_accepts

MOST_PATTERNS = 6
MOST_VALUES = 16
MOST_EXACT = 12
Region = frozenset[str]


class Objects:
    """Object keywords, one against the others."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover

    def void(self, branch: Branch) -> bool:
        """Whether no object is left."""
        needed = required_of(branch)
        least, most = self.size(branch)
        return least > most or any(not self.possible(branch, name) for name in sorted(needed))

    def size(self, branch: Branch) -> tuple[int, int]:
        """The fewest and most members there can be."""
        least, most = bounds(branch, "minProperties", "maxProperties")
        names = spelled(branch)
        if not self.open_regions(branch, branch):
            most = min(most, sum(self.possible(branch, name) for name in names))
        return max(least, len(required_of(branch))), most

    def open_regions(self, branch: Branch, everyone: Sequence[SchemaNode]) -> list[Region]:
        """The regions beyond the names spelled out in which a branch allows members."""
        return [region for region in regions(branch, everyone) if not self.prover.void_below(in_region(branch, region))]

    def possible(self, branch: Branch, name: str) -> bool:
        """Whether a member of this name may be there; True when that cannot be told."""
        for place in branch:
            if name in _forbidden(place):
                return False
            if "propertyNames" in place.keywords:
                try:
                    if not surely_accepts([place / "propertyNames"], name):
                        return False
                except Unbuilt:
                    pass
        schemas = held_by(branch, name)
        return not (schemas and self.prover.void_below(schemas))

    def implied(self, branch: Branch, wanted: SchemaNode) -> bool:
        """Whether every object of a branch passes the object keywords of a schema."""
        keywords = wanted.keywords
        needed = required_of(branch)
        if not required_of((wanted,)) <= needed and not all(name in needed for name in keywords.get("required", ())):
            return False
        low, high = bounds((wanted,), "minProperties", "maxProperties")
        if low > 0 or high < UNBOUNDED:
            least, most = self.size(branch)
            if least < low or most > high:
                return False
        return (
            self._members(branch, wanted)
            and self._names(branch, wanted)
            and self._dependents(branch, wanted)
            and self._unevaluated(branch, wanted)
        )

    def _members(self, branch: Branch, wanted: SchemaNode) -> bool:
        if not any(word in wanted.keywords for word in ("properties", "patternProperties", "additionalProperties")):
            return True
        places = [*branch, wanted]
        for name in spelled(places):
            target = held_by((wanted,), name)
            if target and self.possible(branch, name) and not self._all(held_by(branch, name), target):
                return False
        if not any(word in wanted.keywords for word in ("patternProperties", "additionalProperties")):
            return True
        return all(self._all(in_region(branch, region), in_region((wanted,), region)) for region in regions(branch, places))

    def _all(self, musts: Sequence[SchemaNode], targets: Sequence[SchemaNode]) -> bool:
        return all(self.prover.below(musts, target) for target in targets)

    def _names(self, branch: Branch, wanted: SchemaNode) -> bool:
        if "propertyNames" not in wanted.keywords or wanted.document.draft < 6:
            return True
        names = wanted / "propertyNames"
        if any(self.prover.below((place / "propertyNames",), names) for place in branch if "propertyNames" in place.keywords):
            return True
        try:
            if not all(surely_accepts([names], name) for name in spelled(branch) if self.possible(branch, name)):
                return False
        except Unbuilt:
            return False
        return all(
            region and self.prover.below([self.prover.place({"type": "string", "pattern": pattern}) for pattern in sorted(region)], names)
            for region in self.open_regions(branch, branch)
        )

    def _dependents(self, branch: Branch, wanted: SchemaNode) -> bool:
        for name, needs in dependents(wanted).items():
            if not set(needs) <= required_of(branch, frozenset({name})) and self.possible(branch, name):
                return False
        return all(
            not self.possible(branch, name) or self._called(branch, name, dependent) for name, dependent in triggered(wanted).items()
        )

    def _called(self, branch: Branch, name: str, wanted: SchemaNode) -> bool:
        same = [dependent for place in branch for trigger, dependent in triggered(place).items() if trigger == name]
        musts = [*branch, *same, self.prover.place({"required": [name]})]
        # On the same instance, so no induction: asked as a new question at the same level.
        return self.prover.holds(musts, wanted)

    def _unevaluated(self, branch: Branch, wanted: SchemaNode) -> bool:
        if "unevaluatedProperties" not in wanted.keywords or wanted.document.draft < 19:
            return True
        near = conjuncts(wanted)
        if any("additionalProperties" in place.keywords for place in near) or any(
            "unevaluatedProperties" in place.keywords for place in near if place != wanted
        ):
            return True
        left = wanted / "unevaluatedProperties"
        known = {name for place in near for name in place.named("properties")}
        places = [*branch, *near]
        for name in spelled(places):
            if name in known or any(matches(pattern, name) for place in near for pattern in place.named("patternProperties")):
                continue
            if self.possible(branch, name) and not self.prover.below(held_by(branch, name), left):
                return False
        patterns = {pattern for place in near for pattern in place.named("patternProperties")}
        return all(region & patterns or self.prover.below(in_region(branch, region), left) for region in regions(branch, places))

    def parts(self, branch: Branch, options: Sequence[SchemaNode]) -> list[Branch]:
        """An object branch in parts by the values of a member that tells the options apart."""
        for name in sorted({name for option in options for place in _plain(option) for name in place.named("properties")}):
            listed = sum(any(values_of(place) is not None for place in _near(held_by(_plain(option), name))) for option in options)
            if listed < 2:
                continue
            values = self._finite(branch, name)
            if values is None or len(values) < 2 or len(values) > MOST_VALUES:
                continue
            parts = [(*branch, self.prover.place({"properties": {name: {"const": value}}, "required": [name]})) for value in values]
            if name not in required_of(branch):
                parts.append((*branch, self.prover.place({"properties": {name: False}})))
            return parts
        return []

    def _finite(self, branch: Branch, name: str) -> list[object] | None:
        schemas = held_by(branch, name)
        if not schemas:
            return None
        found: list[object] = []
        try:
            for alternative in branches(schemas):
                values = listed(alternative)
                if values is None:
                    return [True, False] if any(place.keywords.get("type") == "boolean" for place in alternative) else None
                found.extend(values)
        except (Entangled, Unresolved):
            return None
        return found


def spelled(places: Sequence[SchemaNode]) -> list[str]:
    """Every name that is spelled out."""
    names = {name for place in places for name in (*place.named("properties"), *required_of((place,)))}
    return sorted(names)


def held_by(branch: Sequence[SchemaNode], name: str) -> list[SchemaNode]:
    """The schemas that hold for a member of a name that is spelled out; those that cannot be told are left out."""
    found: dict[SchemaNode, None] = {}
    for place in branch:
        own = place.declared(name)
        for pattern, member in place.named("patternProperties").items():
            # On the right side of a question a pattern that is not read must not go missing: Unread ends the proof.
            if matches(pattern, name):
                own.append(member)
        if not own and "additionalProperties" in place.keywords:
            own.append(place / "additionalProperties")
        elif not own:
            own.extend(_closed(place, name))
        found.update(dict.fromkeys(own))
    return list(found)


def in_region(branch: Sequence[SchemaNode], region: Region) -> list[SchemaNode]:
    """The schemas that hold for a member whose name is not spelled out and matches just these patterns."""
    found: dict[SchemaNode, None] = {}
    for place in branch:
        own = [member for pattern, member in place.named("patternProperties").items() if pattern in region]
        if not own and "additionalProperties" in place.keywords:
            own.append(place / "additionalProperties")
        elif not own and "unevaluatedProperties" in place.keywords and place.document.draft >= 19:
            near = nearby(place)
            if _all_seen(place, near) and not any(pattern in region for place in near for pattern in place.named("patternProperties")):
                own.append(place / "unevaluatedProperties")
        found.update(dict.fromkeys(own))
    return list(found)


def regions(branch: Sequence[SchemaNode], everyone: Sequence[SchemaNode]) -> Iterator[Region]:
    """Every set of patterns that some name of a branch matches, all others not."""
    near = [nearby(place) for place in everyone]
    if any(len(places) > MOST_NEARBY for places in near):
        raise TooLarge("too many schemas hold for one object")
    patterns = sorted({pattern for places in near for place in places for pattern in place.named("patternProperties")})
    if len(patterns) > MOST_PATTERNS:
        raise TooLarge("too many patterns of names")
    naming = [conjunct for place in branch if "propertyNames" in place.keywords for conjunct in conjuncts(place / "propertyNames")]
    if any(place.keywords.get("enum") == [] or place.keywords.get("type", "string") != "string" for place in naming):
        return
    always = patterns_of(tuple(naming))
    named = spelled(everyone)
    least, most = bounds(tuple(naming), "minLength", "maxLength")
    for subset in range(1 << len(patterns)):
        region = frozenset(pattern for index, pattern in enumerate(patterns) if subset >> index & 1)
        if not patterns and not always:
            yield region
            continue
        others = frozenset(patterns) - region
        limit = None if most == UNBOUNDED else most
        name = text(region | always, others, least, limit)
        inside = [member for member in named if _inside(member, region)] if name in named else []
        if 0 < len(inside) <= MOST_EXACT:
            # A name that is spelled out is asked about on its own: the region is that of the others.
            name = text(region | always, others | frozenset(map(exactly, inside)), least, limit)
        if name is not None:
            yield region


def exactly(name: str) -> str:
    """The pattern of one name."""
    return "^" + "".join("\\" + letter if letter in "\\^$.*+?()[]{}|/" else letter for letter in name) + "$"


def _inside(name: str, region: Region) -> bool:
    return all(matches(pattern, name) for pattern in region)


def _closed(place: SchemaNode, name: str) -> list[SchemaNode]:
    """What `unevaluatedProperties` says of a name that nothing near it can have evaluated."""
    if "unevaluatedProperties" not in place.keywords or place.document.draft < 19:
        return []
    near = nearby(place)
    if place.pointer not in place.document.seen:
        place.document.seen[place.pointer] = _all_seen(place, near)
    if not place.document.seen[place.pointer]:
        return []
    if any(conjunct.declared(name) for conjunct in near):
        return []
    if any(matches(pattern, name) for conjunct in near for pattern in conjunct.named("patternProperties")):
        return []
    return [place / "unevaluatedProperties"]


def _all_seen(place: SchemaNode, near: Sequence[SchemaNode]) -> bool:
    words = ("additionalProperties", "unevaluatedProperties")
    scoped = any("$dynamicRef" in conjunct.keywords or "$recursiveRef" in conjunct.keywords for conjunct in near)
    return (
        not scoped
        and len(near) <= MOST_NEARBY
        and not any(word in conjunct.keywords for conjunct in near for word in words if conjunct != place or word == words[0])
    )


def _forbidden(place: SchemaNode) -> Sequence[str]:
    """A member that `not` forbids by requiring it."""
    refused: Any = place.keywords.get("not")
    if not isinstance(refused, dict) or list(cast("dict[str, Any]", refused)) != ["required"]:
        return ()
    names: Sequence[str] = cast("dict[str, Any]", refused)["required"]
    return names if len(names) == 1 else ()


def _plain(option: SchemaNode) -> list[SchemaNode]:
    try:
        return conjuncts(option)
    except Unresolved:
        return [option]


def _near(places: Sequence[SchemaNode]) -> list[SchemaNode]:
    return [conjunct for place in places for conjunct in nearby(place)]
