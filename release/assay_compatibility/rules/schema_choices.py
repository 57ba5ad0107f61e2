"""Choices between schemas, and changes whose effect only the containment of the whole can tell."""

from __future__ import annotations

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import rule

# The walk finds these itself, for it takes a comparison of subschemas to see them.
_POLICIES: dict[str, tuple[str, tuple[Direction, ...]]] = {
    "alternative-added": ("alternative-in-response", (Direction.RESPONSE,)),
    "all-of-split": ("all-of-split", ()),
}
for _id, _effect, _sentence in (
    ("alternative-added", Effect.WIDENS, "A schema is added to a choice."),
    ("alternative-removed", Effect.NARROWS, "A schema is removed from a choice."),
    ("became-a-choice", Effect.REPLACES, "A schema became a choice that does not take it in."),
    ("no-longer-a-choice", Effect.REPLACES, "A choice became a schema that does not take in every alternative."),
    ("became-a-choice-that-fits", Effect.ADDS, "A schema became a choice, and nothing is lost in this direction."),
    ("no-longer-a-choice-that-fits", Effect.ADDS, "A choice became one schema, and nothing is lost in this direction."),
    ("choice-in-a-circle", Effect.BREAKS, "A choice leads back to the schema that it is part of, so what it allows is not defined."),
    ("condition-changed", Effect.UNKNOWN, "A condition is another, so other values fall under what follows from it."),
    ("values-lost", Effect.REPLACES, "A value shows that something breaks which no other rule sees."),
    ("all-of-split", Effect.ANNOTATES, "A schema is split into another number of schemas that hold at once."),
    ("hidden-member-changed", Effect.ADDS, "A member changed that is not part of this direction."),
):
    _policy, _only = _POLICIES.get(_id, (None, ()))
    rule(_id, "choice", _effect, policy=_policy, only=_only, sentence=_sentence)(lambda _: ())
