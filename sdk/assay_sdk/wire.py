"""How arguments are written into a request: the styles of OpenAPI for path, query, headers and cookies.

A delimiter between items is written as it is, one inside an item is percent-encoded, so that the two stay apart. What is None is
not written. A path value that would lead to another path (empty, `.` or `..`) is rejected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from assay_sdk.errors import ArgumentError
from assay_sdk.wire_values import is_listed, is_object, plain, properties_of, wire_string

_RESERVED = ":/?#[]@!$&'()*+,;="
Encode: TypeAlias = Callable[[str], str]
_BETWEEN = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name on the wire, the argument it is given by, and how it is written.

    `fields` names the properties of an object: by the name that the caller writes, the name on the wire; `extra` allows others.
    With `media` the value is written as a document of that media type instead of by its style.
    """

    name: str
    argument: str
    location: Literal["query", "path", "header", "cookie"] = "query"
    style: str = "form"
    explode: bool = True
    fields: Mapping[str, str] | None = None
    extra: bool = False
    media: str = ""
    allow_reserved: bool = False


def write_target(path: str, parameters: Iterable[Parameter], arguments: Mapping[str, Any]) -> str:
    """The path and query of a request."""
    query: list[str] = []
    written: dict[str, str] = {}
    for parameter in parameters:
        value = plain(arguments.get(parameter.argument))
        if parameter.location == "path":
            written[parameter.name] = _path_value(parameter, value)
        elif parameter.location == "query" and value is not None:
            query.extend(_query(parameter, value))
    return _expanded(path, written, parameters) + (f"?{'&'.join(query)}" if query else "")


