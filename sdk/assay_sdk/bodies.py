"""How a request's body is written: JSON, forms, files, strings and bytes, by its media type.

Multipart is written by httpx, as the field's own library for it; nothing of the format is spelled here.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeAlias, cast
from urllib.parse import quote_plus

from assay_sdk.errors import ArgumentError
from assay_sdk.payloads import written
from assay_sdk.wire import header_value
from assay_sdk.wire_values import is_listed, is_object, is_tuple, plain, wire_string


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form: its content with a name and a media type of its own."""

    content: bytes | str | PathLike[str] | IO[bytes]
    filename: str | None = None
    media: str | None = None


FileContent: TypeAlias = (
    bytes | PathLike[str] | IO[bytes] | Upload | tuple[str, bytes | str | IO[bytes]] | tuple[str, bytes | str | IO[bytes], str]
)
"""What a file in a form is given as: bytes, a path, a file opened for reading, an `Upload`, or the tuple of a name, a content and
perhaps a media type that other clients take. A string is a field, not a file."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form is written: by the style of a query parameter, or as a part of a media type."""

    media: str = ""
    style: str = "form"
    explode: bool = True


@dataclass(frozen=True, slots=True)
class BodyFormat:
    """How a body is written: its media type, and for forms the encoding of properties.

    `files` are the properties that are files; `omit` are places of read-only properties, which a request does not carry: each a
    path of names, `*` for every item of an array or value of a map.
    """

    media: str = "application/json"
    encodings: Mapping[str, Encoding] = field(default_factory=dict[str, Encoding])
    files: frozenset[str] = frozenset()
    omit: tuple[tuple[str, ...], ...] = ()


def write_body(argument: str, body: Any, how: BodyFormat) -> tuple[bytes, str]:
    """A body as bytes, and its Content-Type."""
    kind = how.media.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(argument, body, how)
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(argument, body, how), how.media
    media = "application/octet-stream" if "*" in how.media else how.media
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(cast("bytes", body)), media
    if kind == "application/json" or kind.endswith("+json"):
        return written(_without(plain(body), how.omit) if how.omit else body), media
    if isinstance(body, str):
        return body.encode(), media
    if isinstance(body, PathLike) or hasattr(body, "read"):
        return _content(body), media
    raise ArgumentError(argument, expected=f"a string, bytes or a file, for {how.media}", actual=type(body).__name__)


def _fields(argument: str, body: Any, how: BodyFormat) -> dict[str, Any]:
    found = _without(plain(body), how.omit)
    if not is_object(found):
        raise ArgumentError(argument, expected="a model or a mapping of properties", actual=type(body).__name__)
    return {str(name): value for name, value in found.items()}


def _urlencoded(argument: str, body: Any, how: BodyFormat) -> bytes:
    pairs: list[tuple[str, str]] = []
    for name, value in _fields(argument, body, how).items():
        pairs.extend(_pairs(argument, name, value, how.encodings.get(name, Encoding())))
    return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for name, text in pairs).encode()


def _pairs(argument: str, name: str, value: Any, encoding: Encoding) -> Iterable[tuple[str, str]]:
    where, value = f"{argument}[{name!r}]", plain(value)
    if value is None:
        return
    if encoding.media and _is_json(encoding.media):
        yield name, written(value).decode()
    elif is_object(value):
        items = value.items()
        if encoding.style == "deepObject":
            yield from _deep(where, name, items)
        elif encoding.explode:
            yield from ((key, wire_string(where, item)) for key, item in items if item is not None)
        else:
            yield name, ",".join(text for key, item in items if item is not None for text in (key, wire_string(where, item)))
    elif is_listed(value):
        texts = [wire_string(where, plain(item)) for item in value if item is not None]
        between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(encoding.style, ",")
        yield from ((name, text) for text in texts) if encoding.explode else iter([(name, between.join(texts))])
    else:
        yield name, wire_string(where, value)


