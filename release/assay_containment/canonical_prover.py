"""The canonical algebra of jsonschema-rs as one of two provers: only its yes is heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import jsonschema_rs

from assay_containment.schemas import Json, SchemaDocument
from assay_containment.validator_dialects import says_format

# Beyond this many values in a document, or alternatives in one choice, the algebra may take seconds, so it is not asked.
LARGEST, MOST_ALTERNATIVES = 20_000, 64


def proves(a: SchemaDocument, b: SchemaDocument) -> bool:
    """Whether the algebra proves that every instance of a is one of b."""
    if "assert" in (a.formats, b.formats) and (says_format(a) or says_format(b)):
        return False
    if a.draft != b.draft or size(a.root) + size(b.root) > LARGEST:
        return False
    if max(widest(a.root), widest(b.root)) > MOST_ALTERNATIVES:
        return False
    try:
        narrow = jsonschema_rs.canonicalize(a.root, draft=_draft(a), validate_formats=False, offline=True)
        wide = jsonschema_rs.canonicalize(b.root, draft=_draft(b), validate_formats=False, offline=True)
        return str(wide.covers(narrow)) == "yes"
    except (
        ValueError,
        TypeError,
        jsonschema_rs.ValidationError,
        jsonschema_rs.ReferencingError,
        jsonschema_rs.canonical.CanonicalizationError,
    ):
        return False


def _draft(document: SchemaDocument) -> int:
    return {4: jsonschema_rs.Draft4, 6: jsonschema_rs.Draft6, 7: jsonschema_rs.Draft7, 19: jsonschema_rs.Draft201909}.get(
        document.draft, jsonschema_rs.Draft202012
    )


def size(value: Json) -> int:
    """How many values a value holds, itself among them."""
    return sum(1 for _ in _values(value))


def widest(value: Json) -> int:
    """The length of the longest `anyOf` or `oneOf` in a schema."""
    lengths = [0]
    for inner in _values(value):
        for word in ("anyOf", "oneOf") if isinstance(inner, dict) else ():
            choice = cast("dict[str, Any]", inner).get(word)
            lengths.append(len(cast("Sequence[Any]", choice)) if isinstance(choice, list) else 0)
    return max(lengths)


def _values(value: Json) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        yield inner
        if isinstance(inner, dict):
            waiting.extend(cast("dict[str, Any]", inner).values())
        elif isinstance(inner, list):
            waiting.extend(cast("Sequence[Any]", inner))
