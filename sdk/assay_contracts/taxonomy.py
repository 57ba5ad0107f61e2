"""The error taxonomy of a contract: read from the document's `x-error-taxonomy`."""

from __future__ import annotations

from typing import Any

from assay_contracts.errors import DocumentMalformed
from assay_contracts.json_types import kind, mapping, optional_mapping, strings, text
from assay_contracts.model import ErrorCode, Taxonomy

ANNOTATION = "x-error-taxonomy"


def parse_taxonomy(document: dict[str, Any]) -> Taxonomy | None:
    """The taxonomy that a document declares, or None."""
    if ANNOTATION not in document:
        return None
    declared = mapping(document[ANNOTATION], ANNOTATION)
    codes = mapping(declared.get("codes"), f"{ANNOTATION}/codes")
    return Taxonomy(
        codes={name: _code(name, value) for name, value in codes.items()},
        envelope=optional_mapping(declared.get("envelope"), f"{ANNOTATION}/envelope"),
        categories=optional_mapping(declared.get("categories"), f"{ANNOTATION}/categories"),
        correlation=optional_mapping(declared.get("correlation"), f"{ANNOTATION}/correlation"),
        faults=optional_mapping(declared.get("faults"), f"{ANNOTATION}/faults"),
        schema_version=optional_mapping(declared.get("schemaVersion"), f"{ANNOTATION}/schemaVersion"),
    )


def _code(name: str, value: Any) -> ErrorCode:
    where = f"{ANNOTATION}/codes/{name}"
    declared = mapping(value, where)
    status, retryable = declared.get("status"), declared.get("retryable")
    if not isinstance(status, int) or isinstance(status, bool):
        raise DocumentMalformed(f"{where}/status", expected="an HTTP status", actual=kind(status))
    if retryable is not None and not isinstance(retryable, bool):
        raise DocumentMalformed(f"{where}/retryable", expected="true, false or null", actual=kind(retryable))
    return ErrorCode(
        code=name,
        category=text(declared.get("category"), f"{where}/category"),
        status=status,
        retryable=retryable,
        headers=strings(declared.get("headers"), f"{where}/headers"),
        provoke=optional_mapping(declared.get("provoke"), f"{where}/provoke"),
    )
