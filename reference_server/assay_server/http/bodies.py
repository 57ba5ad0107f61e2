"""Request bodies read strictly, each by its schema in the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import msgspec
from assay_contracts import Operation, RequestBody

from assay_server.http.errors import Refusal

_decode = msgspec.json.Decoder().decode


class BodyReader:
    """Reads the JSON body of one operation.

    `invalid`, `unknown` and `oversized` are the codes for a body that does not fit, one of another media type, and one with more
    items or bytes than the operation takes.
    """

    __slots__ = ("_invalid", "_items", "_largest", "_media_types", "_oversized", "_required", "_unknown", "_validator")

    def __init__(
        self, operation: Operation, declared: RequestBody, invalid: str, unknown: str, oversized: str, largest: int | None
    ) -> None:
        self._largest = largest
        self._invalid, self._unknown, self._oversized = invalid, unknown, oversized
        self._required = declared.required
        self._media_types = {name.partition(";")[0].strip().lower() for name in declared.content}
        self._validator = jsonschema_rs.validator_for(dict(next(iter(declared.content.values()))), validate_formats=True)
        items: Mapping[str, Any] = operation.annotations.get("x-idempotency", {}).get("items", {})
        self._items = [part for part in str(items.get("at", "")).split("/") if part]

    def read(self, content_type: str | None, body: bytes) -> Any:
        """The value of a body; None for an optional one that is missing. Raises Refusal."""
        if not body:
            if self._required:
                raise Refusal(self._invalid, "the body is missing", field="body", within="body")
            return None
        if self._largest is not None and len(body) > self._largest:
            raise Refusal(self._oversized, f"the body is larger than {self._largest} bytes", field="body", within="body")
        media_type = (content_type or "").partition(";")[0].strip().lower()
        if media_type not in self._media_types:
            raise Refusal(
                self._unknown,
                f"send {' or '.join(sorted(self._media_types))}, not {media_type or 'nothing'}",
                field="Content-Type",
                within="header",
            )
        try:
            value: Any = _decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
            raise Refusal(self._invalid, "the body is not JSON", field="body", within="body") from None
        error = next(iter(self._validator.iter_errors(value)), None)
        if error is not None:
            place = [str(part) for part in error.instance_path]
            if self._items and place == self._items and "maxItems" in map(str, error.schema_path):
                raise Refusal(
                    self._oversized, "the body has more items than the operation takes; send several", field="body", within="body"
                )
            field = "/".join(place) or None
            raise Refusal(
                self._invalid, f"{field or 'the body'} does not fit its schema: {error.message}", field=field or "body", within="body"
            )
        return value
