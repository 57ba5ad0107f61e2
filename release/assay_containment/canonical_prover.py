"""The canonical algebra of jsonschema-rs as one of two provers: only its yes is heard."""

from __future__ import annotations

import jsonschema_rs

from assay_containment.measures import size, widest
from assay_containment.schemas import SchemaDocument
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
