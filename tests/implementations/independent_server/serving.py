"""Starting the second implementation on free ports, with the manifest that the kit is pointed at."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from .api import Api
from .asking import Keyring
from .feed import Feed
from .rendering import stamp
from .wire import Wire
from .world import EMPTY, OTHER, PRIMARY, World

HOST = "127.0.0.1"
PREFIX = "/second/base"


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: its addresses and its manifest."""

    http: str
    ws: str
    manifest: str

    def write(self, path: Path) -> Path:
        """Write the manifest to a file."""
        path.write_text(self.manifest, "utf-8")
        return path


@contextlib.asynccontextmanager
async def serving(wrong: str = "", *, seed: int = 1, hook: bool = True, slowness: float = 0.01) -> AsyncGenerator[Serving]:
    """Serve until the block is left; `wrong` names the one way in which the server is wrong."""
    world = World(seed)
    keys = Keyring()
    operator = secrets.token_urlsafe(12) if hook else None
    api = Api(world, keys, lambda name: name == wrong, operator)
    feed = Feed(api, "/live")
    channel = await feed.serve(HOST)
    talks: set[asyncio.Task[None]] = set()
    wire = Wire(api, feed, PREFIX, slowness)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await wire.talk(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            talks.discard(task)

    server = await asyncio.start_server(talk, HOST, 0)
    http = f"http://{HOST}:{server.sockets[0].getsockname()[1]}{PREFIX}"
    ws = f"ws://{HOST}:{next(iter(channel.sockets)).getsockname()[1]}/live"
    try:
        yield Serving(http, ws, _manifest(world, keys, http, ws, operator))
    finally:
        server.close()
        channel.close(close_connections=True)
        for task in tuple(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        for session in tuple(feed.sessions):
            session.end(1001, "done")
        await channel.wait_closed()


def _manifest(world: World, keys: Keyring, http: str, ws: str, operator: str | None) -> str:
    control = (
        f'[hook]\nurl = "{http}/operator/v9"\ntoken = "{operator}"\n' if operator else '[waivers]\nfaults = "there is no control hook"\n'
    )
    return f"""[target]
name = "second"
version = "0.0.7+lab"
http = "{http}"
ws = "{ws}"

[credentials]
primary = "{keys.issue(PRIMARY)}"
other = "{keys.issue(OTHER)}"
empty = "{keys.issue(EMPTY)}"
unscoped = "{keys.issue(PRIMARY, scopes=frozenset({"other:read"}))}"
expired = "{keys.issue(PRIMARY, expired=True)}"

[tenants]
primary = "{PRIMARY}"
other = "{OTHER}"
empty = "{EMPTY}"

[fixtures]
window = {{ from = "{stamp(world.start)}", to = "{stamp(world.end)}" }}

{control}"""
