"""JSON Web Tokens that a right one becomes when somebody without the key alters it (RFC 7515, RFC 8725)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from assay_contracts.json_types import is_mapping

_PARTS = 3


def altered_token(role: str, token: str) -> str | None:
    """The token as a role of `ALTERED` has it; None where the token is no JWT, or the role none of these."""
    parts = token.split(".")
    header, payload = (_object(part) for part in (parts[:2] if len(parts) == _PARTS else ("", "")))
    alter = ALTERED.get(role)
    if alter is None or header is None or payload is None or "alg" not in header:
        return None
    return alter(header, payload, parts)


def _unsigned(header: Mapping[str, Any], payload: Mapping[str, Any], parts: list[str]) -> str:
    """The algorithm is `none`, and there is no signature."""
    return f"{_written({**header, 'alg': 'none'})}.{parts[1]}."


def _with_another_algorithm(header: Mapping[str, Any], payload: Mapping[str, Any], parts: list[str]) -> str:
    """The algorithm is another one, under the old signature."""
    return f"{_written({**header, 'alg': 'HS256' if header['alg'] != 'HS256' else 'HS512'})}.{parts[1]}.{parts[2]}"


def _with_another_payload(header: Mapping[str, Any], payload: Mapping[str, Any], parts: list[str]) -> str:
    """The payload lasts longer, under the old signature."""
    later = payload["exp"] + 3600 if isinstance(payload.get("exp"), int) else 4_102_444_800
    return f"{parts[0]}.{_written({**payload, 'exp': later})}.{parts[2]}"


ALTERED: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], list[str]], str]] = {
    "unsigned": _unsigned,
    "another-algorithm": _with_another_algorithm,
    "another-payload": _with_another_payload,
}
"""What each role does to the token of the primary one."""


def _object(part: str) -> dict[str, Any] | None:
    try:
        value: Any = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return value if is_mapping(value) else None


def _written(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()
