"""The same request sent again, over a real Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from assay_server.http.errors import Refusal
from assay_server.http.idempotency import IdempotencyTerms, answer_once
from assay_server.http.replies import Reply
from assay_server.postgres.connections import Connections, Limits
from assay_server.postgres.idempotency_keys import IdempotencyKeys

TERMS = IdempotencyTerms("createThing", "Idempotency-Key", "CONFLICT", "IN_PROGRESS", 3600)


@pytest.fixture
async def keys(dsn: str) -> AsyncIterator[IdempotencyKeys]:
    """Keys over a fresh database."""
    connections = Connections(dsn, Limits(acquire_seconds=30, statement_seconds=30))
    await connections.open()
    yield await IdempotencyKeys.open(connections)
    await connections.close()


class Answers:
    """Counts how often it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.left = list(replies)

    async def __call__(self) -> Reply:
        await asyncio.sleep(0.05)
        return self.left.pop(0)


async def once(keys: IdempotencyKeys, answers: Any, body: Any = None, subject: str = "ann", key: str = "key-0001") -> Reply:
    """Ask with a key."""
    return await answer_once(keys, TERMS, subject, key, body, answers)


async def test_a_success_is_given_again_as_it_was(keys: IdempotencyKeys) -> None:
    """Status, body, headers and media type, for a body that is equal as JSON."""
    reply = Reply(b"{}", status=201, headers={"Location": "/things/1", "Cache-Control": "no-store"}, media_type="application/json")
    first = await once(keys, Answers(reply), {"a": 1, "b": [1.5]})
    again = await once(keys, Answers(), {"b": [1.50], "a": 1.0})

    assert first == reply
    assert (again.status, again.body, again.headers, again.media_type) == (201, b"{}", {"Location": "/things/1"}, "application/json")


async def test_another_body_is_a_conflict_and_another_subject_is_not(keys: IdempotencyKeys) -> None:
    """A key belongs to the subject and the operation."""
    await once(keys, Answers(Reply()), 1)

    with pytest.raises(Refusal, match="CONFLICT"):
        await once(keys, Answers(), 2)
    assert (await once(keys, Answers(Reply(b"x")), 2, subject="bob")).body == b"x"
    assert (await once(keys, Answers(Reply(b"y")), 2, key="key-0002")).body == b"y"


async def test_two_at_once_are_answered_once(keys: IdempotencyKeys) -> None:
    """The second hears that the first is under way, and when to come back."""
    answers = Answers(Reply(b"once"))
    results = await asyncio.gather(*(once(keys, answers) for _ in range(5)), return_exceptions=True)

    refused = [result for result in results if isinstance(result, Refusal)]
    assert [result.body for result in results if isinstance(result, Reply)] == [b"once"]
    assert {(refusal.code, refusal.headers["Retry-After"]) for refusal in refused} == {("IN_PROGRESS", "1")}


async def test_a_late_reply_leaves_a_key_that_another_body_took_over(keys: IdempotencyKeys, dsn: str) -> None:
    """A request that takes longer than a key waits for it has lost the key: its reply belongs to its own body."""

    async def slow() -> Reply:
        with psycopg.connect(dsn) as connection:
            connection.execute("update idempotency_keys set started_at = started_at - interval '61 seconds'")
        assert (await once(keys, Answers(Reply(b"second")), 2)).body == b"second"
        return Reply(b"first")

    assert (await once(keys, slow, 1)).body == b"first"
    assert (await once(keys, Answers(), 2)).body == b"second"


async def test_what_failed_is_tried_again(keys: IdempotencyKeys) -> None:
    """Only a success is remembered, neither an error reply nor an exception."""

    async def broken() -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await once(keys, broken)
    assert (await once(keys, Answers(Reply(status=503)))).status == 503
    assert (await once(keys, Answers(Reply(b"at last")))).body == b"at last"
