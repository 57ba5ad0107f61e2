"""What generated code declares about its contract and operations, and the runtime reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from assay_sdk.bodies import BodyFormat
from assay_sdk.credentials import Requirements, Scheme
from assay_sdk.errors import ApiError
from assay_sdk.payloads import read_body
from assay_sdk.servers import Server
from assay_sdk.wire import Parameter

A = TypeVar("A")
I = TypeVar("I")  # noqa: E741 - one letter per role: an answer and its items


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where an error body states each fact, as steps from its root."""

    code: tuple[str, ...]
    category: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    retryable: tuple[str, ...] = ()
    correlation_id: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """One contract version: its names on the wire, and the errors of its taxonomy."""

    id: str
    digest: str
    major: str
    version_header: str | None
    version_at: tuple[str, ...]
    correlation_header: str | None
    correlation_pattern: str | None
    envelope: Envelope
    errors: Mapping[str, type[ApiError]] = field(repr=False)
    categories: Mapping[str, type[ApiError]] = field(repr=False)
    retries: Mapping[str, str] = field(repr=False)
    schemes: Mapping[str, Scheme] = field(default_factory=dict[str, Scheme], repr=False)
    servers: tuple[Server, ...] = ()

    def accepts(self, version: str) -> bool:
        """Whether payloads of a schema version can be read: every one of the same major."""
        return version == self.major or version.startswith(self.major + ".")


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation: how its request is written and its answer read.

    `decodes` holds, by status, the readings that differ from each other; `body` is the argument with the body and `media` its
    type; `idempotency` is the header with the key that lets a request be sent again. `failures` reads error bodies: by status, by
    class of statuses (`4XX`) or `default`. `body_format` says how a body is written that is not plain JSON or bytes. `security` holds
    the alternatives of schemes that the operation takes, None where the contract says nothing of it. `server` is one of its own.
    """

    id: str
    method: str
    path: str
    decode: Callable[[bytes], A] = field(repr=False)
    decodes: Mapping[str, Callable[[bytes], A]] = field(default_factory=dict[str, Callable[[bytes], A]], repr=False)
    parameters: tuple[Parameter, ...] = ()
    accept: str = "application/json"
    body: str | None = None
    media: str = "application/json"
    idempotency: str | None = None
    version: Callable[[A], str] | None = field(default=None, repr=False)
    revalidates: bool = False
    failures: Mapping[str, Callable[[bytes], Any]] = field(default_factory=dict[str, Callable[[bytes], Any]], repr=False)
    body_format: BodyFormat | None = None
    body_required: bool = False
    security: Requirements | None = None
    server: Server | None = None

    def failure_reader(self, status: int) -> Callable[[bytes], Any] | None:
        """What reads the error body of a status: by the status itself, its class (`4XX`) or `default`."""
        return self.failures.get(str(status)) or self.failures.get(f"{status // 100}XX") or self.failures.get("default")

    @property
    def repeatable(self) -> bool:
        """Whether a request whose fate is unknown may be sent again."""
        return self.idempotency is not None or self.method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")

    def read(self, status: int, body: bytes) -> A:
        """The answer that a body of a status stands for."""
        return read_body(self.decodes.get(str(status), self.decodes.get("2XX", self.decode)), body)


@dataclass(frozen=True, slots=True)
class Pagination(Generic[A, I]):
    """How a list is read page by page, by a cursor that each page gives; `invalid` is the code for one that expired."""

    argument: str
    items: Callable[[A], Sequence[I]] = field(repr=False)
    next: Callable[[A], str | None] = field(repr=False)
    invalid: str | None = None

    def after(self, answer: A, _: Mapping[str, Any]) -> str | None:
        """Where the page after an answer starts, or None after the last."""
        return self.next(answer)


@dataclass(frozen=True, slots=True)
class OffsetPagination(Generic[A, I]):
    """How a list is read page by page, by the number of items to pass over.

    Where neither `total` nor `more` is told, a page without items is the last.
    """

    argument: str
    items: Callable[[A], Sequence[I]] = field(repr=False)
    total: Callable[[A], int | None] | None = field(default=None, repr=False)
    more: Callable[[A], bool | None] | None = field(default=None, repr=False)

    def after(self, answer: A, arguments: Mapping[str, Any]) -> int | None:
        """Where the page after an answer starts, or None after the last."""
        count = len(self.items(answer))
        offset = int(arguments.get(self.argument) or 0) + count
        more = self.more(answer) if self.more is not None else None
        total = self.total(answer) if self.total is not None else None
        ended = not count or more is False or (total is not None and offset >= total)
        return None if ended else offset
