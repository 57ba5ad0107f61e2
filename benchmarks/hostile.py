"""Hostile requests and frames against a server of every contract: nothing unhandled, nothing told about the inside, nobody let in.

    python benchmarks/hostile.py [--requests N] [--seed N]

SQL in every parameter, oversized heads and bodies, tricks with paths and encodings, forged tokens, messages that two servers may read
differently, compression bombs, broken WebSocket frames and clients that send a byte now and then. It prints a row for each kind and ends
with 1 when anything was unhandled, leaked, believed or left the server ill.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gzip
import itertools
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
from assay_contracts import load_contract
from assay_server.http.auth import Minter
from assay_server.rooms import every_contract
from assay_server.settings import TokenTerms
from hostile_words import LEAKS, PATHS, SQL


@dataclass
class Attack:
    """One hostile exchange: bytes to send, and whether a success would be wrong."""

    kind: str
    sent: bytes
    forged: bool = False
    rejected: bool = False
    """Whether anything but an error or a closed connection is wrong."""
    ambiguous: bool = False
    """Whether anything but a rejection of the message as such is wrong: two servers may read it differently."""
    wait: float = 8.0
    frames: bytes = b""


@dataclass
class Outcome:
    """What came of all attacks."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


class Hostility:
    """Makes attacks on the operations of the contracts."""

    def __init__(self, seed: int, minter: Minter, host: str) -> None:
        self.chance = random.Random(seed)
        self.host = host
        contracts = [load_contract(name) for name in every_contract()]
        self.operations = [operation for contract in contracts for operation in contract.operations]
        scopes = sorted({scope for operation in self.operations for scope in operation.scopes})
        self.token = minter.mint("mallory", ["tenant-a"], scopes)
        self.minter = minter
        self.scopes = scopes

    def request(self, method: str, target: str, *headers: str, body: bytes = b"", token: str | None = None) -> bytes:
        """One request in bytes."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", "Connection: close", *headers]
        if token != "":
            lines.append(f"Authorization: Bearer {token or self.token}")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body

    def target(self, operation: Any, hostile: str = "", name: str = "") -> tuple[str, list[str]]:
        """The path with query, and headers, of an operation with one hostile parameter."""
        path, query, headers = operation.path, list[str](), list[str]()
        for parameter in operation.parameters:
            value = hostile if parameter.name == name else {"path": "a" * 64}.get(parameter.location, "")
            if parameter.location == "path":
                path = path.replace("{" + parameter.name + "}", quote(value or "x", safe=""))
            elif parameter.name == name and parameter.location == "query":
                query.append(f"{quote(name)}={self.chance.choice((quote, lambda text, **_: text.replace(' ', '+')))(value, safe='')}")
            elif parameter.name == name:
                headers.append(f"{name}: {value}".replace("\n", " ").replace("\x00", "\\0"))
            elif parameter.name in ("tenantId",):
                query.append("tenantId=tenant-a")
        target = path + ("?" + "&".join(query) if query else "")
        return "".join(letter if letter not in " \r\n\x00" else quote(letter) for letter in target), headers

    def injections(self) -> Iterator[Attack]:
        """SQL and its friends in every parameter of every operation, and in bodies."""
        for operation, text in itertools.cycle(itertools.product(self.operations, SQL)):
            for parameter in operation.parameters:
                target, headers = self.target(operation, text, parameter.name)
                body = b"{}" if operation.method == "POST" else b""
                yield Attack("sql", self.request(operation.method, target, *headers, "Content-Type: application/json", body=body))
            if operation.method in ("POST", "PUT"):
                yield Attack(
                    "sql", self.post(operation, json.dumps({self.chance.choice(("events", "tenantId", "type", "x")): text}).encode())
                )

    def post(self, operation: Any, body: bytes, *headers: str) -> bytes:
        """A request with a body."""
        target, more = self.target(operation)
        more += [f"Idempotency-Key: {secrets.token_hex(8)}", *(headers or ("Content-Type: application/json",))]
        return self.request(operation.method, target, *more, body=body)

    def bodies(self) -> Iterator[Attack]:
        """Bodies that are broken, deep, wide, huge, compressed or of another type."""
        takers = [operation for operation in self.operations if operation.method == "POST"]
        bomb = gzip.compress(b"\0" * 8_000_000)
        while True:
            operation = self.chance.choice(takers)
            yield from (
                Attack("body", self.post(operation, body, *headers))
                for body, headers in (
                    (b"\xff\xfe{}", ()), (b"[" * 20_000, ()), (b'{"a":' * 5_000, ()), (b'{"events":[' + b"1," * 50_000 + b"1]}", ()),
                    (b'{"events":[{"tenantId":"tenant-a","eventId":"\\ud800"}]}', ()), (b'{"a":1e999999}', ()),
                    (b"1" * 5_000, ()),
                    (b'{"a":1,"a":2}', ()), (b"null", ()), (b'"\x00"', ()), (b"<x/>", ("Content-Type: application/xml",)),
                    (b"{}", ("Content-Type: application/json; charset=utf-7",)), (b"{}", ("Content-Type: ",)),
                    (b"a=b", ("Content-Type: x",)),
                    (bomb, ("Content-Type: application/json", "Content-Encoding: gzip")),
                    (bomb, ("Content-Type: application/json", "Content-Encoding: gzip, gzip, br")),
                    (json.dumps({"events": [{"id": "f" * 64, "pubkey": "0" * 64, "created_at": 1, "kind": 1, "tags": [["e"] * 999],
                                             "content": "x", "sig": "0" * 128}]}).encode(), ()),
                )
            )  # fmt: skip

    def oversized(self) -> Iterator[Attack]:
        """Heads and bodies that are larger than anybody needs."""
        reads = "/v1/analytics/failures?tenantId=tenant-a"
        while True:
            yield Attack("oversized", self.request("GET", reads, "X-Large: " + "a" * 20_000), rejected=True)
            yield Attack("oversized", self.request("GET", reads, *(f"X-{n}: {n}" for n in range(3_000))), rejected=True)
            yield Attack("oversized", self.request("GET", "/v1/analytics/failures?filter=" + "a" * 30_000), rejected=True)
            yield Attack("oversized", self.request("GET", reads, "Cookie: " + "a=b;" * 6_000), rejected=True)
            yield Attack("oversized", self.request("POST", "/v1/events", "Content-Length: 99999999999"), rejected=True)
            yield Attack("oversized", self.request("GET", reads, token="a" * 12_000), forged=True)

    def paths(self) -> Iterator[Attack]:
        """Targets that lead somewhere else for some readers."""
        for path in itertools.cycle(PATHS):
            for method in ("GET", "POST", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "X" * 50):
                yield Attack("path", self.request(method, path, token=self.chance.choice(("", self.token))))

    def tokens(self) -> Iterator[Attack]:
        """Tokens that nobody may believe, on every operation that asks for one."""
        private = [operation for operation in self.operations if operation.scopes]
        claims = {"iss": "assay", "aud": "assay-reference", "sub": "mallory", "exp": int(time.time()) + 999, "iat": int(time.time()) - 9,
                  "tenants": ["*"], "scope": " ".join(self.scopes)}  # fmt: skip
        good = self.token.split(".")

        def part(value: Any) -> str:
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

        makers: tuple[Callable[[], str], ...] = (
            lambda: jwt.encode(claims, secrets.token_bytes(48)),
            lambda: jwt.encode(claims, b"x" * 48, algorithm="HS384"),
            lambda: f"{part({'alg': 'none'})}.{part(claims)}.",
            lambda: f"{part({'alg': 'NoNe', 'typ': 'JWT'})}.{part(claims)}.{good[2]}",
            lambda: f"{part({'alg': 'RS256'})}.{part(claims)}.{good[2]}",
            lambda: f"{good[0]}.{part(claims)}.{good[2]}",
            lambda: f"{part({'alg': 'HS256', 'jku': 'http://evil.example', 'kid': '../../dev/null'})}.{part(claims)}.{good[2]}",
            lambda: f"{part({'alg': 'HS256', 'jwk': {'kty': 'oct', 'k': 'eA'}})}.{part(claims)}.{good[2]}",
            lambda: self.minter.mint("mallory", ["*"], self.scopes, seconds=-60),
            lambda: self.minter.mint("mallory", ["*"], self.scopes, audience="another"),
            lambda: f"{good[0]}.{good[1]}.{good[2][:-2]}xx",
            lambda: f"{good[0]}.{good[1]}",
            lambda: ".".join(good) + "." + good[2],
            lambda: "\u00e9" * 40,
            lambda: "[" * 4_000,
            lambda: secrets.token_urlsafe(200),
        )
        for operation, make in itertools.cycle(itertools.product(private, makers)):
            target, headers = self.target(operation)
            body = b"{}" if operation.method == "POST" else b""
            yield Attack("token", self.request(operation.method, target, *headers, body=body, token=make()), forged=True)

    def framing(self) -> Iterator[Attack]:
        """Messages that two servers on the way may cut at different places."""
        line, host = b"POST /v1/events HTTP/1.1\r\n", f"Host: {self.host}\r\nAuthorization: Bearer {self.token}\r\n".encode()
        tail = b"Content-Type: application/json\r\n"
        chunk = b"2\r\n{}\r\n0\r\n\r\n"
        heads = (
            (b"Transfer-Encoding : chunked\r\n", chunk), (b"Transfer-Encoding: chunked\r\n", b"0x2\r\n{}\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\n", b"+2\r\n{}\r\n0\r\n\r\n"), (b"Transfer-Encoding: chunked\r\n", b" 2 \r\n{}\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked\r\n", b"-1\r\n{}\r\n0\r\n\r\n"), (b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff1\r\n{}"),
            (b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", chunk), (b"Content-Length: 2\r\nContent-Length: 4\r\n", b"{}{}"),
            (b"Content-Length: -2\r\n", b"{}"), (b"Content-Length: +2\r\n", b"{}"), (b"Content-Length: 0x2\r\n", b"{}"),
            (b"Content-Length: 2, 2\r\n", b"{}"), (b"Content-Length: 1e1\r\n", b"{}"), (b"X: a\r\n b\r\nContent-Length : 2\r\n", b"{}"),
            (b"Transfer-Encoding: identity, chunked\r\n", chunk), (b"Transfer-Encoding: xchunked\r\n", chunk), (b": empty\r\n", b""),
            (b"bad header\r\n", b""), (b"X\x00Y: 1\r\n", b""), (b"Transfer-Encoding:\x0bchunked\r\n", chunk),
        )  # fmt: skip
        while True:
            for head, body in heads:
                yield Attack("framing", line + host + tail + head + b"\r\n" + body, ambiguous=True, wait=3.0)
            for raw in (
                b"GET\r\n\r\n", b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + os.urandom(200),
                os.urandom(600), b"GET / HTTP/1.1\n\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /health HTTP/1.1\r\n\r\n" * 40,
                b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
                b"CONNECT evil:443 HTTP/1.1\r\n\r\n",
            ):  # fmt: skip
                yield Attack("framing", raw, wait=3.0)

    def frames(self) -> Iterator[Attack]:
        """WebSocket sessions that break the protocol, the contract, or both."""
        feed = "/v1/realtime/incident-feed?tenantId=tenant-a"

        def shake(path: str, *headers: str, token: str | None = None) -> bytes:
            lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}", "Upgrade: websocket", "Connection: Upgrade"]
            lines += headers or ("Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}")
            return "\r\n".join([*lines, f"Authorization: Bearer {token or self.token}"]).encode() + b"\r\n\r\n"

        def frame(first: int, payload: bytes, *, masked: bool = True, length: bytes | None = None) -> bytes:
            mask = os.urandom(4) if masked else b""
            size = bytes([len(payload) | (0x80 if masked else 0)]) if length is None else length
            data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)) if masked else payload
            return bytes([first]) + size + mask + data

        broken = (
            lambda: frame(0x81, b"\xff\xfe"), lambda: frame(0x81, b"{}", masked=False), lambda: frame(0xF1, b"{}"),
            lambda: frame(0x83, b"x"),
            lambda: frame(0x8F, b"x"), lambda: frame(0x09, b"x" * 10), lambda: frame(0x89, b"x" * 120), lambda: frame(0x80, b"x"),
            lambda: frame(0x82, b"\x00" * 100), lambda: frame(0x88, b"\x00\x01"), lambda: frame(0x88, b"\x03\xe8\xff"),
            lambda: frame(0x88, b"x"),
            lambda: frame(0x81, b"", length=b"\xff" + b"\x7f" + b"\xff" * 7), lambda: frame(0x81, b"", length=b"\xff" + b"\xff" * 8),
            lambda: frame(0x81, b"", length=b"\xff\x00\x00\x00\x00\x00\x40\x00\x00"), lambda: frame(0xC1, gzip.compress(b"0" * 10)[:60]),
            lambda: frame(0x01, b"{") * 3, lambda: frame(0x81, b'{"type":"resume","lastSeq":"x"}'), lambda: frame(0x81, b'{"a":' * 20),
            lambda: os.urandom(300), lambda: frame(0x81, b"' or 1=1; --") * 50, lambda: frame(0x89, b"ping") * 500,
        )  # fmt: skip
        while True:
            for make in broken:
                yield Attack("frame", shake(feed), frames=make(), wait=4.0)
            for text in SQL[:8]:
                yield Attack("frame", shake("/v1/realtime/incident-feed?tenantId=" + quote(text)), wait=4.0)
                yield Attack("frame", shake(f"/api/v2/analytics/jobs/{quote(text, safe='')}/progress"), wait=4.0)
            yield Attack("frame", shake(feed, "Sec-WebSocket-Version: 7", "Sec-WebSocket-Key: x"), rejected=True, wait=4.0)
            yield Attack("frame", shake(feed, "Sec-WebSocket-Version: 13"), rejected=True, wait=4.0)
            yield Attack("frame", shake(feed, token="a.b.c"), wait=4.0)

    def all(self, number: int) -> Iterator[Attack]:
        """So many attacks, most of them where most parameters are."""
        shares = ((self.injections(), 10), (self.bodies(), 3), (self.oversized(), 1), (self.paths(), 4), (self.tokens(), 4),
                  (self.framing(), 3), (self.frames(), 3))  # fmt: skip
        wheel = [maker for maker, share in shares for _ in range(share)]
        for place in range(number):
            yield next(wheel[place % len(wheel)])


async def exchange(host: str, port: int, attack: Attack) -> bytes:
    """Everything that came back, until the server closed, nothing more came, or the time was over."""
    reader, writer = await asyncio.open_connection(host, port)
    received = b""
    try:
        async with asyncio.timeout(attack.wait):
            writer.write(attack.sent)
            if attack.frames:
                received = await reader.read(65536)
                writer.write(attack.frames)
            while len(received) < 4_000_000 and (piece := await reader.read(65536)):
                received += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return received


def judge(attack: Attack, received: bytes, outcome: Outcome) -> None:
    """Note what came of an attack."""
    status = received[9:12].decode("latin-1") if received.startswith(b"HTTP/1.1 ") else ("closed" if not received else "other")
    outcome.statuses[status] += 1
    outcome.kinds[attack.kind] += 1
    body = received if not received.startswith(b"HTTP/1.1 101") else received.partition(b"\r\n\r\n")[0]
    problems = [
        ("unhandled", (status.startswith("5") and status != "503") or b'"UNHANDLED"' in received),
        ("leak", LEAKS.search(body) is not None and b"/_assay" not in attack.sent[:200]),
        ("believed", attack.forged and status.startswith("2")),
        ("read", attack.ambiguous and status not in ("400", "413", "closed")),
        ("taken", attack.rejected and status.startswith(("1", "2"))),
    ]
    for name, found in problems:
        if found:
            outcome.wrong.append(f"{name}: {attack.kind}: {attack.sent[:160]!r} -> {received[:400]!r}")


async def slow_loris(host: str, port: int, sessions: int) -> tuple[int, float]:
    """Connections that send a byte every second: how many of them the server ended, and how long a good request took meanwhile."""

    async def drip() -> bool:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for letter in f"GET /health HTTP/1.1\r\nHost: {host}\r\nX: ".encode() + b"a" * 60:
                writer.write(bytes([letter]))
                await asyncio.sleep(0.5)
                if reader.at_eof() or writer.is_closing():
                    return True
            return False
        except ConnectionError:
            return True
        finally:
            writer.transport.abort()

    if not sessions:
        return 0, 0.0
    drips = [asyncio.create_task(drip()) for _ in range(sessions)]
    await asyncio.sleep(2)
    began = time.perf_counter()
    await exchange(host, port, Attack("health", f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()))
    spent = time.perf_counter() - began
    return sum(await asyncio.gather(*drips)), spent


async def attack_all(address: str, number: int, seed: int, minter: Minter, sessions: int) -> Outcome:
    """Run every attack, fifty at a time, and the slow ones beside them."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    outcome, hostility = Outcome(), Hostility(seed, minter, f"{host}:{port}")
    attacks = hostility.all(number)
    slow = asyncio.create_task(slow_loris(host, int(port), sessions))

    async def work() -> None:
        for attack in attacks:
            judge(attack, await exchange(host, int(port), attack), outcome)

    await asyncio.gather(*(work() for _ in range(50)))
    ended, spent = await slow
    outcome.kinds["slow-loris"] += sessions
    if ended < sessions:
        outcome.wrong.append(f"slow-loris: {sessions - ended} of {sessions} were never ended")
    print(f"{ended} of {sessions} slow connections ended; a good request beside them took {spent * 1000:.0f} ms")
    return outcome


