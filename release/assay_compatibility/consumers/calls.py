"""What a consumer was seen to do: calls and messages, from an HTTP Archive (HAR 1.2) or an evidence file.

Of header fields and cookies the names alone are kept, so no credential is ever held.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_string, policy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from assay_contracts import UsageError
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import essence

ABSENT: Any = object()
"""What stands for the value of a body that cannot be read."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it was sent: its media type in lower case without parameters, and its text; `fields` are those of a form.

    A body that was sent and not recorded has neither text nor fields.
    """

    media_type: str
    text: str = ""
    fields: tuple[tuple[str, str], ...] | None = None

    @property
    def value(self) -> Any:
        """The JSON value, the text of a `text/` type, or `ABSENT` for anything else."""
        try:
            return orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return self.text if self.text and self.media_type.startswith("text/") else ABSENT


@dataclass(frozen=True, slots=True)
class Call:
    """One request with its response; `headers` and `cookies` are names, those of headers in lower case."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...]
    headers: frozenset[str]
    cookies: frozenset[str]
    body: Body | None
    status: int
    answer_headers: frozenset[str]
    answer: Body | None


@dataclass(frozen=True, slots=True)
class Session:
    """One WebSocket conversation: the texts that the consumer sent and those that it received."""

    url: str
    sent: tuple[str, ...]
    received: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that a file holds of one consumer."""

    calls: tuple[Call, ...]
    sessions: tuple[Session, ...]


def read_recording(path: Path) -> Recording:
    """Read a HAR file or an evidence file, gzipped or plain.

    Raises `UsageError`, which names the file and what was expected, for anything else.
    """
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {path}: {error}; give a HAR file, an evidence file or a generated client's folder") from None
    first = _json(text.partition(b"\n")[0])
    if is_mapping(first) and str(first.get("format", "")).startswith("assay-evidence/"):
        return _evidence(path, text)
    data = _json(text)
    log = data.get("log") if is_mapping(data) else None
    entries = log.get("entries") if is_mapping(log) else None
    if not is_list(entries):
        raise UsageError(f"{path}: expected a HAR file with the list log.entries, an evidence file or a generated client's folder")
    return _archive(path, entries)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _archive(path: Path, entries: list[Any]) -> Recording:
    calls: list[Call] = []
    sessions: list[Session] = []
    for number, entry in enumerate(entries):
        request, response = (entry.get("request"), entry.get("response")) if is_mapping(entry) else (None, None)
        if not is_mapping(request) or not is_mapping(response):
            raise UsageError(f"{path}: log.entries[{number}]: expected a request and a response, got neither or only one")
        url = str(request.get("url", ""))
        messages = entry.get("_webSocketMessages")
        if is_list(messages) or url.startswith(("ws:", "wss:")):
            sessions.append(_archived_session(url, messages if is_list(messages) else []))
        else:
            calls.append(_archived_call(url, request, response))
    return Recording(tuple(calls), tuple(sessions))


def _archived_call(url: str, request: Mapping[str, Any], response: Mapping[str, Any]) -> Call:
    status = response.get("status")
    return Call(
        method=str(request.get("method", "GET")).upper(),
        url=url,
        query=tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        headers=_names(request.get("headers")),
        cookies=frozenset(str(cookie.get("name")) for cookie in request.get("cookies") or () if is_mapping(cookie))
        | _cookies((field.get("name"), field.get("value")) for field in request.get("headers") or () if is_mapping(field)),
        body=_archived_body(request.get("postData")),
        status=status if isinstance(status, int) else 0,
        answer_headers=_names(response.get("headers")),
        answer=_archived_body(response.get("content")),
    )


def _archived_body(content: Any) -> Body | None:
    if not is_mapping(content):
        return None
    named = str(content.get("mimeType", ""))
    text = content.get("text")
    if not isinstance(text, str) or not text:
        params = [param for param in content.get("params") or () if is_mapping(param)]
        fields = tuple((str(param.get("name")), str(param.get("value", ""))) for param in params)
        size = content.get("size")
        recorded = not (isinstance(size, int) and size > 0)
        return Body(essence(named), fields=fields or None) if fields or not recorded else None
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return Body(essence(named))
    return _body(named, text)


def _body(content_type: str, text: str) -> Body:
    """A body, of a form with its fields."""
    media_type = essence(content_type)
    fields: tuple[tuple[str, str], ...] | None = None
    if media_type == "application/x-www-form-urlencoded":
        fields = tuple(parse_qsl(text, keep_blank_values=True))
    elif media_type == "multipart/form-data":
        form = message_from_string(f"Content-Type: {content_type}\n\n{text}", policy=policy.HTTP)
        parts = form.iter_parts() if form.is_multipart() else ()
        named = [(part.get_param("name", header="content-disposition"), part) for part in parts]
        fields = tuple((name, str(part.get_payload())) for name, part in named if isinstance(name, str)) or None
    return Body(media_type, text, fields)


def _archived_session(url: str, messages: list[Any]) -> Session:
    texts = [(message.get("type") == "send", message.get("data")) for message in messages if is_mapping(message)]
    return Session(
        url,
        tuple(text for sent, text in texts if sent and isinstance(text, str)),
        tuple(text for sent, text in texts if not sent and isinstance(text, str)),
    )


def _evidence(path: Path, text: bytes) -> Recording:
    calls: list[Call] = []
    sessions: list[Session] = []
    for number, line in enumerate(io.BytesIO(text), start=1):
        data = _json(line)
        if not is_mapping(data):
            raise UsageError(f"{path}:{number}: expected a line of JSON; the file is cut, copy it again")
        record = data.get("record")
        if data.get("kind") == "exchange" and is_mapping(record):
            calls.extend(_recorded_call(record))
        elif data.get("kind") == "feed-session" and is_mapping(record):
            sessions.append(_recorded_session(record))
    return Recording(tuple(calls), tuple(sessions))


def _recorded_call(record: Mapping[str, Any]) -> Iterator[Call]:
    request, response = record.get("request"), record.get("response")
    if not is_mapping(request) or not is_mapping(response):
        return
    yield Call(
        method=str(request.get("method", "GET")).upper(),
        url=str(request.get("path", "")),
        query=tuple((str(name), str(value)) for name, value in request.get("query") or ()),
        headers=frozenset(str(name).lower() for name, _ in request.get("headers") or ()),
        cookies=_cookies(request.get("headers") or ()),
        body=_recorded_body(request),
        status=int(response.get("status") or 0),
        answer_headers=frozenset(str(name).lower() for name, _ in response.get("headers") or ()),
        answer=_recorded_body(response),
    )


def _recorded_body(message: Mapping[str, Any]) -> Body | None:
    text = message.get("body")
    if not isinstance(text, str) or not text:
        return None
    named = next((str(value) for name, value in message.get("headers") or () if str(name).lower() == "content-type"), "application/json")
    return _body(named, text)


def _recorded_session(record: Mapping[str, Any]) -> Session:
    request = record.get("request")
    frames = [frame for frame in record.get("frames") or () if is_mapping(frame) and isinstance(frame.get("text"), str)]
    return Session(
        str(request.get("path", "")) if is_mapping(request) else "",
        tuple(frame["text"] for frame in frames if frame.get("sent") is True),
        tuple(frame["text"] for frame in frames if frame.get("sent") is not True),
    )


def _names(fields: Any) -> frozenset[str]:
    return frozenset(str(field.get("name", "")).lower() for field in fields or () if is_mapping(field))


def _cookies(headers: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """The names of the cookies in header fields."""
    pairs = [pair for name, value in headers if str(name).lower() == "cookie" for pair in str(value).split(";")]
    return frozenset(pair.partition("=")[0].strip() for pair in pairs)
