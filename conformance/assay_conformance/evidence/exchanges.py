"""One HTTP request with its answer. Credentials stand here by name only; a bearer token never enters a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from assay_conformance.evidence.records import Record, record


class _Unparsable:
    """What stands for a body that is no JSON: equal to no JSON value, and without members."""

    def __repr__(self) -> str:
        return "<no JSON>"


NO_JSON = _Unparsable()


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent. `headers` are lower-case and leave `authorization` out; `credential` says which one was used."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    credential: str = "primary"

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def parameter(self, name: str) -> str | None:
        """The first query parameter of that name."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `headers` are lower-case, in the order of the wire; `body` is text, bytes that are no UTF-8 written as `\\xe9`."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    _json: list[Any] = field(init=False, default_factory=list[Any], compare=False, repr=False)

    def header(self, name: str) -> str | None:
        """The value of that header, whatever its case; several lines of one name are one list (RFC 9110, 5.3)."""
        lines = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(lines) if lines else None

    @property
    def media_type(self) -> str | None:
        """The media type without its parameters, in lower case."""
        value = self.header("content-type")
        return None if value is None else value.split(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The body as JSON, parsed once; `NO_JSON` when it is none."""
        if not self._json:
            try:
                self._json.append(orjson.loads(self.body))
            except orjson.JSONDecodeError:
                self._json.append(NO_JSON)
        return self._json[0]

    @property
    def succeeded(self) -> bool:
        """Whether the status is one of the 2XX."""
        return 200 <= self.status < 300


@record("exchange")
@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Record):
    """A request with its answer, or with the reason why none came.

    `sent` is in seconds since the run began, `elapsed` in seconds. `expected` is what the driver knows of the right answer: `accepted` (a
    2XX or 304), `refused` (a 4XX), or `any`; `codes` are the error codes of which one is right, empty when any declared one is.
    `slow` is whether no whole answer came within the time that one may take; `aimed` are statuses of which the request should
    bring about one.
    """

    request: Request
    response: Response | None
    failure: str | None = None
    sent: float = 0.0
    elapsed: float = 0.0
    expected: str = "any"
    codes: tuple[str, ...] = ()
    slow: bool = False
    aimed: tuple[int, ...] = ()

    @property
    def answer(self) -> Response:
        """The response, or a status of 0 where none came, so that a check reads it as the failure it is."""
        return self.response if self.response is not None else Response(status=0)
