"""An error response becomes the typed error of its code, its category or, when it states neither, its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError as SchemaError

from assay_sdk.declarations import Declared, Operation
from assay_sdk.errors import (
    ApiError,
    AuthorizationError,
    AvailabilityError,
    ContractMismatchError,
    ErrorResponse,
    RedirectError,
    TransientError,
    UnknownError,
    ValidationError,
)
from assay_sdk.payloads import parsed, read_body, text_at, value_at
from assay_sdk.retry import read_retry_after
from assay_sdk.transport import Answer

KEPT_BYTES = 64 * 1024
# What would let a reader of an error act as the caller.
_SECRET_HEADERS = frozenset({"set-cookie", "authorization", "proxy-authorization", "cookie"})
_CATEGORIES: Mapping[str, type[ApiError]] = {
    kind.category: kind
    for kind in (
        ValidationError,
        AuthorizationError,
        TransientError,
        AvailabilityError,
        ContractMismatchError,
        UnknownError,
    )
}


def received(answer: Answer) -> ErrorResponse:
    """What is kept of a response on its error: its headers without secrets, and the first of its body."""
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _SECRET_HEADERS}
    return ErrorResponse(answer.status, headers, answer.body[:KEPT_BYTES], len(answer.body) > KEPT_BYTES)


def read_failure(
    contract: Declared, answer: Answer, *, operation: Operation[Any], correlation_id: str, attempts: int, now: float
) -> ApiError:
    """The error that a response stands for."""
    body = parsed(answer.body)
    response = received(answer)
    where = contract.envelope
    code = text_at(body, where.code)
    kind = contract.errors.get(code or "")
    if kind is None:
        category = text_at(body, where.category) or _category_of_status(answer.status)
        kind = contract.categories.get(category) or _CATEGORIES.get(category) or _CATEGORIES[_category_of_status(answer.status)]
        if 300 <= answer.status < 400 and "location" in response.headers:
            kind = RedirectError
    retryable = value_at(body, where.retryable)
    details = value_at(body, where.details)
    header = contract.correlation_header
    return kind(
        text_at(body, where.message) or _message(answer, body),
        code=code or f"HTTP_{answer.status}",
        status=answer.status,
        operation=operation.id,
        correlation_id=text_at(body, where.correlation_id) or (answer.headers.get(header) if header else None) or correlation_id,
        retryable=retryable if isinstance(retryable, bool) else None,
        retry_after=read_retry_after(answer.headers.get("retry-after"), now),
        details=cast("Mapping[str, Any]", details) if isinstance(details, dict) else None,
        attempts=attempts,
        body=_typed(operation, answer, body, response),
        response=response,
    )


def _category_of_status(status: int) -> str:
    """The category of a response that names none itself."""
    if status in (401, 403):
        return "authz"
    if status == 406:
        return "contract"
    if status in (408, 425, 429, 502, 504):
        return "transient"
    if status == 503:
        return "availability"
    return "validation" if 400 <= status < 500 else "unknown"


def _typed(operation: Operation[Any], answer: Answer, body: Any, response: ErrorResponse) -> Any:
    """The model that the document declares for the status, else the JSON, else the text; None for an empty body."""
    reader = operation.failure_reader(answer.status)
    if reader is not None:
        try:
            return read_body(reader, answer.body)
        except (SchemaError, ValueError):
            pass
    if body is not None or answer.body.strip() in (b"", b"null"):
        return body
    return response.text


def _message(answer: Answer, body: Any) -> str:
    if 300 <= answer.status < 400 and (location := answer.headers.get("location")):
        return f"the server redirects to {_public(location)}"
    # RFC 9457 gives every API these two, whether or not its document names them.
    stated = text_at(body, ("detail",)) or text_at(body, ("title",))
    if stated is not None:
        return stated
    media = received(answer).media_type
    return f"the server responded {answer.status} without a message" + (f" ({media}, {len(answer.body)} bytes)" if answer.body else "")


def _public(location: str) -> str:
    """An address without the password, query and fragment that it may hold."""
    scheme, mark, rest = location.partition("://")
    if mark:
        host, slash, path = rest.partition("/")
        rest = host.rpartition("@")[2] + slash + path
    return f"{scheme}{mark}{rest}".partition("?")[0].partition("#")[0]
