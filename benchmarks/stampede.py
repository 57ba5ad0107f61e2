"""A crowd with one question: so many identical requests at once, none of them answered before, and how often the store is asked.

The metric `assay_query_seconds_count` of the server says how many queries ran.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx


async def ask(host: str, port: int, head: bytes, together: asyncio.Event) -> tuple[int, float]:
    """One request on a connection of its own, sent with all the others; its status and how many seconds it took."""
    reader, writer = await asyncio.open_connection(host, port)
    await together.wait()
    began = time.perf_counter()
    writer.write(head)
    status = int((await reader.readline()).split()[1])
    spent = time.perf_counter() - began
    writer.close()
    return status, spent


async def crowd(target: dict[str, Any], requests: int) -> list[tuple[int, float]]:
    """Open every connection first, then send everything at once."""
    address = urlsplit(target["target"]["http"])
    query = urlencode({"tenantId": target["tenants"]["primary"], **target["fixtures"]["window"]})
    lines = (
        f"GET /v1/analytics/funnel-metrics?{query} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Bearer {target['credentials']['primary']}",
        "Connection: close",
    )
    head = "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"
    together = asyncio.Event()
    tasks = [asyncio.create_task(ask(str(address.hostname), address.port or 80, head, together)) for _ in range(requests)]
    await asyncio.sleep(2)
    together.set()
    return await asyncio.gather(*tasks)


def queries(address: str) -> int:
    """How many queries the server ran so far."""
    text = httpx.get(f"{address}/metrics", timeout=30).text
    return sum(int(float(count)) for count in re.findall(r"^assay_query_seconds_count\{.*\} (\S+)$", text, re.MULTILINE))


def main() -> None:
    """Measure once; ends with 1 when the store was asked more than once, or somebody got no answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "target.toml"
        command = [sys.executable, "-m", "assay_server", "--contract", "reliability@1.1.0", "--sample", "small", "--log-level", "error"]
        server = subprocess.Popen([*command, "--write-target", str(manifest)], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[1]
            before = queries(address)
            answers = asyncio.run(crowd(tomllib.loads(manifest.read_text()), options.requests))
            computed = queries(address) - before
        finally:
            server.terminate()
            server.wait(20)
    times = sorted(spent for _, spent in answers)
    answered = sum(status == 200 for status, _ in answers)
    print(f"{options.requests:,} requests at once: {computed} computed, {answered:,} answered 200, slowest {times[-1] * 1000:.0f} ms")
    sys.exit(0 if computed == 1 and answered == options.requests else 1)


if __name__ == "__main__":
    main()
