"""An error answer becomes the typed error of its code, its category or, when it says neither, its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from assay_sdk.declarations import Declared
from assay_sdk.errors import CATEGORIES, ApiError, category_of_status
from assay_sdk.payloads import parsed, text_at, value_at
from assay_sdk.retry import read_retry_after
from assay_sdk.transport import Answer


def read_failure(contract: Declared, answer: Answer, *, operation: str, correlation_id: str, attempts: int, now: float) -> ApiError:
    """The error that an answer stands for."""
    body = parsed(answer.body)
    where = contract.envelope
    code = text_at(body, where.code)
    kind = contract.errors.get(code or "")
    if kind is None:
        category = text_at(body, where.category) or category_of_status(answer.status)
        kind = contract.categories.get(category) or CATEGORIES.get(category) or CATEGORIES[category_of_status(answer.status)]
    retryable = value_at(body, where.retryable)
    details = value_at(body, where.details)
    header = contract.correlation_header
    return kind(
        text_at(body, where.message) or f"the server answered {answer.status} without a message",
        code=code or f"HTTP_{answer.status}",
        status=answer.status,
        operation=operation,
        correlation_id=text_at(body, where.correlation_id) or (answer.headers.get(header) if header else None) or correlation_id,
        retryable=retryable if isinstance(retryable, bool) else None,
        retry_after=read_retry_after(answer.headers.get("retry-after"), now),
        details=cast("Mapping[str, Any]", details) if isinstance(details, dict) else None,
        attempts=attempts,
    )


def retry_kind(contract: Declared, error: ApiError) -> str:
    """The kind of retry that the contract gives an error; one that says it is not retryable never is."""
    if error.retryable is False:
        return "none"
    return contract.retries.get(error.category, "optional")
