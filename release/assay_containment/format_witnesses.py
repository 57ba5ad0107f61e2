"""Witnesses in the reading where formats are asserted: a text that one format takes and another refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from assay_containment.decision import Answer, Kind, contains, literals, tried
from assay_containment.formats import EXAMPLES
from assay_containment.instances import Instances
from assay_containment.schemas import Json, SchemaNode, Unresolved, built, document_of
from assay_containment.shrinking import shrunk
from assay_containment.validator_dialects import accepts

MOST_TRIED = 600


def contains_asserted(a: Json, b: Json) -> Answer:
    """Decide containment with `format` asserted on both sides, for schemas of strings with a format.

    The result is `contained` where no string can make a difference, `not-contained` with a witness, else `undecided`.
    """
    try:
        one, other = document_of(a), document_of(b)
        first, second = built(one, formats=True), built(other, formats=True)
    except Unresolved as error:
        return Answer(Kind.UNDECIDED, f"a reference leads out of the schema: {error}")

    def proves(value: Json) -> bool:
        return bool(first.is_valid(value)) and not second.is_valid(value)

    listed = literals(SchemaNode(one, ()))
    search = iter(listed) if listed is not None else islice(_likely(SchemaNode(one, ()), SchemaNode(other, ())), MOST_TRIED)
    for value in search:
        if proves(value):
            return Answer(Kind.NOT_CONTAINED, "an instance is rejected where formats are asserted", shrunk(value, proves))
    if listed is not None:
        return Answer(Kind.CONTAINED, "every listed value was tried, formats being asserted")
    # Formats are asserted of texts alone, so without texts the plain answer holds in this reading too.
    if contains({"allOf": [a, {"type": "string"}]}, False).kind is Kind.CONTAINED and "$ref" not in str(a):
        return contains(a, b)
    return Answer(Kind.UNDECIDED, "no instance was found, formats being asserted")


def _likely(a: SchemaNode, b: SchemaNode) -> Iterator[Json]:
    return chain(_texts(), tried(a, b, Instances(accepts)))


def _texts() -> Iterator[str]:
    yield "a"
    for texts in EXAMPLES.values():
        yield from texts
    yield from ("", "A text, no more.")
