"""Events of a stream of lines: server-sent events, and values of JSON that stand on a line each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its type, its data, the id that the stream has reached, and after how many seconds to connect again."""

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: float | None = None

    def json(self) -> Any:
        """The data as JSON. Raises `ValueError` for data that is none, such as the `[DONE]` of some servers."""
        return json.loads(self.data)


class EventReader:
    """Puts lines together to events, as the HTML standard has it: comments count for nothing, an event without data is none."""

    __slots__ = ("_data", "_event", "_id", "_retry")

    def __init__(self) -> None:
        self._data: list[str] = []
        self._event = ""
        self._id = ""
        self._retry: float | None = None

    def add(self, line: str) -> Iterator[ServerSentEvent]:
        """The event that a line ends, if it ends one."""
        if line:
            # The stream may begin with a byte order mark.
            self._field(*line.removeprefix("\ufeff").split(":", 1))
            return
        if self._data:
            yield ServerSentEvent(self._event or "message", "\n".join(self._data), self._id, self._retry)
        self._data, self._event, self._retry = [], "", None

    def _field(self, name: str, value: str = "") -> None:
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdecimal():
            self._retry = int(value[:12]) / 1000


def json_of_line(line: str) -> Iterator[Any]:
    """The value of a line, none for an empty one; a JSON text sequence has a separator in front (RFC 7464)."""
    text = line.removeprefix("\x1e").strip()
    if text:
        yield json.loads(text)
