"""Values against the schema at a place of a document: what the schema would have to allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from assay_contracts import pointers
from assay_contracts.self_contained import Embedding

from assay_drift.directions import READ_ONLY, WRITE_ONLY, without_absent
from assay_drift.members import Members
from assay_drift.redacting import HIDDEN, shown_name
from assay_drift.repair.needs import Change
from assay_drift.repair.places import property_holders
from assay_drift.repair.rejections import Rejection, rejections

_MOST_ERRORS = 200


class SchemaAt:
    """One schema of a document, ready for many values; `sent` is whether clients send them, else the server does."""

    def __init__(self, document: dict[str, Any], pointer: str, embedding: Embedding, *, sent: bool = False) -> None:
        self._document, self._pointer = document, pointer
        schema = embedding.at(pointer)
        self._absent = READ_ONLY if sent else WRITE_ONLY
        self._members = Members(schema)
        try:
            self._validator = jsonschema_rs.Draft202012Validator(without_absent(schema, self._absent), validate_formats=True)
        except ValueError:
            # A schema with a pattern that no engine reads still says which properties there are.
            self._validator = jsonschema_rs.Draft202012Validator({})

    def rejections(self, value: Any) -> Iterator[Rejection]:
        """What a value needs; nothing where the schema documents all of it and accepts it."""
        for sighting in self._members.read(value):
            *outer, name = pointers.split(sighting.pointer)
            if sighting.documented:
                if any(schema.get(self._absent) is True for schema in self._members.schemas.get(sighting.pointer, ())):
                    yield Rejection(None, self._pointer, self._absent, sighting.value, (*outer, name))
            elif shown_name(name) == HIDDEN:
                yield Rejection(None, self._pointer, "properties", sighting.value, (*outer, HIDDEN))
            else:
                for holder in property_holders(self._document, self._pointer, pointers.join(*outer), sighting.within):
                    yield Rejection(Change.PROPERTY, holder, name, sighting.value, (*outer, name))
        if not self._validator.is_valid(value):
            errors: list[jsonschema_rs.ValidationError] = []
            for error in self._validator.iter_errors(value):
                errors.append(error)
                if len(errors) >= _MOST_ERRORS:
                    break
            yield from rejections(self._document, self._pointer, errors)

    def documents_all_of(self, value: Any) -> bool:
        """Whether a value is valid and has no property that the schema does not document."""
        return next(self.rejections(value), None) is None


class Schemas:
    """The schemas of one document by pointer, each made once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self._embedding = Embedding(self.document)
        self._known: dict[tuple[str, bool], SchemaAt] = {}

    def at(self, pointer: str, *, sent: bool = False) -> SchemaAt:
        """The schema at a pointer."""
        key = pointer, sent
        if key not in self._known:
            self._known[key] = SchemaAt(self.document, pointer, self._embedding, sent=sent)
        return self._known[key]
