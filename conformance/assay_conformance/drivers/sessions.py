"""The one way from the kit to a target over WebSocket: opens a session, keeps every frame, and keeps credentials out of the record.

A session that does not open, or that breaks, is evidence too, never an exception.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from assay_contracts import Channel
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from assay_conformance.authorization import Carried, Scheme, carried, subprotocols_with
from assay_conformance.driver_context import credential_of
from assay_conformance.evidence import FeedSession, Frame, Journal, Request
from assay_conformance.stream_terms import Stream
from assay_conformance.target import Target

_LARGEST = 64 * 1024 * 1024
_KEPT = 20_000
_SMALL_WINDOW, _SMALL_SEGMENT = 4096, 1400
"""With these a loopback connection holds about 90 kB unread instead of 3 MB, so that a slow reader shows early."""
_WIDE_WINDOW = 4_000_000


class Session:
    """One session as the kit holds it: frames come in by themselves while `reading`, and `end` makes the record.

    `keep` bounds how many frames are kept; all are counted.
    """

    def __init__(self, journal: Journal, subject: str, purpose: str, request: Request, expected: str, keep: int) -> None:
        self._journal, self._subject, self._purpose, self._request = journal, subject, purpose, request
        self._expected, self._keep = expected, keep
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._closing = False
        self._record: FeedSession | None = None
        self._narrowed: socket.socket | None = None
        self.frames: list[Frame] = []
        self.handshake = 0
        self.opened = journal.now()
        self.failure: str | None = None
        self.ended_by = "client"
        self.close_code: int | None = None
        self.close_reason = ""
        self.closed: float | None = None
        self.count = 0
        self.size = 0
        self.last: Frame | None = None

    @property
    def live(self) -> bool:
        """Whether the session is open as far as the kit knows."""
        return self._connection is not None and self.closed is None

    async def dial(
        self, url: str, headers: Mapping[str, str], *, within: float, narrow: bool, reading: bool, subprotocols: tuple[str, ...] = ()
    ) -> None:
        """Shake hands; whatever goes wrong is kept."""
        options: dict[str, Any] = {"subprotocols": list(subprotocols)} if subprotocols else {}
        try:
            if narrow:
                self._narrowed = options["sock"] = await asyncio.wait_for(_narrow_socket(url), within)
            self._connection = await connect(
                url,
                additional_headers=dict(headers),
                compression=None,
                proxy=None,
                open_timeout=within,
                close_timeout=1,
                ping_interval=None,
                max_size=_LARGEST,
                max_queue=1 if narrow else 256,
                **options,
            )
            self.handshake = 101
        except InvalidStatus as error:
            self.handshake = error.response.status_code
            self._over("server", f"the handshake got HTTP {self.handshake}")
        except (OSError, TimeoutError, WebSocketException, EOFError, ValueError) as error:
            self._over("failure", _words(error) if str(error) else f"{type(error).__name__}: no handshake within {within:g} s")
        self.opened = self._journal.now()
        if reading:
            self.read()

    def read(self) -> None:
        """Begin to take frames in, through a window that is wide from now on: a server need not wait long until its close frame is read."""
        if self._connection is not None and self._reader is None:
            # A session that is over already has no socket any more.
            with suppress(OSError):
                if self._narrowed is not None:
                    self._narrowed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WIDE_WINDOW)
            self._reader = asyncio.create_task(self._take(self._connection))

    async def send(self, message: str | bytes) -> bool:
        """Send one frame as the client; False when the session is over already."""
        if self._connection is None or self.closed is not None:
            return False
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        self.frames.append(Frame(self._journal.now(), text, sent=True, binary=isinstance(message, bytes)))
        try:
            await asyncio.wait_for(self._connection.send(message), 5)
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    async def until(self, reached: Callable[[], bool], within: float) -> bool:
        """Wait until something holds that frames bring about, or the session is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not reached() and self.closed is None:
                    self._news.clear()
                    await self._news.wait()
        return reached()

    async def until_closed(self, within: float) -> bool:
        """Wait until the server has ended the session."""
        await self.until(lambda: self.closed is not None, within)
        return self.closed is not None

    async def end(self) -> FeedSession:
        """Close the session unless it is over, and keep its record."""
        if self._record is not None:
            return self._record
        if self.closed is None:
            self._closing = True
            self._over("client", None)
            if self._reader is not None:
                self._reader.cancel()
            if self._connection is not None:
                with suppress(Exception):
                    await asyncio.wait_for(self._connection.close(), 1.5)
        elif self._connection is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._connection.close(), 1.5)
        self._record = self._journal.add(
            FeedSession(
                id=self._journal.name("s"),
                subject=self._subject,
                purpose=self._purpose,
                request=self._request,
                handshake=self.handshake,
                frames=tuple(self.frames),
                close_code=self.close_code,
                close_reason=self.close_reason,
                ended_by=self.ended_by,
                opened=self.opened,
                closed=self.closed if self.closed is not None else self._journal.now(),
                failure=self.failure,
                expected=self._expected,
                left_out=max(0, self.count - self._keep),
            )
        )
        return self._record

    async def _take(self, connection: ClientConnection) -> None:
        try:
            while True:
                message = await connection.recv()
                binary = isinstance(message, bytes)
                text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
                self.last = Frame(self._journal.now(), text, binary=binary)
                self.count += 1
                self.size += len(text)
                if self.count <= self._keep:
                    self.frames.append(self.last)
                self._news.set()
        except ConnectionClosed as error:
            if self._closing:
                return
            if error.rcvd is not None and (error.rcvd_then_sent or error.sent is None):
                self.close_code, self.close_reason = error.rcvd.code, error.rcvd.reason
                self._over("server", None)
            elif error.sent is not None:
                self._over("failure", f"the server broke the protocol: {error.sent.code} {error.sent.reason}".strip())
            else:
                self._over("failure", "the connection broke without a close frame")

    def _over(self, by: str, failure: str | None) -> None:
        self.ended_by, self.failure, self.closed = by, failure, self._journal.now()
        self._news.set()


