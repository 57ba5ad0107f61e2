"""The net under the rules: schemas that changed, of which no rule says that it breaks, put to the containment engine."""

from __future__ import annotations

from collections.abc import Iterator

from assay_compatibility.classes import Severity
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.walks.schema_walk import BREAKING, PairKey, Walk
from assay_compatibility.witnesses import Proofs

RULE = "values-lost"
MOST_ASKED = 60
# Rules whose change an instance may contradict though everyone in the field calls it compatible: new members of open objects,
# and alternatives that overlap until a reader tells them apart.
FORGIVING = frozenset(
    {
        "optional-member-added",
        "member-removed",
        "hidden-member-changed",
        "alternative-added",
        "alternative-removed",
        "became-a-choice-that-fits",
        "no-longer-a-choice-that-fits",
        "member-no-longer-read-only",
        "member-no-longer-write-only",
    }
)
OF_MEMBERS = frozenset({"optional-member-added", "member-removed"})


def catch_unseen(walk: Walk, proofs: Proofs) -> None:
    """Report each pair of schemas that an instance shows to break, where nothing at it or below it tells so."""
    told = _above(walk, _told(walk))
    asked = 0
    # Where no rule says anything, two spellings of one meaning are compared; a parent is as sound as its parts.
    changed = {
        each for draft in walk.drafts.values() if draft.level is Severity.MINOR for each in draft.callers if not isinstance(each, str)
    }
    for key in sorted(changed & walk.pairs.keys(), key=_deepest_first):
        old, new = walk.pairs[key]
        if key in told or key.textual or _hides(old) or _hides(new):
            continue
        asked += 1
        if asked > MOST_ASKED:
            return
        if proofs.breaks(old, new, key.direction.value):
            walk.report(RULE, Change(old.value, new.value), key.direction, new.pointer, key, (old, new))
            walk.levels[key] = Severity.MAJOR
            told |= _above(walk, [key])


def _deepest_first(key: PairKey) -> tuple[int, str]:
    return -key.new.count("/"), str(key)


def _told(walk: Walk) -> Iterator[PairKey]:
    """The pairs about which something is said that a witness would only repeat, or contradict for a known reason."""
    for draft in walk.drafts.values():
        known = draft.level in BREAKING or draft.rule.id in FORGIVING or draft.rule.policy_for(draft.direction) is not None
        for caller in draft.callers:
            if known and not isinstance(caller, str) and not (draft.rule.id in OF_MEMBERS and _typed_beyond(walk, caller)):
                yield caller


def _typed_beyond(walk: Walk, key: PairKey) -> bool:
    """Whether members that are not named have a say too: a schema of theirs, or a place in a listed value."""
    if key not in walk.pairs:
        return False
    old, new = walk.pairs[key]
    shapes = walk.old_shapes.of(old), walk.new_shapes.of(new)
    return any(
        "enum" in shape.words
        or "patternProperties" in shape.keyed
        or ("additionalProperties" in shape.single and shape.single["additionalProperties"].value is not False)
        for shape in shapes
    )


def _above(walk: Walk, keys: Iterator[PairKey] | list[PairKey]) -> set[PairKey]:
    found: set[PairKey] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(each for each in walk.callers.get(key, ()) if not isinstance(each, str))
    return found


def _hides(place: Node) -> bool:
    """Whether members are part of one direction only, of which the engine knows nothing."""
    text = str(place.value)
    return "'readOnly'" in text or "'writeOnly'" in text
