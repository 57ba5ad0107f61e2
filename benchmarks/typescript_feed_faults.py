"""What the TypeScript feed makes of a faulty server: python benchmarks/typescript_feed_faults.py [--runs 5] [--faults 1000].

The generated client of reliability 1.0.0, compiled and run in Node, follows a server on a real socket that injects the faults of
`feed_faults.py`. The reader must get each change once and in order, or be given the range that it cannot have, with its cause; the state
must never step back, and must be the server's in the end. Exit 1 when a change is lost in silence or given twice, or the state steps back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from http import HTTPStatus
from pathlib import Path
from typing import Any

from assay_codegen.typescript import generate_typescript
from assay_contracts import load_contract
from assay_sdk import CannotReplay, NothingMissed, Replayed
from assay_sdk.feed import SessionClosed
from assay_sdk.generated.reliability_1_0_0.models import IncidentChange, IncidentDelta, RealtimeSnapshot, Snapshot
from assay_sdk.transport import NoAnswer, Request
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

sys.path.insert(0, str(Path(__file__).parents[1]))

from feed_faults import Http, Opener, Reader, Server, Session, counts, printed

from tests.codegen.typescript_project import node, type_errors

POLICY = {"firstPause": 1, "longestPause": 5, "patience": 0.02, "pollEvery": 20, "probeFirst": 20, "probeEvery": 50, "settled": 50}
PROGRAM = """
import { ReliabilityClient, channels, follow } from "./dist/client/index.js";
const [baseUrl, feed] = process.argv.slice(2);
const client = new ReliabilityClient({ baseUrl, feed: JSON.parse(feed), retry: { firstPause: 1, longestPause: 2 } });
const incidents = follow(client, channels.incidentFeed, { tenantId: "tenant-a" });
process.stdin.on("end", () => incidents.close()).resume();
for await (const event of incidents) console.log(JSON.stringify({ ...event, at: incidents.sequence }));
const dropped = Object.fromEntries(incidents.dropped);
console.log(JSON.stringify({ event: "end", at: incidents.sequence, entities: [...incidents.state.values()], dropped }));
"""


class FaultyServer:
    """The server of changes on a socket: HTTP, and a feed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._opener = Opener(server)
        self._http = Http(server)
        self._sessions: dict[ServerConnection, Session] = {}

    async def respond(self, connection: ServerConnection, request: Handshake) -> Response | None:
        """The response to a request over HTTP, or None for a handshake that goes on."""
        try:
            if request.headers.get("Upgrade") is None:
                answer = await self._http.send(Request("GET", f"http://simulated{request.path}", {}, b""))
                headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(answer.body)), "Connection": "close"})
                return Response(answer.status, HTTPStatus(answer.status).phrase, headers, answer.body)
            self._sessions[connection] = await self._opener.open("", {}, 0)
        except NoAnswer:
            connection.transport.abort()
            return connection.respond(HTTPStatus.BAD_GATEWAY, "")
        except SessionClosed as closed:
            if not closed.code:
                connection.transport.abort()
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        return None

    async def stream(self, connection: ServerConnection) -> None:
        """Send what a session has to send."""
        session = self._sessions.pop(connection)
        try:
            while True:
                await connection.send((await session.receive(None)).decode())
                await asyncio.sleep(0.0005)
        except SessionClosed as closed:
            if closed.code == 1006:
                connection.transport.abort()
            else:
                await connection.close(closed.code, closed.reason)
        except TimeoutError:
            await connection.wait_closed()
        except ConnectionClosed:
            return


def event_of(line: dict[str, Any]) -> object:
    """An event of the TypeScript feed as that of the Python one."""
    kind = line["event"]
    if kind == "message":
        model = {"snapshot": Snapshot, "incident_delta": IncidentDelta}[line["message"]["type"]]
        return model.model_validate(line["message"])
    if kind == "state":
        return RealtimeSnapshot.model_validate(line["state"])
    if kind == "nothing-missed":
        return NothingMissed("incidentFeed", line["sequence"])
    if kind == "replayed":
        return Replayed("incidentFeed", line["after"], line["until"], tuple(map(IncidentChange.model_validate, line["changes"])))
    return CannotReplay("incidentFeed", line["after"], line["until"], line["cause"]) if kind == "cannot-replay" else line


async def read_events(process: Process, server: Server, reader: Reader) -> dict[str, Any]:
    """Read until all faults were injected and the server was quiet again; gives the last line, with the state."""
    assert process.stdout is not None
    assert process.stdin is not None
    quiet = 0
    async for text in process.stdout:
        line = json.loads(text)
        if line["event"] == "end":
            return line
        event = event_of(line)
        reader.note(event, line.get("at"))
        quiet = quiet + isinstance(event, IncidentDelta) if server.left <= 0 else 0
        if quiet == 20:
            process.stdin.close()
    raise RuntimeError("the program ended before its feed; expected a last line with the state; see its stderr")


async def follow(folder: Path, seed: int, faults: int) -> dict[str, Any]:
    """One run: the counts of a feed that was followed until all faults were injected and the server was quiet again."""
    server, reader = Server(random.Random(seed), faults), Reader()
    faulty = FaultyServer(server)
    async with serve(faulty.stream, "127.0.0.1", 0, process_request=faulty.respond, compression=None, ping_interval=None) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        command = [node() or "node", str(folder / "follow.mjs"), url, json.dumps(POLICY)]
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=2**20)
        try:
            end = await asyncio.wait_for(read_events(process, server, reader), 60 + faults)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    last = end["at"]
    known = {incident["incidentId"]: incident["status"] for incident in end["entities"]}
    wrong_state = sum(known.get(name) != incident["status"] for name, incident in server.states[last].items())
    return counts(seed, server, reader, last, wrong_state) | {"dropped": end["dropped"]}


def build(folder: Path) -> None:
    """Write and compile the client and the program that follows its feed."""
    for name, text in generate_typescript(load_contract("reliability@1.0.0")).files.items():
        path = folder / "client" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if problems := type_errors(folder):
        raise SystemExit(problems)
    (folder / "follow.mjs").write_text(PROGRAM, encoding="utf-8")


def main() -> int:
    """Print each run as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--faults", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        found = [asyncio.run(follow(Path(folder), seed, given.faults)) for seed in range(1, given.runs + 1)]
    return printed(found)


if __name__ == "__main__":
    sys.exit(main())
