"""What an application may watch: every request, answer, retry and dropped message, never a credential or a payload."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

DropReason: TypeAlias = Literal["broken-schema", "foreign-tenant", "incompatible-version", "repeated", "stale", "unknown-type"]
ConnectionState: TypeAlias = Literal["connecting", "live", "reconnecting", "polling", "closed"]

log = logging.getLogger("assay_sdk")


@dataclass(frozen=True, slots=True)
class RequestSent:
    """An attempt goes out."""

    operation: str
    correlation_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class AnswerReceived:
    """An attempt came back, with an error code when it was refused."""

    operation: str
    correlation_id: str
    attempt: int
    status: int
    seconds: float
    code: str | None = None


@dataclass(frozen=True, slots=True)
class RetryPlanned:
    """An attempt failed and another follows after a pause."""

    operation: str
    correlation_id: str
    attempt: int
    pause: float
    reason: str


@dataclass(frozen=True, slots=True)
class MessageDropped:
    """A message of a feed was not used; `total` counts those of this reason in this feed."""

    feed: str
    reason: DropReason
    total: int


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """A feed missed changes between two sequence numbers and asks for them."""

    feed: str
    last: int | None
    next: int


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The connection of a feed changed; the reader of the feed receives it too.

    `state` is the new connection state, and `reason` says why it changed.
    """

    feed: str
    state: ConnectionState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RowDropped:
    """A row of a response breaks the contract and was left out.

    `pointer` is the JSON Pointer of the row in the body as received.
    """

    operation: str
    correlation_id: str
    pointer: str
    problem: str


class Telemetry(Protocol):
    """Receives the events of a client, in the thread or task in which they happen.

    A method must return quickly and not raise: the call waits for it.
    """

    def on_request(self, event: RequestSent) -> None:
        """An attempt goes out."""
        ...

    def on_answer(self, event: AnswerReceived) -> None:
        """An attempt came back."""
        ...

    def on_retry(self, event: RetryPlanned) -> None:
        """Another attempt follows."""
        ...

    def on_row_dropped(self, event: RowDropped) -> None:
        """A row of a response was left out."""
        ...

    def on_drop(self, event: MessageDropped) -> None:
        """A message was dropped."""
        ...

    def on_gap(self, event: SequenceGap) -> None:
        """A feed missed changes."""
        ...

    def on_connection(self, event: ConnectionChanged) -> None:
        """A feed is connected otherwise than before."""
        ...


class LoggedTelemetry:
    """Writes important events to the logger `assay_sdk`.

    Derive from it to handle single events; the others are still logged.
    """

    def on_request(self, event: RequestSent) -> None:
        """Nothing: a request is not worth a line."""

    def on_answer(self, event: AnswerReceived) -> None:
        """Nothing: an error is raised to the caller."""

    def on_retry(self, event: RetryPlanned) -> None:
        """One line for each pause."""
        log.info("%s: %s; retry in %.2f s [%s]", event.operation, event.reason, event.pause, event.correlation_id)

    def on_row_dropped(self, event: RowDropped) -> None:
        """A warning for each row."""
        log.warning(
            "%s: %s breaks the contract (%s) and was left out [%s]", event.operation, event.pointer, event.problem, event.correlation_id
        )

    def on_drop(self, event: MessageDropped) -> None:
        """A warning, for a foreign tenant's message a security warning; what is only superfluous is none."""
        if event.reason in ("repeated", "stale", "unknown-type"):
            return
        kind = "security: " if event.reason == "foreign-tenant" else ""
        log.warning("%s%s: message dropped (%s), %d so far", kind, event.feed, event.reason, event.total)

    def on_gap(self, event: SequenceGap) -> None:
        """One line for each gap."""
        log.info("%s: sequence gap from %s to %d; asking for what is missing", event.feed, event.last, event.next)

    def on_connection(self, event: ConnectionChanged) -> None:
        """One line for each change."""
        log.info("%s: %s%s", event.feed, event.state, f" ({event.reason})" if event.reason else "")
