"""How many requests a client sends to a server that is away: python benchmarks/outage_amplification.py.

A hundred calls of one client on a real socket for each kind of outage; pauses are skipped, so that only requests are counted.
Exit 1 when an outage is amplified beyond 1.1 times.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from assay_sdk import ReliabilityClient, SdkError

CALLS = 100
LIMIT = 110
ERROR = json.dumps({"error": {"code": "SERVICE_UNAVAILABLE", "category": "availability", "message": "away", "retryable": True}}).encode()


class Skipping:
    """A clock whose pauses pass at once."""

    def __init__(self) -> None:
        self._time = 0.0

    async def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self._time += seconds

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._time

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)


def responding(status: str, body: bytes, headers: str = "") -> bytes:
    """One response, after which the connection closes."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


OUTAGES: dict[str, bytes] = {
    "503 of the taxonomy": responding("503 Service Unavailable", ERROR),
    "503 with Retry-After": responding("503 Service Unavailable", ERROR, "Retry-After: 1\r\n"),
    "502 of a gateway": responding("502 Bad Gateway", b"<html>bad gateway</html>"),
    "429": responding("429 Too Many Requests", b"{}"),
    "a connection that breaks": b"",
}


def requests_of(response: bytes, call: Callable[[ReliabilityClient], object]) -> int:
    """The requests that a hundred calls send to a server that always responds so."""
    count = 0
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            nonlocal count
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with peer:
                    peer.settimeout(5)
                    seen = b""
                    while b"\r\n\r\n" not in seen and (chunk := peer.recv(65536)):
                        seen += chunk
                    if not seen:
                        continue
                    count += 1
                    peer.sendall(response)

        threading.Thread(target=serve, daemon=True).start()
        with ReliabilityClient(f"http://127.0.0.1:{listener.getsockname()[1]}", clock=Skipping()) as client:
            for _ in range(CALLS):
                try:
                    call(client)
                except SdkError:
                    continue
                raise RuntimeError("a call succeeded; expected an outage")
    return count


def main() -> int:
    """Print the requests for each kind of outage as JSON."""
    found = {
        name: requests_of(response, lambda client: client.get_realtime_snapshot(tenant_id="tenant-a")) for name, response in OUTAGES.items()
    }
    print(json.dumps({"calls": CALLS, "requests": found, "limit": LIMIT}, indent=2))
    return 0 if all(CALLS <= count <= LIMIT for count in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
