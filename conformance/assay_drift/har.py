"""Traffic of any environment, as browsers, proxies and load tools write it down: an HTTP Archive (HAR 1.2).

Of its headers and bodies nothing is kept but what the ledger counts; credentials in it are never looked at.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from assay_conformance.evidence import Exchange, FeedSession, Frame, Request, Response
from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.path_templates import matchable, path_pattern

from assay_drift.errors import TrafficRefused

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a recording holds of one API."""

    exchanges: tuple[Exchange, ...]
    sessions: tuple[FeedSession, ...]
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class _Base:
    """Where the API of a recording is: its origin, and the path that its operations begin with."""

    origin: str
    prefix: str

    def path(self, url: str) -> str | None:
        """The path of a URL below the base, None when it lies elsewhere."""
        if not _origin(url) or _origin(url) != self.origin:
            return None
        parts = urlsplit(url)
        if not (parts.path + "/").startswith(self.prefix + "/"):
            return None
        return parts.path.removeprefix(self.prefix) or "/"


def read_har(path: Path, contract: Contract, address: str | None = None) -> Traffic:
    """The part of a recording that is of the contract's API.

    With an address that is what lies below it; without one, what lies on origins where a path of the contract was asked for.
    """
    entries = list(_entries(path))
    bases = [_Base(_origin(address), urlsplit(address).path.rstrip("/"))] if address else _bases(contract, entries)
    exchanges: list[Exchange] = []
    sessions: list[FeedSession] = []
    elsewhere = 0
    for number, entry in enumerate(entries):
        url = str(entry["request"].get("url", ""))
        found = next((place for base in bases if (place := base.path(url)) is not None), None)
        if found is None:
            elsewhere += 1
        elif is_list(entry.get("_webSocketMessages")) or url.startswith(("ws:", "wss:")):
            sessions.append(_session(number, entry, found))
        else:
            exchanges.append(_exchange(number, entry, found))
    if not exchanges and not sessions:
        where = address or "any path of the contract"
        raise TrafficRefused(f"{path}", expected=f"requests to {where}", actual=f"{elsewhere} requests elsewhere")
    return Traffic(tuple(exchanges), tuple(sessions), elsewhere)


def _entries(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        data: Any = orjson.loads(path.read_bytes())
    except OSError as error:
        raise TrafficRefused(str(path), expected="a HAR file", actual=error.strerror or "nothing") from None
    except orjson.JSONDecodeError as error:
        raise TrafficRefused(str(path), expected="a HAR file, which is JSON", actual=str(error)) from None
    log = data.get("log") if is_mapping(data) else None
    entries = log.get("entries") if is_mapping(log) else None
    if not is_list(entries):
        raise TrafficRefused(str(path), expected="the list log.entries of a HAR file", actual="none")
    for number, entry in enumerate(entries):
        if not (is_mapping(entry) and is_mapping(entry.get("request")) and is_mapping(entry.get("response"))):
            raise TrafficRefused(f"{path}: log.entries[{number}]", expected="a request and a response", actual="none of one")
        yield entry


def _bases(contract: Contract, entries: list[Mapping[str, Any]]) -> list[_Base]:
    """The bases below which a path of the contract was asked for, the longest prefix first."""
    servers: list[dict[str, Any]] = contract.openapi.get("servers", [])
    prefixes = {urlsplit(str(server.get("url", ""))).path.rstrip("/") for server in servers} | {""}
    patterns = [
        path_pattern(place) for place in (*(item.path for item in contract.operations), *(channel.address for channel in contract.channels))
    ]
    bases = {
        _Base(_origin(url), prefix): None
        for entry in entries
        for url in [str(entry["request"].get("url", ""))]
        for prefix in prefixes
        if (place := _Base(_origin(url), prefix).path(url)) is not None and any(pattern.fullmatch(matchable(place)) for pattern in patterns)
    }
    return sorted(bases, key=lambda base: -len(base.prefix))


def _origin(url: str) -> str:
    """The origin of a URL, without a default port; nothing for what is no URL."""
    try:
        parts = urlsplit(url)
        named = parts.port
    except ValueError:
        return ""
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    port = named if named != {"http": 80, "https": 443}.get(scheme) else None
    return f"{scheme}://{parts.hostname}" + (f":{port}" if port else "")


def _exchange(number: int, entry: Mapping[str, Any], path: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    status = response.get("status")
    answered = isinstance(status, int) and status > 0
    return Exchange(
        id=f"har{number}",
        subject="",
        purpose="recorded",
        request=_request(request, path),
        response=Response(int(status), _headers(response), _body(response.get("content"))) if answered else None,
        failure=None if answered else "no response was recorded",
    )


def _session(number: int, entry: Mapping[str, Any], path: str) -> FeedSession:
    frames: list[Frame] = []
    for message in entry.get("_webSocketMessages") or ():
        if is_mapping(message) and isinstance(message.get("data"), str) and message.get("opcode", 1) in (1, 2):
            at = message.get("time")
            frames.append(
                Frame(
                    float(at) if isinstance(at, int | float) else 0.0,
                    message["data"],
                    sent=message.get("type") == "send",
                    binary=message.get("opcode") == 2,
                )
            )
    status = entry["response"].get("status")
    handshake = status if isinstance(status, int) and status >= 300 and not frames else 101
    return FeedSession(
        id=f"har{number}",
        subject="",
        purpose="recorded",
        request=_request(entry["request"], path),
        handshake=handshake,
        frames=tuple(frames),
    )


def _request(request: Mapping[str, Any], path: str) -> Request:
    query = tuple(parse_qsl(urlsplit(str(request.get("url", ""))).query, keep_blank_values=True))
    return Request(str(request.get("method", "GET")).upper(), path, query)


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The header fields of an answer; HTTP/2 writes its own with a colon."""
    found = [item for item in message.get("headers") or () if is_mapping(item) and not str(item.get("name", ":")).startswith(":")]
    pairs = [(str(item["name"]).lower(), str(item.get("value", ""))) for item in found]
    content = message.get("content")
    if is_mapping(content) and isinstance(content.get("mimeType"), str) and all(name != "content-type" for name, _ in pairs):
        pairs.append(("content-type", content["mimeType"]))
    return tuple((name, "" if name in _SECRET else value) for name, value in pairs)


def _body(content: Any) -> str:
    text = content.get("text") if is_mapping(content) else None
    if not isinstance(text, str):
        return ""
    if is_mapping(content) and content.get("encoding") == "base64":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return ""
    return text
