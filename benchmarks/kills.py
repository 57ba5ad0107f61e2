"""kill -9 at random while events come in: of the server, of one of its workers, and of its database.

    python benchmarks/kills.py [--kills N] [--seed N]

Writers send batches over HTTP and repeat each, with its key, until it is acknowledged. In the end the facts are counted: no acknowledged
event may be missing, none may be there twice, and the rollups must say what the facts say.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from assay_server.http.auth import Minter
from assay_server.postgres import EmbeddedPostgres
from assay_server.reliability.store import Limits, Store
from assay_server.settings import TokenTerms

TENANT, BATCH, WRITERS = "tenant-a", 100, 3


def descendants(pid: int) -> Iterator[tuple[int, bytes]]:
    """The processes below one, each with its command line."""
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if folder.name.isdigit() and int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                yield int(folder.name), (folder / "cmdline").read_bytes()
                yield from descendants(int(folder.name))


class Server:
    """A server with two workers on a data folder, started again whenever it has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        self.key = folder / "key"
        self.key.write_bytes(secrets.token_hex(32).encode())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: asyncio.subprocess.Process | None = None
        self.starts = 0

    async def keep(self) -> None:
        """Have it run, again and again."""
        options = ("--contract", "reliability@1.1.0", "--data", str(self.folder / "data"), "--workers", "2", "--port", str(self.port))
        while True:
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "assay_server", *options, "--token-key", str(self.key), "--log-level", "warning",
                    stdout=subprocess.DEVNULL, stderr=log,
                )  # fmt: skip
            self.starts += 1
            await self.process.wait()
            await asyncio.sleep(0.3)

    def pids(self, kind: str) -> list[int]:
        """The processes of a kind: the server itself, its workers, or the first process of its database."""
        if self.process is None or self.process.returncode is not None:
            return []
        if kind == "server":
            return [self.process.pid]
        mark = {"worker": b"assay_server.worker", "database": b"/postgres\0-D"}[kind]
        return [pid for pid, command in descendants(self.process.pid) if mark in command]


async def write(server: Server, token: str, acknowledged: set[str], tries: Counter[str], over: asyncio.Event) -> None:
    """Send batches until it is over; each again until it is acknowledged."""
    chance = random.Random()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=20) as client:
        while not over.is_set():
            events = [event(chance) for _ in range(BATCH)]
            headers = {"authorization": f"Bearer {token}", "idempotency-key": secrets.token_hex(16)}
            while True:
                try:
                    answer = await client.post("/v1/events", json={"events": events}, headers=headers)
                except httpx.HTTPError as error:
                    tries[type(error).__name__] += 1
                else:
                    tries[str(answer.status_code)] += 1
                    if answer.is_success:
                        acknowledged.update(item["eventId"] for item in events)
                        break
                    assert answer.status_code in (409, 429, 503, 504), answer.text
                await asyncio.sleep(0.2)


def event(chance: random.Random) -> dict[str, Any]:
    """A view or a submission of the last hour."""
    moment = datetime.now(UTC) - timedelta(seconds=chance.random() * 3600)
    submitted = {"eventType": "lead_submitted", "latencyMs": chance.randrange(50, 4000), "retryOutcome": "none"}
    return {
        "eventId": f"evt-{secrets.token_hex(10)}", "tenantId": TENANT, "channel": "web", "correlationId": "req-1", "scenarioId": "SCN-001",
        "scenarioVersion": "1.0.0", "eventTime": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **(submitted if chance.random() < 0.3 else {"eventType": "funnel_view"}),
    }  # fmt: skip


async def kill(server: Server, kills: int, seconds: float, acknowledged: set[str], seed: int) -> Counter[str]:
    """Kill at random, each time after events were acknowledged again; return how often each kind was met."""
    chance, done, deadline = random.Random(seed), Counter[str](), time.monotonic() + seconds
    while done.total() < kills and time.monotonic() < deadline:
        before = len(acknowledged)
        while len(acknowledged) <= before and time.monotonic() < deadline:  # noqa: ASYNC110 - the writers tell nobody
            await asyncio.sleep(0.05)
        await asyncio.sleep(chance.random())
        kind = chance.choice(("worker", "worker", "worker", "database", "server"))
        pids = server.pids(kind)
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)
                done[kind] += 1
                print(f"{done.total()} kills, {len(acknowledged):,} acknowledged", file=sys.stderr, flush=True)
    return done


async def measure(folder: Path, kills: int, seconds: float, seed: int) -> int:
    """Write and kill, then count; return how many events are wrong."""
    server = Server(folder)
    token = Minter(TokenTerms(key=server.key.read_bytes())).mint("writer", [TENANT], ["analytics:read", "events:write"])
    acknowledged, tries, over = set[str](), Counter[str](), asyncio.Event()
    keeping = asyncio.create_task(server.keep())
    writers = [asyncio.create_task(write(server, token, acknowledged, tries, over)) for _ in range(WRITERS)]
    done = await kill(server, kills, seconds, acknowledged, seed)
    over.set()
    await asyncio.gather(*writers)
    keeping.cancel()
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    await server.process.wait()
    with EmbeddedPostgres.start(folder / "data") as cluster:
        async with await Store.open(cluster.dsn, Limits(statement_seconds=60, acquire_seconds=10)) as store:
            await store.close(datetime.now(UTC))
            differences = len((await store.upkeep.verify(TENANT)).differences)
            async with store._connections.read() as connection:
                rows = await (await connection.execute("select event_id from facts")).fetchall()
    stored = Counter(str(row[0]) for row in rows)
    lost, twice = len(acknowledged - stored.keys()), sum(1 for count in stored.values() if count > 1)
    print(f"{done.total()} kills ({dict(done)}), {server.starts} starts, responses {dict(tries)}")
    print(f"{len(acknowledged):,} events acknowledged: {lost} lost, {twice} twice, {differences} buckets differ from their facts")
    if not acknowledged or not done:
        print("nothing was acknowledged or nothing was killed, so that this shows nothing")
        return 1
    return lost + twice + differences


def main() -> None:
    """Measure, and end with 1 when an event was lost or is there twice."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3600, help="When to stop killing at the latest.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        wrong = asyncio.run(measure(Path(folder), options.kills, options.seconds, options.seed))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