def memory(pid: int) -> float:
    """The resident memory of a process in megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Start a server, attack it, and end with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=int, default=100, help="How many slow connections.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        key.write_bytes(secrets.token_hex(32).encode())
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "assay_server", "--sample", "small", "--token-key", str(key), "--env", "prod"]
        with log.open("wb") as errors:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("ready "), log.read_text()
        before, began = memory(server.pid), time.perf_counter()
        minter = Minter(TokenTerms(key=key.read_bytes()))
        outcome = asyncio.run(attack_all(line.split()[1], options.requests, options.seed, minter, options.slow))
        spent, after = time.perf_counter() - began, memory(server.pid)
        host, _, port = line.split()[1].removeprefix("http://").rpartition(":")
        health = asyncio.run(exchange(host, int(port), Attack("health", b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")))
        server.send_signal(signal.SIGTERM)
        code = server.wait(30)
        lines = [json.loads(text) for text in log.read_text().splitlines() if text.startswith("{")]
    tracebacks = [item for item in lines if item.get("event") == "unhandled" or "exception" in item]
    outcome.wrong += [f"log: {str(item)[:600]}" for item in tracebacks]
    if not health.startswith(b"HTTP/1.1 200") or code != 0:
        outcome.wrong.append(f"the server is ill afterwards: {health[:80]!r}, exit code {code}")
    print(f"{sum(outcome.kinds.values()):,} hostile requests and sessions in {spent:.0f} s: {dict(outcome.kinds)}")
    print(f"statuses: {dict(sorted(outcome.statuses.items()))}; memory {before:.0f} to {after:.0f} MB")
    for problem, count in Counter(text.partition(":")[0] for text in outcome.wrong).items():
        print(f"{problem}: {count}")
    print(f"{len(outcome.wrong)} wrong")
    for text in outcome.wrong[:20]:
        print(text, file=sys.stderr)
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
