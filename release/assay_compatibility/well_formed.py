"""Whether a document keeps to its format: what tells a malformed document from a defect of the comparison."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.upgrade_to_2020_12 import lifted

from assay_compatibility.places import ApiDocument

# A comparison calls several functions for each level of nesting, and Python allows a thousand calls inside each other.
_FEW = 100
_JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def is_well_formed(document: ApiDocument) -> bool:
    """Whether the schema that its standard publishes accepts a document, with every JSON Schema in it.

    False also where that cannot be known: for a version without such a schema, and for a document in several files.
    """
    # Lint is read where a comparison has failed, and costs every other one nothing.
    from assay_contracts.lint.structure import official_schema

    if document.neighbours is not None and document.neighbours.files:
        return False
    try:
        content = lifted(document.content)
    except (AttributeError, LookupError, TypeError, ValueError):
        # Only a malformed document of OpenAPI 3.0 cannot be read as 3.1.
        return False
    official = official_schema(document.kind, ".".join(str(content[document.kind]).split(".")[:2]))
    if official is None:
        return False
    if document.kind == "asyncapi":
        return jsonschema_rs.validator_for(official).is_valid(content)
    # The official schema of OpenAPI leaves open what a Schema Object is; the dynamic anchor fills that in.
    with_schemas = {
        "$schema": _JSON_SCHEMA,
        "$id": "urn:openapi-with-schemas",
        "$ref": official["$id"],
        "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": _JSON_SCHEMA}},
    }
    registry = jsonschema_rs.Registry([(official["$id"], official)])
    return jsonschema_rs.validator_for(with_schemas, registry=registry).is_valid(content)


def is_small(document: ApiDocument) -> bool:
    """Whether a document in one file has so few objects and arrays that a comparison of it cannot run out of stack."""
    if document.neighbours is not None and document.neighbours.files:
        return False
    waiting: list[Any] = [document.content]
    for _ in range(_FEW):
        if not waiting:
            return True
        value = waiting.pop()
        below = value.values() if is_mapping(value) else value
        waiting.extend(item for item in below if is_mapping(item) or is_list(item))
    return not waiting
