"""What a call of the SDK costs over bare httpx: python benchmarks/sdk_overhead.py.

    raw    a small response, streamed, against httpx that reads the same bytes and no model
    page   a page of 50 items, against httpx and the same model written by hand

Both sides read from one server on a real socket, in interleaved rounds of one run; only the ratios are worth quoting.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import process_time

import httpx
from assay_sdk import ReliabilityClient
from assay_sdk.generated.reliability_1_0_0 import FailurePage

ROUNDS = 60
CALLS = 20
LIMITS = {"raw": 1.10, "page": 1.05}
TOKEN = "benchmark"

SERVER = """
import socket, sys, threading
body = sys.stdin.buffer.read()
head = (b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nX-Correlation-Id: benchmark\\r\\n"
        b"Cache-Control: no-store\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body))
answer = head + body
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve(peer):
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen = b""
    while chunk := peer.recv(65536):
        seen += chunk
        while b"\\r\\n\\r\\n" in seen:
            seen = seen.split(b"\\r\\n\\r\\n", 1)[1]
            peer.sendall(answer)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


def page() -> bytes:
    """A page of 50 items."""
    items = [
        {
            "eventId": f"evt-{number:06}",
            "eventTime": "2026-11-01T09:30:00Z",
            "component": "credit_check",
            "errorClass": "timeout",
            "tenantId": "tenant-a",
            "correlationId": f"req-{number:06}",
        }
        for number in range(50)
    ]
    body = {"schemaVersion": "1.0.0", "items": items, "page": {"cursor": None, "hasMore": False, "pageSize": 50}}
    return json.dumps(body).encode()


def measure(url: str) -> dict[str, dict[str, float]]:
    """Time both sides of both pairs, a round each in turn."""
    bare = httpx.Client()
    sdk = ReliabilityClient(url, token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def bare_raw() -> bytes:
        return bare.get(f"{url}/v1/analytics/failures", params={"tenantId": "tenant-a"}, headers=headers).content

    def sdk_raw() -> bytes:
        with sdk.with_stream(sdk.list_failures, tenant_id="tenant-a") as raw:
            return raw.read()

    def bare_page() -> FailurePage:
        return FailurePage.model_validate_json(bare_raw())

    def sdk_page() -> FailurePage:
        return sdk.list_failures(tenant_id="tenant-a").answer

    assert bare_raw() == sdk_raw()
    assert bare_page() == sdk_page()
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {"raw": (bare_raw, sdk_raw), "page": (bare_page, sdk_page)}
    found: dict[str, dict[str, float]] = {}
    for name, (bare_call, sdk_call) in pairs.items():
        times: dict[str, list[float]] = {"bare": [], "sdk": []}
        for round_ in range(ROUNDS):
            sides = [("bare", bare_call), ("sdk", sdk_call)]
            for side, call in sides if round_ % 2 else reversed(sides):
                started = process_time()
                for _ in range(CALLS):
                    call()
                times[side].append((process_time() - started) / CALLS * 1e6)
        cpu = {side: median(rounds) for side, rounds in times.items()}
        # The median of the ratios of rounds that ran beside each other is steadier than the ratio of the medians.
        ratio = median(ours / theirs for ours, theirs in zip(times["sdk"], times["bare"], strict=True))
        found[name] = {"bare_cpu_us": round(cpu["bare"]), "sdk_cpu_us": round(cpu["sdk"]), "ratio": round(ratio, 3), "limit": LIMITS[name]}
    sdk.close()
    bare.close()
    return found


def main() -> int:
    """Print the figures as JSON; exit 1 when a call costs more than its limit."""
    body = page()
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(body)
            server.stdin.close()
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            found = measure(url)
        finally:
            server.kill()
    print(json.dumps(found, indent=2))
    return 0 if all(value["ratio"] <= value["limit"] for value in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
