"""Bodies against their schemas, by their media types."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Response
from assay_conformance.validation import body_complaint

TEXT = {"type": "string", "maxLength": 12}
OBJECT = {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "media_type", "body", "fits"),
    [
        (TEXT, "text/csv", "name\r\nann\r\n", True),
        (TEXT, "text/csv; charset=utf-8", "name,age\r\nann,7\r\n", False),
        (TEXT, "application/json", '"ann"', True),
        (TEXT, "application/json", "ann", False),
        (OBJECT, "application/problem+json", "{}", True),
        (OBJECT, "", "{}", True),
    ],
)
def test_a_body_that_is_no_json_is_a_text(schema: dict[str, object], media_type: str, body: str, *, fits: bool) -> None:
    """A table is judged as it stands on the wire."""
    headers = (("content-type", media_type),) if media_type else ()

    assert (body_complaint(schema, Response(200, headers, body)) is None) == fits
