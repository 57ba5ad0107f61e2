"""How two regular expressions stand to each other."""

from __future__ import annotations

from functools import lru_cache

from assay_compatibility.containment_answers import containment

_ANY = frozenset({".*", "^.*$", ".*$", "^.*", "", "^"})


@lru_cache(maxsize=4096)
def pattern_order(old: str, new: str) -> str:
    """Equal, narrowed, widened, changed, or undecided when neither inclusion could be settled."""
    if old == new or (old in _ANY and new in _ANY):
        return "equal"
    if new in _ANY:
        return "widened"
    if old in _ANY:
        return "narrowed"
    from assay_containment import Kind

    first, second = {"type": "string", "pattern": old}, {"type": "string", "pattern": new}
    forth, back = containment(first, second), containment(second, first)
    # A pattern is anybody's text; what the engine cannot read is not decided, and so never compatible.
    if forth is None or back is None:
        return "undecided"
    match forth.kind, back.kind:
        case Kind.CONTAINED, Kind.CONTAINED:
            return "equal"
        case Kind.CONTAINED, _:
            return "widened"
        case _, Kind.CONTAINED:
            return "narrowed"
        case Kind.NOT_CONTAINED, Kind.NOT_CONTAINED:
            return "changed"
        case _:
            return "undecided"
