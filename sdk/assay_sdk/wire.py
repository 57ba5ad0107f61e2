"""How arguments are written into a URL: OpenAPI's styles, timestamps with `Z`, nothing for what is not given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, cast
from urllib.parse import quote

from assay_sdk.errors import ArgumentError

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|", "simple": ","}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name on the wire, the argument it is given by, and how it is written.

    `fields` names the members of an object: by the name that the caller writes, the name on the wire.
    """

    name: str
    argument: str
    location: Literal["query", "path", "header"] = "query"
    style: str = "form"
    explode: bool = True
    fields: Mapping[str, str] | None = None


def write_target(path: str, parameters: Iterable[Parameter], arguments: Mapping[str, Any]) -> str:
    """The path and query of a request."""
    query: list[str] = []
    for parameter in parameters:
        value = arguments.get(parameter.argument)
        if value is None or parameter.location == "header":
            continue
        if parameter.location == "path":
            path = path.replace("{" + parameter.name + "}", quote(_text(parameter.argument, value), safe=""))
        else:
            query.extend(f"{quote(name)}={quote(text, safe='')}" for name, text in _pairs(parameter, value))
    return f"{path}?{'&'.join(query)}" if query else path


def write_headers(parameters: Iterable[Parameter], arguments: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a request that are given as arguments."""
    headers: dict[str, str] = {}
    for parameter in parameters:
        value = arguments.get(parameter.argument)
        if parameter.location != "header" or value is None:
            continue
        items = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
        text = ",".join(_text(parameter.argument, item) for item in items)
        if not text.isascii() or not text.isprintable():
            raise ArgumentError(parameter.argument, expected="printable ASCII, which a header can hold", actual="other characters")
        headers[parameter.name] = text
    return headers


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    name, argument = parameter.name, parameter.argument
    if parameter.fields is not None:
        return _members(parameter, value)
    if isinstance(value, (list, tuple)):
        texts = [_text(argument, item) for item in cast("Sequence[Any]", value)]
        if parameter.explode:
            return [(name, text) for text in texts]
        return [(name, _DELIMITERS.get(parameter.style, ",").join(texts))] if texts else []
    return [(name, _text(argument, value))]


def _members(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    fields = parameter.fields or {}
    if not isinstance(value, Mapping):
        raise ArgumentError(parameter.argument, expected="a mapping", actual=type(value).__name__)
    pairs: list[tuple[str, str]] = []
    for key, member in cast("Mapping[str, Any]", value).items():
        if key not in fields:
            raise ArgumentError(parameter.argument, expected=f"members out of {', '.join(fields)}", actual=repr(key))
        if member is None:
            continue
        text = _text(f"{parameter.argument}[{key!r}]", member)
        pairs.append((f"{parameter.name}[{fields[key]}]" if parameter.style == "deepObject" else fields[key], text))
    return pairs


def _text(argument: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime):
        return _timestamp(argument, value)
    if isinstance(value, date):
        return value.isoformat()
    raise ArgumentError(argument, expected="text, a number, a truth value or a time", actual=type(value).__name__)


def _timestamp(argument: str, value: datetime) -> str:
    if value.tzinfo is None:
        raise ArgumentError(argument, expected="a time with its zone, such as datetime(..., tzinfo=UTC)", actual="one without")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
