"""Containment between the many schemas of two documents, where one answer helps the next."""

from __future__ import annotations

from assay_containment.decision import Answer, Kind, coarse, contains
from assay_containment.measures import size
from assay_containment.proof import Proof
from assay_containment.schemas import LATEST, Json, SchemaDocument, SchemaNode, Unresolved, embedded, split_pointer

STEPS = 50_000
# Schemas that reach more values than this are proved but not searched: validators of theirs take megabytes each.
LARGEST = 4_000


class Comparison:
    """Containment between the schemas of two documents, by their JSON Pointers.

    Each pair of pointers is decided once and remembered.

    >>> documents = {"small": {"type": "integer"}, "large": {"type": "number"}}
    >>> Comparison(documents, documents).contains("/small", "/large").kind.value
    'contained'
    """

    def __init__(self, document_a: Json, document_b: Json, *, dialect: str = LATEST) -> None:
        self.a = SchemaDocument(document_a, dialect, {}, frozenset())
        self.b = self.a if document_a is document_b else SchemaDocument(document_b, dialect, {}, frozenset())
        self.proof = Proof()
        self.known: dict[tuple[str, str], Answer] = {}

    def contains(self, pointer_a: str, pointer_b: str) -> Answer:
        """Whether every instance of the schema at `pointer_a` of the first document is valid against that at `pointer_b` of the second."""
        key = (pointer_a, pointer_b)
        if key not in self.known:
            self.known[key] = self._decided(SchemaNode(self.a, split_pointer(pointer_a)), SchemaNode(self.b, split_pointer(pointer_b)))
        return self.known[key]

    def _decided(self, a: SchemaNode, b: SchemaNode) -> Answer:
        try:
            schema_a, schema_b = a.schema, b.schema
        except Unresolved as error:
            return Answer(Kind.UNDECIDED, str(error))
        if not coarse(schema_a, schema_b) and self.proof.proves(a, b, STEPS):
            return Answer(Kind.CONTAINED, "proved keyword by keyword")
        try:
            whole = size(embedded(schema_a, self.a.root)) + size(embedded(schema_b, self.b.root))
            if whole > LARGEST:
                return Answer(Kind.UNDECIDED, "no proof was found, and the schemas reach too far for a search; ask about their parts")
            return contains(schema_a, schema_b, document_a=self.a.root, document_b=self.b.root)
        except Unresolved as error:
            return Answer(Kind.UNDECIDED, str(error))
