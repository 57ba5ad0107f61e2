"""Witnesses in the reading where formats are asserted: a text that one format takes and another refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from assay_conformance.compatibility.containment.decision import Answer, Kind, tried
from assay_conformance.compatibility.containment.formats import EXAMPLES
from assay_conformance.compatibility.containment.instances import Instances
from assay_conformance.compatibility.containment.readings import accepts
from assay_conformance.compatibility.containment.schemas import Json, Place, Unresolved, built, document_of
from assay_conformance.compatibility.containment.shrinking import shrunk

MOST_TRIED = 600


def contains_asserted(a: Json, b: Json) -> Answer:
    """An instance of a that b refuses, formats being asserted on both sides; undecided where none is found, for nothing is proved."""
    try:
        one, other = document_of(a), document_of(b)
        first, second = built(one, formats=True), built(other, formats=True)
    except Unresolved as error:
        return Answer(Kind.UNDECIDED, f"a reference leads out of the schema: {error}")

    def proves(value: Json) -> bool:
        return bool(first.is_valid(value)) and not second.is_valid(value)

    search = tried(Place(one, ()), Place(other, ()), Instances(accepts))
    for value in islice(chain(_texts(), search), MOST_TRIED):
        if proves(value):
            return Answer(Kind.NOT_CONTAINED, "an instance is refused where formats are asserted", shrunk(value, proves))
    return Answer(Kind.UNDECIDED, "no instance was found, formats being asserted")


def _texts() -> Iterator[str]:
    yield "a"
    for texts in EXAMPLES.values():
        yield from texts
    yield from ("", "A text, no more.")
