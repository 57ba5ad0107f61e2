"""The rules of the source axis: what a caller of the generated client sees, one id each.

They stand apart from the rules of the wire: they look at the really generated packages of both sides and not at the documents.
"""

from __future__ import annotations

from assay_compatibility.classes import Direction, Effect, Severity
from assay_compatibility.rules.model import Rule

_RULES: tuple[tuple[str, Effect, str], ...] = (
    ("source-operation-removed", Effect.BREAKS, "A method of the client is gone."),
    ("source-operation-renamed", Effect.BREAKS, "A method of the client has another name, though it asks for the same thing."),
    ("source-operation-added", Effect.ADDS, "The client has a new method."),
    ("source-parameter-removed", Effect.BREAKS, "A method no longer takes an argument."),
    ("source-parameter-renamed", Effect.BREAKS, "An argument has another name."),
    ("source-parameter-moved", Effect.BREAKS, "An argument that can be given by its position stands in another."),
    ("source-parameter-reordered", Effect.ANNOTATES, "Arguments that are given by name alone are listed in another order."),
    ("source-parameter-kind-changed", Effect.BREAKS, "An argument can no longer be given as it was, by position or by name."),
    ("source-parameter-became-required", Effect.BREAKS, "An argument that could be left out must be given."),
    ("source-parameter-became-optional", Effect.ADDS, "An argument may be left out."),
    ("source-parameter-default-changed", Effect.BREAKS, "An argument that is left out stands for another value."),
    ("source-required-parameter-added", Effect.BREAKS, "A method has a new argument that must be given."),
    ("source-parameter-added", Effect.ADDS, "A method has a new argument that may be left out."),
    ("source-parameter-type-changed", Effect.BREAKS, "An argument no longer takes every value that it took."),
    ("source-parameter-type-widened", Effect.ADDS, "An argument takes more values."),
    ("source-return-type-changed", Effect.BREAKS, "A method gives another type."),
    ("source-return-type-narrowed", Effect.ADDS, "A method gives a more exact type."),
    ("source-may-be-none", Effect.BREAKS, "What was always there may be None."),
    ("source-model-removed", Effect.BREAKS, "A model is gone."),
    ("source-model-renamed", Effect.BREAKS, "A model has another name and the same fields."),
    ("source-model-added", Effect.ADDS, "There is a new model."),
    ("source-field-removed", Effect.BREAKS, "A model no longer has a field."),
    ("source-field-added", Effect.ADDS, "A model has a new field."),
    ("source-field-type-changed", Effect.BREAKS, "A field has another type."),
    ("source-field-type-narrowed", Effect.ADDS, "A field that is read has a more exact type."),
    ("source-field-type-widened", Effect.ADDS, "A field that is given takes more values."),
    ("source-required-field-added", Effect.BREAKS, "What a caller gives has a new field that must be there."),
    ("source-field-became-required", Effect.BREAKS, "A field that a caller could leave out must be given."),
    ("source-field-became-optional", Effect.ADDS, "A field that a caller had to give may be left out."),
    ("source-type-changed", Effect.BREAKS, "A named type no longer stands for what it stood for."),
    ("source-type-extended", Effect.ADDS, "A named type stands for more values where they are given, or for fewer where they are read."),
    ("source-known-value-removed", Effect.ADDS, "An open enumeration no longer lists a value; code that names it still runs."),
    ("source-known-value-added", Effect.ADDS, "An open enumeration lists one more value; code met unknown values before."),
    ("source-enum-member-removed", Effect.BREAKS, "An enumeration class no longer has a member."),
    ("source-enum-member-added", Effect.ADDS, "An enumeration class has a new member."),
    ("source-error-removed", Effect.BREAKS, "An error class is gone, so code that catches it no longer imports."),
    ("source-error-added", Effect.ADDS, "There is a new error class."),
    ("source-base-changed", Effect.BREAKS, "A class no longer stands below a class that it stood below."),
    ("source-name-removed", Effect.BREAKS, "The client no longer exports a name."),
    ("source-name-added", Effect.ADDS, "The client exports a new name."),
    ("source-kind-changed", Effect.BREAKS, "A name stands for another kind of thing."),
    ("source-not-generated", Effect.UNKNOWN, "No client can be generated from one of the sides, so nobody can tell what breaks."),
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
            f"Axis: source. Effect: {rule.effect.value}. Severity: **{level_of(rule.id).value}**.",
            "",
            "Found by comparing the Python clients that are generated from both documents.",
            "",
        )
    )
