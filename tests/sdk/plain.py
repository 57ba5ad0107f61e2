"""A contract without taxonomy, correlation or versions, as a foreign document gives it, and clients that call any operation of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from assay_sdk.client import AsyncClient, SyncClient
from assay_sdk.declarations import Declared, Envelope, Operation, Pagination
from assay_sdk.errors import ApiError, AvailabilityError
from assay_sdk.model import Model
from assay_sdk.pages import AsyncPage, Page, open_page
from assay_sdk.settings import CallOptions
from assay_sdk.wire import Parameter
from pydantic import TypeAdapter

A = TypeVar("A")


class Thing(Model):
    """A thing of a list."""

    name: str
    size: int = 0


class Things(Model):
    """A page of things."""

    items: list[Thing]
    next: str | None = None


class Problem(Model):
    """An error body."""

    why: str


class Outage(AvailabilityError):
    """A code that the taxonomy declares as retryable."""


def declared(**changes: Any) -> Declared:
    """A plain contract, with what a test changes of it."""
    facts: dict[str, Any] = {
        "id": "plain@1",
        "digest": "",
        "major": "1",
        "version_header": None,
        "version_at": (),
        "correlation_header": None,
        "correlation_pattern": None,
        "envelope": Envelope(code=()),
        "errors": {},
        "categories": {},
        "retries": {},
    }
    return Declared(**{**facts, **changes})


PLAIN = declared()
TAXONOMY = declared(
    envelope=Envelope(code=("code",), retryable=("retryable",)),
    errors={"OUTAGE": Outage},
    categories={"outage": AvailabilityError},
    retries={"availability": "backoff", "transient": "bounded", "validation": "none", "unknown": "optional"},
)
LIST: Operation[Things] = Operation("listThings", "GET", "/things", Things.model_validate_json, parameters=(Parameter("cursor", "cursor"),))
LIST_PAGES: Pagination[Things, Thing] = Pagination("cursor", lambda answer: answer.items, lambda answer: answer.next)
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def operation(method: str = "GET", path: str = "/things", **facts: Any) -> Operation[Any]:
    """An operation that reads any JSON; one that may have a body takes it as `body`."""
    body = "body" if method in ("POST", "PUT", "PATCH") else None
    return Operation("doThing", method, path, ANYTHING.validate_json, **{"body": body, **facts})


class PlainClient(SyncClient):
    """Calls any operation, from threads."""

    contract = PLAIN

    def call(self, what: Operation[A], arguments: Mapping[str, Any] | None = None, options: CallOptions | None = None) -> A:
        """The response of an operation."""
        return self._run(self._caller.fetch(what, arguments or {}, options=options))

    def things(self, cursor: str | None = None) -> Page[Things, Thing]:
        """A page of things."""
        return Page(self._run(open_page(self._caller, LIST, LIST_PAGES, {"cursor": cursor})))


class TaxonomyClient(PlainClient):
    """The same with a taxonomy."""

    contract = TAXONOMY


class AsyncPlainClient(AsyncClient):
    """Calls any operation, from tasks."""

    contract = PLAIN

    async def call(self, what: Operation[A], arguments: Mapping[str, Any] | None = None, options: CallOptions | None = None) -> A:
        """The response of an operation."""
        return await self._caller.fetch(what, arguments or {}, options=options)

    async def things(self, cursor: str | None = None) -> AsyncPage[Things, Thing]:
        """A page of things."""
        return await open_page(self._caller, LIST, LIST_PAGES, {"cursor": cursor})


class FakeClock:
    """Time that passes only in sleeps, which it records."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Let it pass at once."""
        self.slept.append(seconds)
        self.time += seconds

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.time

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self.time)


def every_error() -> list[type[ApiError]]:
    """The classes of errors that a response can become."""
    found: list[type[ApiError]] = [ApiError]
    for kind in found:
        found.extend(kind.__subclasses__())
    return found


def seeded() -> Any:
    """Randomness that is the same in every run."""
    return random.Random(7).random