async def open_session(
    target: Target,
    journal: Journal,
    stream: Stream,
    *,
    purpose: str,
    tenant: str | None = "primary",
    credential: str | None = None,
    headers: Mapping[str, str] | None = None,
    expected: str = "open",
    within: float = 5.0,
    keep: int = _KEPT,
    narrow: bool = False,
    reading: bool = True,
    name: str | None = None,
    schemes: tuple[Scheme, ...] = (),
) -> Session:
    """Open one session of a stream.

    `tenant` is a role of the target, `name` a tenant as it is to be asked for, whatever it is; without both the parameter is left out.
    `credential` defaults to the tenant's. A `narrow` session has the smallest buffers that the system gives.
    """
    named = name if name is not None else None if tenant is None else target.tenant(tenant)
    query = ((stream.tenant, named),) if stream.tenant is not None and named is not None else ()
    return await open_channel(
        target,
        journal,
        stream.channel,
        purpose=purpose,
        query=query,
        credential=credential or tenant or "primary",
        headers=headers,
        expected=expected,
        within=within,
        keep=keep,
        narrow=narrow,
        reading=reading,
        schemes=schemes,
    )


async def open_channel(
    target: Target,
    journal: Journal,
    channel: Channel,
    *,
    purpose: str,
    query: tuple[tuple[str, str], ...] = (),
    credential: str = "primary",
    headers: Mapping[str, str] | None = None,
    expected: str = "open",
    within: float = 5.0,
    keep: int = _KEPT,
    narrow: bool = False,
    reading: bool = True,
    schemes: tuple[Scheme, ...] = (),
) -> Session:
    """Open one session of any channel; `schemes` say how it carries its credential, a bearer token unless they are given."""
    plain = tuple((key.lower(), value) for key, value in (headers or {}).items())
    path = channel.address
    for parameter, value in target.path_values(path).items():
        path = path.replace("{" + parameter + "}", quote(value, safe=""))
    request = Request("GET", path, query, plain, None, credential)
    found = schemes or (Scheme(""),)
    what = Carried({}) if credential == "none" else carried(found, lambda scheme: credential_of(target, credential, scheme))
    pairs = (*query, *what.query)
    url = target.ws + request.path + ("?" + urlencode(pairs) if pairs else "")
    session = Session(journal, channel.id, purpose, request, expected, keep)
    carried_by = target.subprotocols.get(channel.id, ())
    token = credential_of(target, credential, Scheme("")) if carried_by and credential != "none" else None
    headers_sent = {**dict(plain), **({} if token is not None else what.headers)}
    names = () if token is None else subprotocols_with(carried_by, token)
    await session.dial(url, headers_sent, within=within, narrow=narrow, reading=reading, subprotocols=names)
    return session


async def _narrow_socket(url: str) -> socket.socket:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    family, kind, protocol, _, address = (await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM))[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW)
        if hasattr(socket, "TCP_MAXSEG"):
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
        await loop.sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
