"""The same request sent again: answered once, given again as it was, never done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Operation, canonical_bytes
from assay_contracts.json_types import is_list, is_mapping

from assay_server.http.errors import Refusal
from assay_server.http.parameters import duration
from assay_server.http.replies import Reply
from assay_server.postgres.idempotency_keys import IdempotencyKeys, StoredReply

_ELSEWHERE = frozenset({"cache-control", "vary"})
"""Headers that every response gets anew."""


@dataclass(frozen=True, slots=True)
class IdempotencyTerms:
    """What the contract says of the key of an operation; `in_progress` is empty where a second request at once is a conflict."""

    operation: str
    header: str
    conflict: str
    in_progress: str
    kept_seconds: float

    @classmethod
    def of(cls, operation: Operation) -> IdempotencyTerms | None:
        """The terms of an operation; None for one without keys."""
        terms: Mapping[str, Any] = operation.annotations.get("x-idempotency", {})
        if "header" not in terms:
            return None
        kept = duration(terms.get("kept", "PT24H")).total_seconds()
        return cls(operation.id, terms["header"], terms["conflict"], terms.get("inProgress", ""), kept)


async def answer_once(
    keys: IdempotencyKeys, terms: IdempotencyTerms, subject: str, key: str, body: Any, answer: Callable[[], Awaitable[Reply]]
) -> Reply:
    """Answer the first request of a key and give its success again to those that follow; raises Refusal for another body.

    A key belongs to the subject and the operation; bodies are compared as JSON values.
    """
    owner = f"{terms.operation} {subject}"
    digest = hashlib.sha256(canonical_bytes(whole_numbers(body))).digest()
    begun = await keys.begin(owner, key, digest, terms.kept_seconds)
    if begun.state == "conflict":
        raise Refusal(terms.conflict, f"{terms.header} was used with another body; choose a new one", field=terms.header, within="header")
    if begun.state == "in-progress":
        code = terms.in_progress or terms.conflict
        raise Refusal(code, "the first request with this key is under way; come back in 1 s", headers={"Retry-After": "1"})
    if begun.reply is not None:
        stored = begun.reply
        return Reply(stored.body, None, stored.status, stored.headers, stored.media_type)
    try:
        reply = await answer()
    except BaseException:
        await keys.finish(owner, key, digest, None)
        raise
    await keys.finish(owner, key, digest, _stored(reply) if 200 <= reply.status < 300 else None)
    return reply


def whole_numbers(value: Any) -> Any:
    """A JSON value in which whole numbers are written alike: 1.0 is the number 1.

    >>> whole_numbers({"clicks": [1.0, 1.5, True]})
    {'clicks': [1, 1.5, True]}
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if is_list(value):
        return [whole_numbers(item) for item in value]
    return {name: whole_numbers(item) for name, item in value.items()} if is_mapping(value) else value


def _stored(reply: Reply) -> StoredReply:
    headers = {name: value for name, value in reply.headers.items() if name.lower() not in _ELSEWHERE}
    return StoredReply(reply.status, headers, reply.media_type, reply.body)
