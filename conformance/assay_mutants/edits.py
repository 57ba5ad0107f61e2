"""How a mutant changes an answer: one header, the status, or what a pointer leads to in the JSON body.

Nothing here changes what it is given: an answer that needs no change comes back as the very same object, which is how a mutant says that it
did not fire.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import orjson
from assay_conformance.body_values import instant, written
from assay_conformance.evidence import Exchange, Response
from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

GONE: Any = object()
"""What a change gives for a value that is to be left out."""

Change: TypeAlias = Callable[[Any], Any]
"""What happens to one value of a body."""

AnswerChange: TypeAlias = Callable[[Response], Response]
"""What happens to an answer, whatever was asked."""

Which = Literal["first", "last", "all"]


def parsed(response: Response) -> Any:
    """The body as JSON that may be changed freely, or `GONE` when it is none."""
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return GONE


def with_body(response: Response, body: str) -> Response:
    """The answer with another body, its length told truly where it is told."""
    size = str(len(body.encode()))
    headers = tuple((name, size if name == "content-length" else value) for name, value in response.headers)
    return Response(response.status, headers, body)


def with_json(response: Response, value: Any) -> Response:
    """The answer with another JSON body."""
    return with_body(response, orjson.dumps(value).decode())


def with_status(response: Response, status: int) -> Response:
    """The answer with another status."""
    return response if response.status == status else dataclasses.replace(response, status=status)


def with_header(response: Response, name: str, value: str | None) -> Response:
    """The answer with one header set, or left out when the value is None."""
    key = name.lower()
    if value is None and response.header(key) is None:
        return response
    if value is not None and response.header(key) == value:
        return response
    kept = [(other, old) for other, old in response.headers if other != key]
    if value is not None:
        kept.append((key, value))
    return dataclasses.replace(response, headers=tuple(kept))


def edited(response: Response, pointer: str, change: Change, which: Which = "last") -> Response:
    """The answer with what the pointer leads to changed in its first, its last or every place.

    The change is given the value and gives another, `GONE` to leave it out, or the same one to leave it alone.
    """
    body = parsed(response)
    if body is GONE:
        return response
    changed = edit(body, pointer, change, which)
    return with_json(response, body) if changed else response


def edit(body: Any, pointer: str, change: Change, which: Which = "last") -> bool:
    """Change a JSON value in place; tells whether anything is different now."""
    found = list(pointers.matches(body, pointer))
    if which != "all":
        found = found[:1] if which == "first" else found[-1:]
    done = False
    for place, value in reversed(found):
        new = change(value)
        if new is GONE or new != value or type(new) is not type(value):
            _put(body, place, new)
            done = True
    return done


def _put(body: Any, place: str, value: Any) -> None:
    above, _, _ = place.rpartition("/")
    holder, key = pointers.follow(body, above), pointers.split(place)[-1]
    if is_mapping(holder):
        if value is GONE:
            holder.pop(key, None)
        else:
            holder[key] = value
    elif is_list(holder):
        if value is GONE:
            holder.pop(int(key))
        else:
            holder[int(key)] = value


def editing(pointer: str, change: Change, which: Which = "last") -> AnswerChange:
    """`edited`, to be done later."""
    return lambda answer: edited(answer, pointer, change, which)


def heading(name: str, value: str | None) -> AnswerChange:
    """`with_header`, to be done later."""
    return lambda answer: with_header(answer, name, value)


def answering(status: int) -> AnswerChange:
    """`with_status`, to be done later."""
    return lambda answer: with_status(answer, status)


def saying(body: str) -> AnswerChange:
    """`with_body`, to be done later."""
    return lambda answer: with_body(answer, body)


def becoming(value: Any) -> Change:
    """The change that puts one value in the place of any other."""
    return lambda _: value


def raised(by: float) -> Change:
    """The change that adds to a number and leaves alone what is none."""
    return lambda seen: seen + by if isinstance(seen, int | float) and not isinstance(seen, bool) else seen


def moved(microseconds: int) -> Change:
    """The change that moves a time, written as text or counted in seconds, and leaves alone what is none."""

    def change(seen: Any) -> Any:
        moment = instant(seen)
        if moment is None:
            return seen
        return (moment + microseconds) // 1_000_000 if isinstance(seen, int) else written(moment + microseconds, "date-time")

    return change


def listed(change: Callable[[list[Any]], list[Any]]) -> Change:
    """A change of lists, which leaves alone what is none."""
    return lambda seen: change(seen) if is_list(seen) else seen


def found(value: Any, pointer: str) -> Iterator[Any]:
    """What a pointer leads to, `*` standing for every item."""
    for _, item in pointers.matches(value, pointer):
        yield item


def without_correlation(exchange: Exchange) -> tuple[Any, ...]:
    """What makes two requests the same request: everything but the correlation of one of them."""
    request = exchange.request
    return (request.method, request.path, tuple(sorted(request.query)), request.credential)


def kebab(*parts: str) -> str:
    """Words, camel case, headers and pointers as one kebab sentence; `*` is left out."""
    words: list[str] = []
    for part in parts:
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", part)
        words.extend(word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word)
    return "-".join(words)
