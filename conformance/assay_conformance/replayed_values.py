"""The values that later requests of a conversation take from earlier responses, such as a cursor, an id or an ETag.

A conversation that is sent again has other responses than the first time. Where a request carried a value that an earlier response had, it
carries the value that the new response has in the same place.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import orjson
from assay_contracts import Operation
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import escape

from assay_conformance.evidence import Exchange, Request, Response

_SHORTEST = 6
"""Shorter texts, such as a state, stand in responses by chance; they count as a name only in a parameter of a path, numbers in a path."""
_NAME = "the name at the end of Location"
_CARRIED = ("etag", "location", "last-modified")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
"""A moment that a request names belongs to a window that the kit chose, also where a response had it before."""


class ReplayedValues:
    """Remembers what responses gave the first time and now, and puts it into the requests that follow."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._short: dict[str, str] = {}
        self._chosen: set[str] = set()

    def renewed(self, request: Request, operation: Operation | None = None) -> Request:
        """The request as it is to be sent now; an idempotency key that `operation` declares is a new one for each old one."""
        header = "" if operation is None else str(operation.annotations.get("x-idempotency", {}).get("header", "")).lower()
        key = request.header(header) if header else None
        if key is not None:
            self._texts.setdefault(key, str(uuid4()))
        values = (*(value for _, value in request.query), *(value for _, value in request.headers), *_segments(request.path))
        self._chosen.update(value for value in values if value not in {**self._short, **self._names, **self._texts})
        return dataclasses.replace(
            request,
            path=self._path(request.path, "" if operation is None else operation.path),
            query=tuple((name, self._texts.get(value, value)) for name, value in request.query),
            headers=tuple((name, self._texts.get(value, value)) for name, value in request.headers),
            body=self._body(request.body),
        )

    def learn(self, before: Exchange, now: Exchange) -> None:
        """Remember the values of a response beside those that it had the first time."""
        new = dict(_values(now.answer))
        for place, old in _values(before.answer):
            value = new.get(place)
            if value is None or str(old) in self._chosen:
                continue
            if isinstance(old, int) or place == _NAME:
                self._names.setdefault(str(old), str(value))
            elif not _MOMENT.match(old):
                (self._texts if len(old) >= _SHORTEST else self._short).setdefault(old, str(value))

    def _path(self, path: str, template: str) -> str:
        """The path with its names renewed; short ones only where the template of the operation has a parameter."""
        parts, places = path.split("/"), template.split("/")
        anywhere = {**self._names, **self._texts}
        renewed = list[str]()
        for index, part in enumerate(parts):
            is_parameter = len(parts) == len(places) and "{" in places[index]
            names = {**self._short, **anywhere} if is_parameter else anywhere
            name = names.get(unquote(part))
            renewed.append(part if name is None else quote(name, safe=""))
        return "/".join(renewed)

    def _body(self, body: str | None) -> str | None:
        """The body with its texts renewed; one that is no JSON, or has none of them, stays as it was, byte for byte."""
        if body is None or not any(text in body for text in self._texts):
            return body
        try:
            return orjson.dumps(self._value(orjson.loads(body))).decode()
        except orjson.JSONDecodeError:
            return body

    def _value(self, value: Any) -> Any:
        if is_mapping(value):
            return {name: self._value(item) for name, item in value.items()}
        if is_list(value):
            return [self._value(item) for item in value]
        return self._texts.get(value, value) if isinstance(value, str) else value


def with_origins(steps: Iterable[Exchange], seen: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """The steps, and before them the exchanges whose responses gave values that the steps carry, in the order in which they were sent.

    `seen` are all exchanges of the run. A value is taken from a response where no request had it before.
    """
    ordered = sorted(seen, key=lambda exchange: exchange.sent)
    carried, given = dict[str, float](), dict[str, Exchange]()
    for exchange in ordered:
        for value in _carried(exchange.request):
            carried.setdefault(value, exchange.sent)
        for _, gave in _values(exchange.answer):
            given.setdefault(str(gave), exchange)
    found = {step.id: step for step in steps}
    waiting = list(found.values())
    while waiting:
        for value in _carried(waiting.pop().request):
            origin = given.get(value)
            if origin is not None and origin.sent < carried[value] and origin.id not in found:
                found[origin.id] = origin
                waiting.append(origin)
    return tuple(sorted(found.values(), key=lambda exchange: exchange.sent))


def _carried(request: Request) -> Iterator[str]:
    """The values of a request that a response may have given: texts that are long enough, and every segment of the path."""
    texts = [*(value for _, value in request.query), *(value for _, value in request.headers)]
    if request.body is not None:
        with suppress(orjson.JSONDecodeError):
            texts += [value for _, value in _inside(orjson.loads(request.body), "") if isinstance(value, str)]
    yield from (text for text in texts if len(text) >= _SHORTEST and not _MOMENT.match(text))
    yield from _segments(request.path)


def _segments(path: str) -> list[str]:
    return [unquote(part) for part in path.split("/")]


def _values(response: Response) -> Iterator[tuple[str, str | int]]:
    """Every text and integer of a response with its place: a header, or a JSON pointer into the body."""
    for name in _CARRIED:
        value = response.header(name)
        if value is not None:
            yield name, value
            if name == "location":
                yield _NAME, _segments(value.rstrip("/"))[-1]
    yield from _inside(response.json, "")


def _inside(value: Any, place: str) -> Iterator[tuple[str, str | int]]:
    if is_mapping(value):
        for name, item in value.items():
            yield from _inside(item, f"{place}/{escape(str(name))}")
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _inside(item, f"{place}/{index}")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, value
