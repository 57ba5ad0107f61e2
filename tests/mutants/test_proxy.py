"""The mutating proxy, between real clients and a real small server."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest
import websockets
from aiohttp import web
from assay_conformance.evidence import Exchange, Frame, Request, Response
from assay_conformance.target import Hook, Secret, Target
from assay_contracts import Contract, load_contract
from assay_mutants.edits import with_body, with_header, with_status
from assay_mutants.model import FeedMutant, HttpMutant, State
from assay_mutants.proxy import MutatingProxy

CONTRACT = load_contract("reliability@1.0.0")
FAILURES, FEED = "/v1/analytics/failures", "/v1/realtime/incident-feed"


async def answer(request: web.Request) -> web.Response:
    """Says what was asked; 304 to whoever has a tag."""
    if "if-none-match" in request.headers:
        return web.Response(status=304, headers={"ETag": '"a"'})
    body = {"path": request.raw_path, "accept": request.headers.get("accept-encoding"), "token": request.headers.get("authorization")}
    return web.json_response(body, headers=[("X-Twice", "1"), ("X-Twice", "2")], status=404 if "nothing" in request.path else 200)


async def feed(request: web.Request) -> web.WebSocketResponse:
    """Two frames and an echo, then a close with the code that was asked for."""
    if "refuse" in request.query:
        raise web.HTTPForbidden()
    session = web.WebSocketResponse()
    await session.prepare(request)
    await session.send_str('{"seq":1}')
    await session.send_str('{"seq":2}')
    if "echo" in request.query:
        message = await session.receive()
        await session.send_str(f"{message.data}")
    if "code" in request.query:
        await session.close(code=int(request.query["code"]), message=b"as asked")
    else:
        await session.receive()
    return session


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    """A right server."""
    app = web.Application()
    app.router.add_get(FEED, feed)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    secrets = {name: Secret(f"token-{name}") for name in ("primary", "other", "empty")}
    tenants = {"primary": "tenant-a", "other": "tenant-b", "empty": "tenant-c"}
    address = f"http://{host}:{port}"
    yield Target("tiny", "1", address, f"ws://{host}:{port}", secrets, tenants, {}, Hook(f"{address}/_hook", Secret("hook")))
    await runner.cleanup()


@pytest.fixture
async def proxy(target: Target) -> AsyncIterator[MutatingProxy]:
    """A proxy in front of it, with no mutant in it."""
    async with MutatingProxy(CONTRACT, target) as running:
        yield running


@pytest.fixture
async def client(proxy: MutatingProxy) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows of the proxy only."""
    async with httpx.AsyncClient(base_url=proxy.address, trust_env=False, headers={"authorization": "Bearer token-primary"}) as running:
        yield running


def mutant_of(change: object, subject: str = "*", **more: object) -> HttpMutant:
    """A mutant with this change."""
    return HttpMutant("wrong", subject, frozenset({"OP-001"}), change, **more)  # type: ignore[arg-type]


