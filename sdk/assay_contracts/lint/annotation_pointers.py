"""Rules of pointers: whatever an annotation points at is described by the schema it points into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.pointed import bodies, pointed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import Subject


@rule("annotation-pointer-hits-nothing")
def annotation_pointer_hits_nothing(subject: Subject) -> Iterator[Problem]:
    """Every pointer of an annotation leads to a property in the schema of the response or message."""
    for pointed_at in pointed(subject):
        if not pointed_at.schemas:
            yield Problem(
                pointed_at.where, f"{pointed_at.annotation} points at {pointed_at.wanted}, which the {pointed_at.holder} does not have"
            )
    for pointer, name, value, _, _ in placed(subject):
        if name == "x-error-taxonomy" and is_mapping(value):
            yield from _taxonomy(subject, pointer, value)


def _taxonomy(subject: Subject, pointer: str, value: dict[str, Any]) -> Iterator[Problem]:
    operations = list(subject.operations())
    errors = [schema for operation in operations for schema in bodies(subject, operation, "45")]
    envelope = value.get("envelope")
    for member, wanted in envelope.items() if is_mapping(envelope) and errors else ():
        if isinstance(wanted, str) and not _hits(subject, errors, wanted):
            yield Problem(f"{pointer}/envelope/{member}", f"no error response has a value at {wanted}")
    successes = [schema for operation in operations for schema in bodies(subject, operation, "2")]
    for pattern in ("/schemaVersion/at", "/faults/*/stale"):
        for at, wanted in pointers.matches(value, pattern) if successes else ():
            if isinstance(wanted, str) and not _hits(subject, successes, wanted):
                yield Problem(pointer + at, f"no success response has a value at {wanted}")


def _hits(subject: Subject, schemas: Iterable[Any], wanted: str) -> bool:
    return any(reached(subject.data, schema, wanted) for schema in schemas)
