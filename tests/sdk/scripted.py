"""A real server on a real socket whose answers a test scripts: HTTP over the standard library, the feed over websockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.sync.server import ServerConnection, serve


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the server got it."""

    path: str
    raw_query: str
    query: dict[str, str]
    headers: Message
    method: str = "GET"
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """What the server answers; `broken` closes the connection instead, `drip` sends the body a byte at a time with such pauses."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    drip: float = 0.0


Script = Callable[[Seen], Reply]


@dataclass(slots=True)
class HttpServer:
    """A running server."""

    url: str
    seen: list[Seen]


@contextmanager
def http_server(script: Script) -> Iterator[HttpServer]:
    """Serve a script for the length of a block."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = Seen(parts.path, parts.query, dict(parse_qsl(parts.query)), self.headers, self.command, sent)
            seen.append(got)
            reply = script(got)
            if reply.broken:
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            if reply.status == 304:
                body = b""
            self.send_response(reply.status)
            if "Content-Type" not in reply.headers:
                self.send_header("Content-Type", "application/json")
            self.send_header("X-Correlation-Id", self.headers.get("X-Correlation-Id", "server-made-id"))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if reply.drip:
                self._drip(body, reply.drip)
            else:
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _respond  # noqa: N815 - names of the base class

        def _drip(self, body: bytes, pause: float) -> None:
            try:
                for byte in body:
                    self.wfile.write(bytes((byte,)))
                    self.wfile.flush()
                    time.sleep(pause)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield HttpServer(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(slots=True)
class FeedServer:
    """A running feed; `sessions` counts those that were opened."""

    url: str
    sessions: list[Mapping[str, str]]


@contextmanager
def feed_server(*scripts: Callable[[ServerConnection], None]) -> Iterator[FeedServer]:
    """Serve a feed for the length of a block: one script for each session, the last one for all after it."""
    sessions: list[Mapping[str, str]] = []

    def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        index = len(sessions)
        sessions.append(connection.request.headers)
        scripts[min(index, len(scripts) - 1)](connection)

    server = serve(handle, "127.0.0.1", 0, compression=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield FeedServer(f"ws://127.0.0.1:{server.socket.getsockname()[1]}", sessions)
    finally:
        server.shutdown()
        thread.join()


def error(code: str, category: str, status: int, *, retryable: bool = False, **details: str) -> dict[str, Any]:
    """An error body as the contract has it."""
    return {
        "error": {
            "code": code,
            "category": category,
            "message": "something is wrong",
            "correlationId": "from-the-body",
            "retryable": retryable,
            "httpStatus": status,
            "details": details,
        }
    }


def funnel(**changes: Any) -> dict[str, Any]:
    """An answer of getFunnelMetrics."""
    return {
        "schemaVersion": "1.0.0",
        "tenantId": "tenant-a",
        "window": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z"},
        "metrics": {
            "starts": 1200,
            "submissions": 300,
            "conversionRate": 0.25,
            "retryRate": 0.04,
            "p95SubmitLatencyMs": 840,
        },
        "meta": {"generatedAt": "2026-11-08T00:00:03Z", "stale": False, "dataProfile": "analytics-rollup"},
        **changes,
    }


def failure(number: int, **changes: Any) -> dict[str, Any]:
    """One failure of a list."""
    return {
        "eventId": f"evt-{number:06}",
        "eventTime": "2026-11-01T09:30:00Z",
        "component": "credit_check",
        "errorClass": "timeout",
        "tenantId": "tenant-a",
        "correlationId": f"req-{number:06}",
        **changes,
    }


def failures(numbers: range, cursor: str | None, size: int = 50) -> dict[str, Any]:
    """An answer of listFailures."""
    return {
        "schemaVersion": "1.0.0",
        "items": [failure(number) for number in numbers],
        "page": {"cursor": cursor, "hasMore": cursor is not None, "pageSize": size},
    }


def incident(number: int, status: str = "open") -> dict[str, Any]:
    """One incident."""
    return {
        "incidentId": f"inc-{number:04}",
        "status": status,
        "severity": "high",
        "component": "credit_check",
        "updatedAt": "2026-11-01T09:30:00Z",
    }


def state(
    seq: int, *incidents: dict[str, Any], tenant: str = "tenant-a", changes: range | None = None, truncated: bool = False
) -> dict[str, Any]:
    """A response of getRealtimeSnapshot, with one change for each number."""
    more: dict[str, Any] = {"changesTruncated": True} if truncated else {}
    if changes is not None:
        more["changes"] = [{"seq": number, **incident(number)} for number in changes]
    return {"schemaVersion": "1.0.0", "tenantId": tenant, "seq": seq, "incidents": list(incidents), **more}


def snapshot(seq: int, *incidents: dict[str, Any], tenant: str = "tenant-a") -> str:
    """The message that opens a session."""
    return json.dumps({"type": "snapshot", **state(seq, *incidents, tenant=tenant)})


def delta(seq: int, *changes: dict[str, Any], tenant: str = "tenant-a") -> str:
    """One step of the state."""
    return json.dumps(
        {
            "type": "incident_delta",
            "schemaVersion": "1.0.0",
            "seq": seq,
            "tenantId": tenant,
            "changes": list(changes or (incident(seq),)),
        }
    )


def heartbeat() -> str:
    """A sign of life."""
    return json.dumps({"type": "heartbeat", "ts": "2026-11-01T09:41:20Z"})