def emptied(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An empty object in place of every body."""
    return with_body(exchange.answer, "{}")


async def test_without_a_mutant_everything_passes(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """Path, query, credential, status and repeated headers arrive as they were."""
    found = await client.get(f"{FAILURES}?filter%5Bcomponent%5D=a%20b&pageSize=2")

    assert found.json() == {
        "path": f"{FAILURES}?filter%5Bcomponent%5D=a%20b&pageSize=2",
        "accept": "identity",
        "token": "Bearer token-primary",
    }
    assert (found.headers.get_list("x-twice"), proxy.fires) == (["1", "2"], 0)


async def test_a_mutant_changes_what_the_client_sees(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """The body and its length are the mutant's, and it is counted."""
    proxy.infect(mutant_of(emptied))
    found = await client.get(FAILURES)

    assert (found.text, found.headers["content-length"], proxy.fires) == ("{}", "2", 1)


async def test_a_mutant_speaks_for_its_subject_only(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """Another operation stays right; a path below an operation's is that operation's."""
    proxy.infect(mutant_of(emptied, "listFailures"))
    bodies = [(await client.get(path)).text for path in ("/v1/analytics/funnel-metrics", FAILURES, f"{FAILURES}/nothing-here")]

    assert [body == "{}" for body in bodies] == [False, True, True]


async def test_a_new_mutant_remembers_nothing(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """Each mutant begins with a fresh memory, and keeps it from one request to the next."""

    def counted(exchange: Exchange, contract: Contract, state: State) -> Response:
        state["count"] = state.get("count", 0) + 1
        return with_header(exchange.answer, "x-count", str(state["count"]))

    proxy.infect(mutant_of(counted))
    first = [(await client.get(FAILURES)).headers["x-count"] for _ in range(2)]
    proxy.infect(mutant_of(counted))

    assert (first, (await client.get(FAILURES)).headers["x-count"]) == (["1", "2"], "1")


async def test_a_mutant_sees_who_asks(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """Credentials have the names that they have in recorded evidence, and never their value."""
    seen: list[tuple[str, bool]] = []

    def watching(exchange: Exchange, contract: Contract, state: State) -> Response:
        seen.append((exchange.request.credential, exchange.request.header("authorization") is None))
        return exchange.answer

    proxy.infect(mutant_of(watching))
    for value in ("Bearer token-other", "Bearer something-else", ""):
        await client.get(FAILURES, headers={"authorization": value})

    assert seen == [("other", True), ("forged", True), ("none", True)]


async def test_a_mutant_reads_another_request(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """What a wrong server ignores in a request never reaches the right one behind it."""

    def deaf(request: Request, contract: Contract, state: State) -> Request:
        return dataclasses.replace(request, query=())

    proxy.infect(mutant_of(lambda exchange, contract, state: exchange.answer, request=deaf))
    found = await client.get(f"{FAILURES}?pageSize=2")

    assert (found.json()["path"], found.json()["token"], proxy.fires) == (FAILURES, "Bearer token-primary", 1)


async def test_the_hook_is_never_touched(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """A mutant is a wrong implementation of the contract, and the hook is no part of it."""
    proxy.infect(mutant_of(emptied))

    assert (await client.put("/_hook/faults/store-slow")).json()["path"] == "/_hook/faults/store-slow"
    assert proxy.fires == 0


async def test_an_unchanged_answer_stays_without_a_body(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """A 304 carries its headers and nothing else, and the connection lives on."""
    found = await client.get(FAILURES, headers={"if-none-match": '"a"'})

    assert (found.status_code, found.content, found.headers["etag"]) == (304, b"", '"a"')
    assert (await client.get(FAILURES)).status_code == 200


async def test_an_undeclared_status_reaches_the_client(proxy: MutatingProxy, client: httpx.AsyncClient) -> None:
    """Any status can be answered."""
    proxy.infect(mutant_of(lambda exchange, contract, state: with_status(exchange.answer, 299)))

    assert (await client.get(FAILURES)).status_code == 299


async def test_a_target_that_is_gone_is_an_undeclared_status(target: Target) -> None:
    """The kit must see that no answer came, not hang."""
    dead = dataclasses.replace(target, http="http://127.0.0.1:9", ws="ws://127.0.0.1:9")
    async with MutatingProxy(CONTRACT, dead) as proxy, httpx.AsyncClient(base_url=proxy.address, trust_env=False) as client:
        assert (await client.get(FAILURES)).status_code == 502


def through(mutant: FeedMutant | None, proxy: MutatingProxy, query: str) -> str:
    """The address of the feed with a mutant in it."""
    proxy.infect(mutant)
    return f"{proxy.target().ws}{FEED}?{query}"


def feed_mutant_of(change: object, close: object = None) -> FeedMutant:
    """A feed mutant with this change."""
    return FeedMutant("wrong", "incidentFeed", frozenset({"STR-002"}), change, close)  # type: ignore[arg-type]


def twice(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Every frame two times."""
    return (frame, frame)


def right(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Every frame as it is."""
    return (frame,)


@pytest.mark.parametrize(("change", "expected"), [(right, 2), (twice, 4), (lambda *_: (), 0)])
async def test_frames_are_kept_repeated_or_lost(proxy: MutatingProxy, change: object, expected: int) -> None:
    """A feed mutant decides what becomes of each frame, and the close code of the target comes through."""
    async with websockets.connect(through(feed_mutant_of(change), proxy, "code=4408"), proxy=None) as session:
        frames = [frame async for frame in ending(session)]

    assert (len(frames), session.close_code, session.close_reason) == (expected, 4408, "as asked")


async def ending(session: websockets.ClientConnection) -> AsyncIterator[str | bytes]:
    """The frames until the session ends, whatever its close code."""
    try:
        while True:
            yield await session.recv()
    except websockets.ConnectionClosed:
        return


async def test_what_the_client_sends_reaches_the_target(proxy: MutatingProxy) -> None:
    """Sessions run both ways."""
    async with websockets.connect(through(None, proxy, "echo=1&code=4400"), proxy=None) as session:
        await session.send("hello")
        frames = [frame async for frame in ending(session)]

    assert (frames[-1], session.close_code) == ("hello", 4400)


async def test_a_close_code_is_exchanged(proxy: MutatingProxy) -> None:
    """A feed mutant may close with another code."""
    mutant = feed_mutant_of(right, lambda code, contract, state: 1000)
    async with websockets.connect(through(mutant, proxy, "code=4401"), proxy=None) as session:
        [frame async for frame in ending(session)]

    assert (session.close_code, proxy.fires) == (1000, 1)


async def test_a_close_is_withheld(proxy: MutatingProxy) -> None:
    """A feed mutant may leave a session open that should have ended."""
    mutant = feed_mutant_of(right, lambda code, contract, state: None)
    async with websockets.connect(through(mutant, proxy, "code=4401"), proxy=None) as session:
        await session.recv()
        await session.recv()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await session.recv()


async def test_a_refused_handshake_is_passed_on(proxy: MutatingProxy) -> None:
    """The status with which a target refuses the upgrade is the status that the client sees."""
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await websockets.connect(through(None, proxy, "refuse=1"), proxy=None)

    assert refusal.value.response.status_code == 403
