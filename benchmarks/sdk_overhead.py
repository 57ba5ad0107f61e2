"""What a call of the SDK costs over bare httpx with the same model: python benchmarks/sdk_overhead.py.

Both read the same 30 kB page from one server on a real socket, in interleaved rounds of one run; only the ratio is worth quoting.
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from time import perf_counter, process_time

import httpx
from assay_sdk import ReliabilityClient
from assay_sdk.generated.reliability_1_0_0 import FailurePage

ROUNDS = 60
CALLS = 20
LIMIT = 1.3
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
    """A page of 30 kB."""
    items = [
        {
            "eventId": f"evt-{number:06}",
            "eventTime": "2026-11-01T09:30:00Z",
            "component": "credit_check",
            "errorClass": "timeout",
            "tenantId": "tenant-a",
            "correlationId": f"req-{number:06}",
        }
        for number in range(175)
    ]
    body = {"schemaVersion": "1.0.0", "items": items, "page": {"cursor": None, "hasMore": False, "pageSize": 200}}
    return json.dumps(body).encode()


def measure(url: str) -> dict[str, object]:
    """Time both, a round each in turn."""
    bare = httpx.Client()
    sdk = ReliabilityClient(url, token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def bare_call() -> FailurePage:
        got = bare.get(f"{url}/v1/analytics/failures", params={"tenantId": "tenant-a"}, headers=headers)
        return FailurePage.model_validate_json(got.content)

    def sdk_call() -> FailurePage:
        return sdk.list_failures(tenant_id="tenant-a").answer

    assert bare_call() == sdk_call()
    wall: dict[str, list[float]] = {"bare": [], "sdk": []}
    cpu: dict[str, list[float]] = {"bare": [], "sdk": []}
    for round_ in range(ROUNDS):
        pairs = [("bare", bare_call), ("sdk", sdk_call)]
        for name, call in pairs if round_ % 2 else reversed(pairs):
            wall_start, cpu_start = perf_counter(), process_time()
            for _ in range(CALLS):
                call()
            wall[name].append((perf_counter() - wall_start) / CALLS * 1e6)
            cpu[name].append((process_time() - cpu_start) / CALLS * 1e6)
    sdk.close()
    bare.close()
    return {
        "wall_us": {name: round(median(times)) for name, times in wall.items()},
        "cpu_us": {name: round(median(times)) for name, times in cpu.items()},
        "wall_ratio": round(median(wall["sdk"]) / median(wall["bare"]), 3),
        "cpu_ratio": round(median(cpu["sdk"]) / median(cpu["bare"]), 3),
    }


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
            found = {"page_bytes": len(body), **measure(url), "limit": LIMIT}
        finally:
            server.kill()
    print(json.dumps(found, indent=2))
    ratios = (found["wall_ratio"], found["cpu_ratio"])
    return 0 if all(isinstance(ratio, float) and ratio <= LIMIT for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