def _deep(where: str, name: str, items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
    """The pairs of an object in `deepObject`, with those of the objects and arrays in it, as a query writes them."""
    for key, given in items:
        inner, item = f"{name}[{key}]", plain(given)
        if is_object(item):
            yield from _deep(where, inner, item.items())
        elif is_listed(item):
            yield from ((inner, wire_string(where, plain(part))) for part in item if part is not None)
        elif item is not None:
            yield inner, wire_string(where, item)


def _multipart(argument: str, body: Any, how: BodyFormat) -> tuple[bytes, str]:
    import httpx

    parts: list[tuple[str, Any]] = []
    for name, value in _fields(argument, body, how).items():
        file = name in how.files
        for item in value if is_listed(value) and _named_file(value, file=file) is None else [value]:
            if item is not None:
                content = _named_file(item, file=file) or item
                parts.append((name, _part(f"{argument}[{name!r}]", content, how.encodings.get(name, Encoding()), file=file)))
    # A form without any part is a form all the same.
    request = httpx.Request("POST", "http://form.invalid", files=parts or [("", (None, b""))])
    return request.read(), request.headers["Content-Type"]


def _named_file(item: Any, *, file: bool) -> Upload | None:
    """A tuple of a name, a content and perhaps a media type, as an upload; None for anything else, such as an array of strings."""
    if not is_tuple(item) or len(item) not in (2, 3):
        return None
    name, media = item[0], item[2] if len(item) == 3 else None
    if not isinstance(name, str) or not isinstance(media, str | None):
        return None
    content: Any = item[1]
    return Upload(content, name, media) if _is_content(content, string=file) else None


def _is_content(value: object, *, string: bool) -> bool:
    return isinstance(value, bytes | bytearray | PathLike) or hasattr(value, "read") or (string and isinstance(value, str))


def _part(where: str, item: Any, encoding: Encoding, *, file: bool) -> tuple[str | None, bytes, str | None]:
    """A part as its file name, content and media type."""
    upload = item if isinstance(item, Upload) else None
    content: Any = item.content if isinstance(item, Upload) else item
    is_file = upload is not None or isinstance(content, bytes | bytearray | PathLike) or hasattr(content, "read")
    if is_file or (file and isinstance(content, str)):
        name = (upload.filename if upload else None) or _name_of(content) or "upload"
        media = (upload.media if upload else None) or encoding.media or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if not name.isprintable():
            raise ArgumentError(where, expected="a file name of printable characters", actual="others")
        return name, _content(content), header_value(where, media)
    value = plain(content)
    if is_object(value) or is_listed(value) or _is_json(encoding.media):
        return None, written(value), encoding.media or "application/json"
    return None, wire_string(where, value).encode(), encoding.media or None


def _content(source: Any) -> bytes:
    if isinstance(source, bytes | bytearray):
        return bytes(source)
    if isinstance(source, str):
        return source.encode()
    if isinstance(source, PathLike):
        return Path(cast("PathLike[str]", source)).read_bytes()
    read = source.read()
    return read.encode() if isinstance(read, str) else bytes(read)


def _name_of(source: Any) -> str | None:
    if isinstance(source, PathLike):
        return Path(cast("PathLike[str]", source)).name
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) else None


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _without(body: Any, places: tuple[tuple[str, ...], ...]) -> Any:
    """A body without what stands at some places."""
    for place in places:
        body = _dropped(body, place)
    return body


def _dropped(value: Any, place: tuple[str, ...]) -> Any:
    value, step, rest = plain(value), place[0], place[1:]
    if is_object(value):
        inner = value
        if not rest:
            return {key: item for key, item in inner.items() if key != step}
        return {key: _dropped(item, rest) if step in ("*", key) else item for key, item in inner.items()}
    if is_listed(value) and step == "*" and rest:
        return [_dropped(item, rest) for item in value]
    return value


__all__ = ["BodyFormat", "Encoding", "FileContent", "Upload", "write_body"]
