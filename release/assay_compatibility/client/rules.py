"""The rules of the source axis: what a caller of the generated client sees, one id each.

They stand apart from the rules of the wire: they look at the really generated packages of both sides and not at the documents.
"""

from __future__ import annotations

from assay_compatibility.classes import Direction, Effect, Severity
from assay_compatibility.rules.model import Rule

_RULES: tuple[tuple[str, Effect, str], ...] = (
    ("source-operation-removed", Effect.BREAKS, "A method of the client was removed."),
    ("source-operation-renamed", Effect.BREAKS, "A method of the client was renamed. It sends the same request."),
    ("source-operation-added", Effect.ADDS, "A method was added to the client."),
    ("source-parameter-removed", Effect.BREAKS, "An argument of a method was removed."),
    ("source-parameter-renamed", Effect.BREAKS, "An argument was renamed."),
    ("source-parameter-moved", Effect.BREAKS, "The position of a positional argument changed."),
    ("source-parameter-reordered", Effect.ANNOTATES, "The order of keyword-only arguments changed."),
    ("source-parameter-kind-changed", Effect.BREAKS, "An argument can no longer be passed by position, or by name."),
    ("source-parameter-became-required", Effect.BREAKS, "An argument became required."),
    ("source-parameter-became-optional", Effect.ADDS, "An argument became optional."),
    ("source-parameter-default-changed", Effect.BREAKS, "The default value of an argument changed."),
    ("source-required-parameter-added", Effect.BREAKS, "A required argument was added to a method."),
    ("source-parameter-added", Effect.ADDS, "An optional argument was added to a method."),
    ("source-parameter-type-changed", Effect.BREAKS, "The type of an argument no longer accepts some values."),
    ("source-parameter-type-widened", Effect.ADDS, "The type of an argument accepts more values."),
    ("source-return-type-changed", Effect.BREAKS, "The return type of a method changed."),
    ("source-return-type-narrowed", Effect.ADDS, "The return type of a method became narrower."),
    ("source-may-be-none", Effect.BREAKS, "A value that was never None can now be None."),
    ("source-model-removed", Effect.BREAKS, "A model was removed."),
    ("source-model-renamed", Effect.BREAKS, "A model was renamed. Its fields are the same."),
    ("source-model-added", Effect.ADDS, "A model was added."),
    ("source-field-removed", Effect.BREAKS, "A field of a model was removed."),
    ("source-field-added", Effect.ADDS, "A field was added to a model."),
    ("source-field-type-changed", Effect.BREAKS, "The type of a field changed."),
    ("source-field-type-narrowed", Effect.ADDS, "The type of a field in a response became narrower."),
    ("source-field-type-widened", Effect.ADDS, "The type of a field in a request accepts more values."),
    ("source-required-field-added", Effect.BREAKS, "A required field was added to a model of a request."),
    ("source-field-became-required", Effect.BREAKS, "A field of a request became required."),
    ("source-field-became-optional", Effect.ADDS, "A field of a request became optional."),
    ("source-type-changed", Effect.BREAKS, "The definition of a type alias changed."),
    ("source-type-extended", Effect.ADDS, "A type alias accepts more values in requests, or contains fewer in responses."),
    ("source-known-value-removed", Effect.ADDS, "A value was removed from an open enumeration. Code that uses it still runs."),
    ("source-known-value-added", Effect.ADDS, "A value was added to an open enumeration. Code already handles unknown values."),
    ("source-enum-member-removed", Effect.BREAKS, "A member of an enumeration class was removed."),
    ("source-enum-member-added", Effect.ADDS, "A member was added to an enumeration class."),
    ("source-error-removed", Effect.BREAKS, "An error class was removed, so code that catches it cannot import it."),
    ("source-error-added", Effect.ADDS, "An error class was added."),
    ("source-base-changed", Effect.BREAKS, "A class no longer inherits from one of its base classes."),
    ("source-name-removed", Effect.BREAKS, "A name was removed from the exports of the client."),
    ("source-name-added", Effect.ADDS, "A name was added to the exports of the client."),
    ("source-kind-changed", Effect.BREAKS, "The kind of an exported name changed, such as from class to function."),
    ("source-not-generated", Effect.UNKNOWN, "No client could be generated from one of the documents, so the impact cannot be decided."),
)  # fmt: skip

# None is found by a function of its own: the comparison of the generated packages reports each by its id.
SOURCE_RULES: dict[str, Rule] = {id: Rule(id, "source", effect, sentence, None) for id, effect, sentence in _RULES}


def level_of(rule: str) -> Severity:
    """The class of what a rule of this axis finds: the same in every direction, which its id tells already."""
    return SOURCE_RULES[rule].effect.level(Direction.BOTH)


def page(rule: Rule) -> str:
    """The page of a rule of this axis."""
    return "\n".join(
        (
            f"# {rule.id}",
            "",
            rule.sentence,
            "",
            f"Axis: source. Effect: {rule.effect.meaning}. Severity: **{level_of(rule.id).value}**.",
            "",
            "Found by comparing the Python clients that are generated from both documents.",
            "",
        )
    )
