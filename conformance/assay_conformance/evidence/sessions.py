"""One WebSocket session: its frames both ways, how it was opened and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import orjson

from assay_conformance.evidence.exchanges import NO_JSON, Request
from assay_conformance.evidence.records import Record, record

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Frame:
    """One data frame. `at` is in seconds since the run began; `sent` is true for those of the client; `binary` for binary ones."""

    at: float
    text: str
    sent: bool = False
    binary: bool = False
    _json: list[Any] = field(init=False, default_factory=list[Any], compare=False, repr=False)

    @property
    def json(self) -> Any:
        """The frame as JSON, parsed once; `NO_JSON` when it is none."""
        if not self._json:
            try:
                self._json.append(orjson.loads(self.text))
            except orjson.JSONDecodeError:
                self._json.append(NO_JSON)
        return self._json[0]


@record("feed-session")
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSession(Record):
    """A session from handshake to end.

    `handshake` is the HTTP status of the upgrade (101 when it was accepted, 0 when nothing answered); `close_code` is None while the client
    ended the session itself or the connection broke without a close frame; `ended_by` is `server`, `client` or `failure`.
    `expected` says what the driver provoked: `open`, or the close code that the contract names for it. `left_out` is how many frames came
    after those that are kept.
    """

    request: Request
    handshake: int
    frames: tuple[Frame, ...] = ()
    close_code: int | None = None
    close_reason: str = ""
    ended_by: str = "client"
    opened: float = 0.0
    closed: float = 0.0
    failure: str | None = None
    expected: str = "open"
    left_out: int = 0
    _results: list[tuple[Any, Any]] = field(init=False, default_factory=list[tuple[Any, Any]], compare=False, repr=False)

    def once(self, key: T, compute: Callable[[FeedSession, T], R]) -> R:
        """What a function makes of the session and a key, computed once for equal keys; one function for each type of key."""
        for known, result in self._results:
            if known is key or known == key:
                return cast(R, result)
        result = compute(self, key)
        self._results.append((key, result))
        return result

    @property
    def received(self) -> tuple[Frame, ...]:
        """The frames of the server, in order."""
        return tuple(frame for frame in self.frames if not frame.sent)
