"""What holds at one place: the branches of its disjunctions, and which schemas hold for a member or an element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from itertools import product

from assay_containment.patterns import Unread, matches
from assay_containment.schemas import SchemaNode, Unresolved

Branch = tuple[SchemaNode, ...]
MOST_BRANCHES = 64
# A single choice is only as long as it is written; what multiplies is the product of several.
MOST_ALTERNATIVES = 2_000
DEEPEST = 40
# Past this many places around an instance, what is said of them all is no longer known.
MOST_NEARBY = 200
# What applies other schemas to the same instance.
SAME_PLACE = ("allOf", "anyOf", "oneOf")


class Entangled(ValueError):
    """More branches than are looked at."""


def branches(places: Iterable[SchemaNode]) -> tuple[Branch, ...]:
    """The conjunctions of plain places that a conjunction of places stands for, its references and disjunctions opened."""
    found: list[Branch] = [()]
    for place in places:
        opened = _open(place, ())
        _bound(len(found), len(opened))
        found = [tuple(dict.fromkeys(left + right)) for left, right in product(found, opened)]
    return tuple(dict.fromkeys(found))


def _bound(left: int, right: int) -> None:
    """Stop before a product of alternatives is larger than is looked at."""
    if left * right > (MOST_BRANCHES if min(left, right) > 1 else MOST_ALTERNATIVES):
        raise Entangled(f"the schema has more than {MOST_BRANCHES} combined or {MOST_ALTERNATIVES} listed alternatives")


def _open(place: SchemaNode, path: tuple[SchemaNode, ...]) -> list[Branch]:
    if place in path:
        return [()]  # A reference that comes back to itself says nothing of the instance.
    if len(path) > DEEPEST:
        raise Entangled("references lead on for too long")
    path = (*path, place)
    keywords = place.keywords
    found: list[Branch] = [(place,)]
    factors: list[list[Branch]] = []
    if "$ref" in keywords:
        factors.append(_open(place.target(), path))
    if "$dynamicRef" in keywords or "$recursiveRef" in keywords:
        factors.append(_open(place.dynamic_target(), path))
    factors.extend(_open(conjunct, path) for conjunct in place.listed("allOf"))
    for keyword in ("anyOf", "oneOf"):
        options = place.listed(keyword)
        if options:
            factors.append([branch for option in options for branch in _open(option, path)])
    if "if" in keywords and place.document.draft >= 7:
        when = _open(place / "if", path)
        then = _open(place / "then", path) if "then" in keywords else [()]
        otherwise = _open(place / "else", path) if "else" in keywords else [()]
        factors.append([one + other for one, other in product(when, then)] + list(otherwise))
    for factor in factors:
        _bound(len(found), len(factor))
        found = [left + right for left, right in product(found, factor)]
    return found


def conjuncts(place: SchemaNode) -> list[SchemaNode]:
    """Places that certainly hold where this one does: itself, its conjuncts and what they refer to."""
    found: dict[SchemaNode, None] = {}
    waiting = [place]
    while waiting:
        node = waiting.pop(0)
        if node in found:
            continue
        found[node] = None
        waiting.extend(node.listed("allOf"))
        if "$ref" in node.keywords:
            waiting.append(node.target())
        if "$dynamicRef" in node.keywords or "$recursiveRef" in node.keywords:
            waiting.append(node.dynamic_target())
    return list(found)


def nearby(place: SchemaNode, skip: Set[SchemaNode] = frozenset()) -> Sequence[SchemaNode]:
    """Every place that says something about the same instance, whatever way it is combined; those of `skip` are passed over.

    The list is cut past `MOST_NEARBY`: then a proof must not rest on it.
    """
    if skip:
        return _nearby(place, skip)
    known = place.document.near.get(place.pointer)
    if known is None:
        known = place.document.near[place.pointer] = tuple(_nearby(place, skip))
    return known


def _nearby(place: SchemaNode, skip: Set[SchemaNode]) -> list[SchemaNode]:
    found: dict[SchemaNode, None] = {}
    waiting = [place]
    while waiting:
        node = waiting.pop(0)
        if node in found or node in skip or len(found) > MOST_NEARBY:
            continue
        found[node] = None
        keywords = node.keywords
        try:
            if "$ref" in keywords:
                waiting.append(node.target())
            if "$dynamicRef" in keywords:
                waiting.append(node.dynamic_target())
        except Unresolved:
            pass
        for keyword in SAME_PLACE:
            waiting.extend(node.listed(keyword))
        waiting.extend(node / keyword for keyword in ("not", "if", "then", "else") if isinstance(keywords.get(keyword), dict | bool))
        waiting.extend(node.named("dependentSchemas").values())
        waiting.extend(schema for schema in node.named("dependencies").values() if isinstance(schema.schema, dict | bool))
    return list(found)


def refuses(place: SchemaNode) -> bool:
    """Whether a place has a `not` that makes sense; one that refuses the place itself has no agreed meaning."""
    if "not" not in place.keywords:
        return False
    near = nearby(place / "not")
    return len(near) <= MOST_NEARBY and place not in near


def member(place: SchemaNode, name: str) -> list[SchemaNode]:
    """The schemas that one place applies to a member of this name; a pattern that cannot be read raises Unread."""
    found, keywords = place.declared(name), place.keywords
    if "patternProperties" in keywords:
        found += [value for pattern, value in place.named("patternProperties").items() if matches(pattern, name)]
    if not found and "additionalProperties" in keywords:
        found.append(place / "additionalProperties")
    return found


def members(places: Iterable[SchemaNode], name: str) -> list[SchemaNode]:
    """The schemas that a conjunction applies to a member; patterns that cannot be read are left out."""
    found: list[SchemaNode] = []
    for place in places:
        try:
            found.extend(member(place, name))
        except Unread:
            found.extend(place.declared(name))
    return found


def prefix(place: SchemaNode) -> list[SchemaNode]:
    """The schemas of the first elements, by position."""
    return place.listed("prefixItems") if place.document.draft >= 20 else place.listed("items")


def rest(place: SchemaNode) -> SchemaNode | None:
    """The schema of the elements after the first ones."""
    keywords = place.keywords
    if place.document.draft >= 20 or not isinstance(keywords.get("items"), list):
        return place / "items" if isinstance(keywords.get("items"), dict | bool) else None
    return place / "additionalItems" if "additionalItems" in keywords else None


def element(place: SchemaNode, index: int) -> list[SchemaNode]:
    """The schemas that one place applies to the element at an index."""
    first = prefix(place)
    if index < len(first):
        return [first[index]]
    after = rest(place)
    return [after] if after is not None else []