def write_headers(parameters: Iterable[Parameter], arguments: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a request that are given as arguments, cookies among them."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for parameter in parameters:
        value = plain(arguments.get(parameter.argument))
        if value is None or parameter.location not in ("header", "cookie"):
            continue
        if parameter.location == "cookie":
            cookies.extend(_query(parameter, value))
        else:
            headers[parameter.name] = header_value(parameter.argument, _simple(parameter, value, encode=str))
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return headers


def header_value(argument: str, text: str) -> str:
    """A header's value; one that a header cannot hold, such as a line break, raises `ArgumentError`."""
    if not text.isascii() or not text.isprintable():
        raise ArgumentError(argument, expected="printable ASCII, which a header can hold", actual="other characters")
    return text


def _expanded(path: str, written: Mapping[str, str], parameters: Iterable[Parameter]) -> str:
    arguments = {parameter.name: parameter.argument for parameter in parameters if parameter.location == "path"}

    def value(found: re.Match[str]) -> str:
        return written.get(found[1], found[0])

    segments = path.split("/")
    for index, segment in enumerate(segments):
        if "{" not in segment:
            continue
        segments[index] = expanded = re.sub(r"\{([^{}]+)\}", value, segment)
        # Dots cannot be percent-encoded to any effect: every client and proxy takes %2E for the dot that it stands for.
        if expanded in ("", ".", ".."):
            name: str = re.findall(r"\{([^{}]+)\}", segment)[0]
            raise ArgumentError(arguments.get(name, name), expected="a value that keeps the path of the operation", actual=repr(expanded))
    return "/".join(segments)


def _path_value(parameter: Parameter, value: Any) -> str:
    if value is None or value == "" or (is_listed(value) and not len(value)):
        raise ArgumentError(parameter.argument, expected="a value, since it is part of the path", actual=repr(value))
    encode = _encoder(parameter)
    if parameter.media:
        return encode(_document(parameter, value))
    if parameter.style == "label":
        return "." + _simple(parameter, value, encode, between="." if parameter.explode else ",")
    if parameter.style == "matrix":
        return _matrix(parameter, value, encode)
    return _simple(parameter, value, encode)


def _simple(parameter: Parameter, value: Any, encode: Encode, between: str = ",") -> str:
    """Values one after the other; an exploded object as `key=value`."""
    if parameter.media:
        return encode(_document(parameter, value))
    if is_listed(value):
        return between.join(encode(wire_string(parameter.argument, item)) for item in value if item is not None)
    if not _is_object(parameter, value):
        return encode(wire_string(parameter.argument, value))
    pairs = [(encode(key), encode(_scalar(parameter, key, item))) for key, item in _properties(parameter, value).items()]
    return (
        between.join(f"{key}={item}" for key, item in pairs) if parameter.explode else between.join(text for pair in pairs for text in pair)
    )


def _matrix(parameter: Parameter, value: Any, encode: Encode) -> str:
    name = encode(parameter.name)
    if is_listed(value) and parameter.explode:
        return "".join(f";{name}={encode(wire_string(parameter.argument, item))}" for item in value if item is not None)
    if _is_object(parameter, value) and parameter.explode:
        return "".join(f";{encode(key)}={encode(_scalar(parameter, key, item))}" for key, item in _properties(parameter, value).items())
    return f";{name}={_simple(parameter, value, encode)}"


def _query(parameter: Parameter, value: Any) -> list[str]:
    """The pairs of a query parameter or a cookie."""
    encode, name = _encoder(parameter), quote(parameter.name, safe="")
    if parameter.media:
        return [f"{name}={encode(_document(parameter, value))}"]
    if _is_object(parameter, value):
        return _query_object(parameter, value, name, encode)
    if not is_listed(value):
        return [f"{name}={encode(wire_string(parameter.argument, value))}"]
    items = [encode(wire_string(parameter.argument, plain(item))) for item in value if item is not None]
    if parameter.explode:
        return [f"{name}={item}" for item in items]
    return [f"{name}={_BETWEEN.get(parameter.style, ',').join(items)}"] if items else []


def _query_object(parameter: Parameter, value: Any, name: str, encode: Encode) -> list[str]:
    found = _properties(parameter, value)
    if parameter.style == "deepObject":
        return [f"{quote(key, safe='')}={encode(item)}" for key, item in _deep(parameter, parameter.name, found)]
    if parameter.explode:
        return [
            f"{encode(key)}={encode(text)}"
            for key, item in found.items()
            for text in (_scalars(parameter, key, item) if is_listed(item) else [_scalar(parameter, key, item)])
        ]
    between = _BETWEEN.get(parameter.style, ",")
    return [f"{name}={between.join(text for key, item in found.items() for text in (encode(key), encode(_scalar(parameter, key, item))))}"]


def _deep(parameter: Parameter, name: str, value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, raw in value.items():
        inner, item = f"{name}[{key}]", plain(raw)
        if item is None:
            continue
        if is_object(item):
            yield from _deep(parameter, inner, item)
        elif is_listed(item):
            yield from ((inner, wire_string(parameter.argument, plain(part))) for part in item if part is not None)
        else:
            yield inner, _scalar(parameter, key, item)


def _is_object(parameter: Parameter, value: Any) -> bool:
    return is_object(value) or parameter.fields is not None


def _properties(parameter: Parameter, value: Any) -> dict[str, Any]:
    return properties_of(parameter.argument, value, parameter.fields, extra=parameter.extra)


def _scalar(parameter: Parameter, key: str, item: Any) -> str:
    return wire_string(f"{parameter.argument}[{key!r}]", plain(item))


def _scalars(parameter: Parameter, key: str, items: Iterable[Any]) -> list[str]:
    return [_scalar(parameter, key, item) for item in items if item is not None]


def _document(parameter: Parameter, value: Any) -> str:
    """A value as a document inside a parameter; a string is taken as it is where the media type is not JSON."""
    kind = parameter.media.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        from assay_sdk.payloads import written

        return written(value).decode()
    return wire_string(parameter.argument, value) if not is_object(value) else json.dumps(value)


def _encoder(parameter: Parameter) -> Encode:
    safe = _RESERVED if parameter.allow_reserved and parameter.location == "query" else ""

    def encode(text: str) -> str:
        return quote(text, safe=safe)

    return encode
