"""The seam to HTTP: one request goes in, one answer comes out, and nothing else is known of the library below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes out; its headers hold the credential and are never shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came in; its headers are looked up whatever their case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class NoAnswer(Exception):
    """Raised by a transport: the server was not reached, or broke off, or did not answer in time."""


class Transport(Protocol):
    """Sends requests. One for a blocking client does its work in place, one for an asynchronous client awaits."""

    async def send(self, request: Request) -> Answer:
        """The answer to a request, or `NoAnswer`."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
