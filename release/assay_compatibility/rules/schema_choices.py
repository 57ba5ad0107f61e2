"""Choices between schemas, and changes whose effect only the containment of the whole can tell."""

from __future__ import annotations

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import reported_by_walk

# The walk reports these: it takes a comparison of subschemas to find them.
reported_by_walk(
    "alternative-added",
    "choice",
    Effect.WIDENS,
    "An alternative was added to `oneOf` or `anyOf`.",
    policy="alternative-in-response",
    only=(Direction.RESPONSE,),
)
reported_by_walk("alternative-removed", "choice", Effect.NARROWS, "An alternative was removed from `oneOf` or `anyOf`.")
reported_by_walk(
    "became-a-choice", "choice", Effect.REPLACES, "A schema became `oneOf` or `anyOf`, and no alternative accepts all of its values."
)
reported_by_walk(
    "no-longer-a-choice",
    "choice",
    Effect.REPLACES,
    "`oneOf` or `anyOf` became a schema that does not accept the values of every alternative.",
)
reported_by_walk(
    "became-a-choice-that-fits", "choice", Effect.ADDS, "A schema became `oneOf` or `anyOf`, and this direction loses nothing."
)
reported_by_walk(
    "no-longer-a-choice-that-fits", "choice", Effect.ADDS, "`oneOf` or `anyOf` became one schema, and this direction loses nothing."
)
reported_by_walk(
    "choice-in-a-circle", "choice", Effect.BREAKS, "`oneOf` or `anyOf` refers back to its own schema, so its values are undefined."
)
reported_by_walk("condition-changed", "choice", Effect.UNKNOWN, "The `if` schema changed, so `then` and `else` apply to other values.")
reported_by_walk(
    "alternatives-overlap",
    "choice",
    Effect.REPLACES,
    "`oneOf` rejects a value that several alternatives accept, and now rejects one that is valid today.",
    policy="overlapping-alternatives",
)
reported_by_walk(
    "alternatives-by-name",
    "choice",
    Effect.REPLACES,
    "The alternatives of `oneOf` overlapped before too, so only their names tell them apart, and by name no value is lost.",
    policy="alternatives-by-name",
)
reported_by_walk(
    "choice-undecided",
    "choice",
    Effect.UNKNOWN,
    "`oneOf` accepts a value that exactly one alternative accepts; whether an alternative now overlaps another cannot be decided.",
)
reported_by_walk(
    "values-undecided",
    "choice",
    Effect.UNKNOWN,
    "A schema with `not`, `if`, `maxContains`, unevaluated parts or rules about names changed; whether a value is lost cannot be decided.",
)
reported_by_walk("values-lost", "choice", Effect.REPLACES, "A value proves a break that no other rule reports.")
reported_by_walk("all-of-split", "choice", Effect.ANNOTATES, "The number of schemas in `allOf` changed.", policy="all-of-split")
reported_by_walk("hidden-member-changed", "choice", Effect.ADDS, "A property that this direction does not include changed.")
# What moved while every value stays as it was: listed, so that no edit is invisible.
SAME = "same-on-the-wire"
reported_by_walk(
    "schema-moved",
    "choice",
    Effect.ANNOTATES,
    "The target of a reference changed: a component was renamed, or a schema moved into or out of one.",
    policy=SAME,
)
reported_by_walk(
    "repeated-alternative-removed", "choice", Effect.ANNOTATES, "An alternative that repeats another was removed.", policy=SAME
)
reported_by_walk(
    "schema-written-differently", "choice", Effect.ANNOTATES, "A schema is written differently and accepts the same values.", policy=SAME
)
