"""A right server made wrong: a proxy for HTTP and WebSocket between the kit and a target, with one mutant in it.

What the mutant leaves alone passes byte for byte. Three things need care: a 304 stays without a body, hop-by-hop headers end here, and
the close code of a session is passed on by hand, because the library would answer a close by itself. The control hook of the target is
never touched.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import Iterable
from urllib.parse import unquote, urlencode, urlsplit

import aiohttp
from aiohttp import web
from assay_conformance.driver_context import FORGED_TOKEN
from assay_conformance.errors import KitError
from assay_conformance.evidence import Exchange, Frame, Request, Response
from assay_conformance.target import Target
from assay_contracts import Contract
from multidict import CIMultiDict
from yarl import URL

from assay_mutants.model import FeedMutant, HttpMutant, Mutant, State

_HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"}
_NOT_SENT_ON = _HOP_BY_HOP | {"host", "content-length", "accept-encoding"}
_NOT_SENT_BACK = _HOP_BY_HOP | {"content-length", "date", "server"}
_HANDSHAKE = {"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept"}
_GOING_AWAY = 1001
_NO_STATUS, _BROKEN = 1005, 1006
NOT_THERE = 502
"""What the proxy itself answers while the target does not."""


class MutatingProxy:
    """One address that behaves as the target does, but for what the present mutant changes.

    `fires` counts how often the mutant changed something since `infect`.
    """

    def __init__(self, contract: Contract, target: Target) -> None:
        self._contract, self._target = contract, target
        self._credentials = {secret.reveal(): name for name, secret in target.credentials.items()} | {FORGED_TOKEN: "forged"}
        self._paths = [(operation.id, operation.method, _pattern(operation.path)) for operation in contract.operations]
        self._channels = [(channel.id, _pattern(channel.address)) for channel in contract.channels]
        self._hook = urlsplit(target.hook.url).path if target.hook else None
        self._http: HttpMutant | None = None
        self._feed: FeedMutant | None = None
        self._state: State = {}
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._open: set[web.WebSocketResponse] = set()
        self._origin = time.monotonic()
        self.fires = 0
        self.address = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; `address` is set from then on."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise KitError(f"the proxy cannot listen on {host}:{port}: {error}; expected a free port") from None
        bound = self._runner.addresses[0]
        self.address = f"http://{bound[0]}:{bound[1]}"
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0, force_close=False),
            timeout=aiohttp.ClientTimeout(total=30.0),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        )

    async def stop(self) -> None:
        """Close every session and stop listening."""
        for session in tuple(self._open):
            await session.close(code=_GOING_AWAY)
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> MutatingProxy:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def infect(self, mutant: Mutant | None) -> None:
        """Be this mutant from now on, with nothing remembered; None makes the target right again."""
        self._http = mutant if isinstance(mutant, HttpMutant) else None
        self._feed = mutant if isinstance(mutant, FeedMutant) else None
        self._state, self.fires = {}, 0

    def target(self) -> Target:
        """The target as it is seen through the proxy; its hook stays where it is."""
        return dataclasses.replace(self._target, http=self.address, ws="ws" + self.address.removeprefix("http"))

    async def _answer(self, incoming: web.Request) -> web.StreamResponse:
        if incoming.headers.get("upgrade", "").lower() == "websocket":
            return await self._relay(incoming)
        request = await self._read(incoming)
        hook = self._hook is not None and incoming.path.startswith(self._hook)
        mutant = None if hook else self._http
        subject = self._subject(request)
        if mutant is not None and mutant.subject not in ("*", subject):
            mutant = None
        headers = [(key, value) for key, value in incoming.headers.items() if key.lower() not in _NOT_SENT_ON]
        url = URL(self._target.http + incoming.raw_path, encoded=True)
        wanted, body = request, await incoming.read()
        if mutant is not None and mutant.request is not None:
            wanted = mutant.request(request, self._contract, self._state)
            if wanted != request:
                self.fires += 1
                url, headers, body = _rewritten(self._target.http, wanted, headers)
        answer, raw = await self._fetch(wanted.method, url, headers, body)
        if mutant is not None and answer.status:
            exchange = Exchange(
                id="live", subject=subject, purpose="live", request=request, response=answer, sent=time.monotonic() - self._origin
            )
            changed = mutant.change(exchange, self._contract, self._state)
            if changed is not answer and changed != answer:
                self.fires += 1
                answer, raw = changed, changed.body.encode("utf-8", "surrogatepass")
        return _sent_back(incoming, answer, raw)

    async def _read(self, incoming: web.Request) -> Request:
        token = incoming.headers.get("authorization", "").removeprefix("Bearer ").strip()
        body = await incoming.read()
        return Request(
            incoming.method,
            incoming.path,
            tuple(incoming.query.items()),
            tuple((key.lower(), value) for key, value in incoming.headers.items() if key.lower() != "authorization"),
            body.decode("utf-8", "replace") if body else None,
            self._credentials.get(token, "none" if not token else "forged"),
        )

    async def _fetch(self, method: str, url: URL, headers: Iterable[tuple[str, str]], body: bytes) -> tuple[Response, bytes]:
        """Ask the target. Where it does not answer, the proxy answers by itself."""
        if self._session is None:
            raise KitError("the proxy is not started; expected `start` before the first request")
        wanted = CIMultiDict([*headers, ("Accept-Encoding", "identity")])
        try:
            async with self._session.request(method, url, headers=wanted, data=body or None, allow_redirects=False) as answer:
                raw = await answer.read()
                received = tuple((key.lower(), value) for key, value in answer.headers.items())
                return Response(answer.status, received, raw.decode("utf-8", "replace")), raw
        except (aiohttp.ClientError, TimeoutError) as error:
            text = f"the target did not respond: {type(error).__name__}"
            return Response(NOT_THERE, (("content-type", "text/plain"),), text), text.encode()

    def _subject(self, request: Request) -> str:
        """The operation that a request is meant for: by path and method, else by path, else the one whose path it begins with."""
        here = [id for id, _, pattern in self._paths if pattern.fullmatch(request.path)]
        exact = [id for id, method, pattern in self._paths if method == request.method and pattern.fullmatch(request.path)]
        near = [id for id, _, pattern in self._paths if pattern.match(request.path)]
        return next(iter((*exact, *here, *near)), "contract")

    async def _relay(self, incoming: web.Request) -> web.StreamResponse:
        """One WebSocket session, frame by frame in both directions."""
        if self._session is None:
            raise KitError("the proxy is not started; expected `start` before the first session")
        channel = next((id for id, pattern in self._channels if pattern.fullmatch(incoming.path)), "contract")
        mutant = self._feed if self._feed is not None and self._feed.subject in ("*", channel) else None
        headers = [(key, value) for key, value in incoming.headers.items() if key.lower() not in _NOT_SENT_ON | _HANDSHAKE]
        url = URL(self._target.ws + incoming.raw_path, encoded=True)
        timeout = aiohttp.ClientWSTimeout(ws_receive=None, ws_close=5.0)  # pyright: ignore[reportCallIssue]
        try:
            upstream = await self._session.ws_connect(
                url, headers=CIMultiDict(headers), autoclose=False, autoping=True, compress=0, max_msg_size=0, timeout=timeout
            )
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status)
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=NOT_THERE)
        downstream = web.WebSocketResponse(autoclose=False, autoping=True, compress=False, max_msg_size=0, timeout=1.0)
        await downstream.prepare(incoming)
        self._open.add(downstream)
        towards_client = asyncio.create_task(self._to_client(upstream, downstream, mutant))
        towards_server = asyncio.create_task(_to_server(downstream, upstream))
        try:
            await asyncio.wait({towards_client, towards_server}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (towards_client, towards_server):
                task.cancel()
            await asyncio.gather(towards_client, towards_server, return_exceptions=True)
            await upstream.close()
            await downstream.close()
            self._open.discard(downstream)
        return downstream

    async def _to_client(
        self, upstream: aiohttp.ClientWebSocketResponse, downstream: web.WebSocketResponse, mutant: FeedMutant | None
    ) -> None:
        state: State = {}
        while True:
            message = await upstream.receive()
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                await self._pass_on(message, downstream, mutant, state)
                continue
            code: int | None = message.data if message.type is aiohttp.WSMsgType.CLOSE else upstream.close_code
            if code is None or code in (_NO_STATUS, _BROKEN):
                code = _GOING_AWAY
            if mutant is not None and mutant.close is not None:
                instead = mutant.close(code, self._contract, state)
                self.fires += instead != code
                if instead is None:
                    await asyncio.Event().wait()
                    return
                code = instead
            reason = str(message.extra or "").encode()[:120] if message.type is aiohttp.WSMsgType.CLOSE else b""
            await downstream.close(code=code, message=reason)
            return

    async def _pass_on(
        self, message: aiohttp.WSMessage, downstream: web.WebSocketResponse, mutant: FeedMutant | None, state: State
    ) -> None:
        binary = message.type is aiohttp.WSMsgType.BINARY
        text = message.data.decode("utf-8", "replace") if binary else message.data
        frame = Frame(time.monotonic() - self._origin, text, binary=binary)
        frames = (frame,) if mutant is None else tuple(mutant.change(frame, self._contract, state))
        if frames != (frame,):
            self.fires += 1
        for sent in frames:
            if sent.binary:
                await downstream.send_bytes(message.data if sent is frame else sent.text.encode())
            else:
                await downstream.send_str(sent.text)


async def _to_server(downstream: web.WebSocketResponse, upstream: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        message = await downstream.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            await upstream.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await upstream.send_bytes(message.data)
        else:
            code: int = message.data if message.type is aiohttp.WSMsgType.CLOSE and message.data else _GOING_AWAY
            await upstream.close(code=code)
            return


def _sent_back(incoming: web.Request, answer: Response, raw: bytes) -> web.Response:
    headers: CIMultiDict[str] = CIMultiDict()
    for key, value in answer.headers:
        if key not in _NOT_SENT_BACK:
            headers.add(key, value)
    bodyless = answer.status in (204, 304) or incoming.method == "HEAD"
    return web.Response(status=answer.status, headers=headers, body=None if bodyless else raw)


def _rewritten(base: str, wanted: Request, headers: list[tuple[str, str]]) -> tuple[URL, list[tuple[str, str]], bytes]:
    """The request as the mutant reads it; the credential stays, because a mutant never sees it."""
    url = base + wanted.path + ("?" + urlencode(wanted.query) if wanted.query else "")
    kept = [(key, value) for key, value in headers if key.lower() == "authorization"]
    forwarded = [(key, value) for key, value in wanted.headers if key not in _NOT_SENT_ON]
    return URL(url, encoded=True), [*kept, *forwarded], (wanted.body or "").encode()


def _pattern(template: str) -> re.Pattern[str]:
    """A path template as a pattern of paths."""
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(unquote(part)) for part in parts))
