"""What generated code declares about its contract and operations, and the runtime reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from assay_sdk.errors import ApiError
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

    def accepts(self, version: str) -> bool:
        """Whether payloads of a schema version can be read: every one of the same major."""
        return version == self.major or version.startswith(self.major + ".")


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation: how its request is written and its answer read."""

    id: str
    method: str
    path: str
    decode: Callable[[bytes], A] = field(repr=False)
    parameters: tuple[Parameter, ...] = ()
    version: Callable[[A], str] | None = field(default=None, repr=False)
    revalidates: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether a request whose fate is unknown may be sent again."""
        return self.method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Pagination(Generic[A, I]):
    """How a list is read page by page."""

    argument: str
    items: Callable[[A], Sequence[I]] = field(repr=False)
    next: Callable[[A], str | None] = field(repr=False)
