"""Client credentials: one token for many calls, fetched by one of them, and shown to nobody."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from assay_sdk import ApiError, ArgumentError, ClientCredentials, TokenError
from assay_sdk.credentials import Scheme
from assay_sdk.oauth import IssuedToken

from tests.sdk.plain import AsyncPlainClient, FakeClock, PlainClient, declared, operation
from tests.sdk.scripted import HttpServer, Reply, Seen, http_server

SECRET = "s3cret/+"
READ = operation(security=(("auth",),))


@contextmanager
def guarded_server(
    answer: Callable[[int], Reply] | None = None, *, slow: float = 0.0, revoked: tuple[str, ...] = ()
) -> Generator[HttpServer]:
    """A server that issues `token-1`, `token-2`, ... and rejects a call without one, or with one that it revoked."""
    issued = 0

    def script(seen: Seen) -> Reply:
        nonlocal issued
        if seen.path == "/token":
            issued += 1
            time.sleep(slow)
            return answer(issued) if answer else Reply(200, {"access_token": f"token-{issued}", "token_type": "Bearer", "expires_in": 100})
        if seen.path == "/.well-known/openid-configuration":
            return Reply(200, {"token_endpoint": f"http://{seen.headers['Host']}/token"})
        authorization = seen.headers["Authorization"]
        return Reply(200, authorization) if authorization and authorization not in revoked else Reply(401, {})

    with http_server(script) as server:
        yield server


def client_of(server: HttpServer, scheme: Scheme | None = None, kind: Any = PlainClient, **options: Any) -> Any:
    """A client of a contract with one scheme, which names the server's endpoint."""
    contract = declared(schemes={"auth": scheme or Scheme("bearer", token_url="/token")})
    options = {"token": ClientCredentials("me", SECRET), **options}
    return type("GuardedClient", (kind,), {"contract": contract})(server.url, **options)


def token_requests(server: HttpServer) -> list[Seen]:
    """The requests for a token."""
    return [seen for seen in server.seen if seen.path == "/token"]


def test_a_token_serves_until_shortly_before_its_end() -> None:
    """A tenth of its life is left unused."""
    clock = FakeClock()
    with guarded_server() as server, client_of(server, clock=clock) as client:
        found: list[str] = []
        for seconds in (0, 89, 2):
            clock.time += seconds
            found.append(client.call(READ))

    assert found == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("method", ["basic", "body"])
def test_a_request_for_a_token_is_that_of_the_standard(method: Any) -> None:
    """RFC 6749, 2.3.1 and 4.4.2: id and secret encoded as in a form, also in the header."""
    credentials = ClientCredentials("me", SECRET, scopes=("a", "b"), audience="api", parameters={"tenant": "t"}, method=method)
    with guarded_server() as server, client_of(server, token=credentials) as client:
        client.call(READ)

    (request,) = token_requests(server)
    fields = parse_qs(request.body.decode())
    sent = {"grant_type": ["client_credentials"], "scope": ["a b"], "audience": ["api"], "tenant": ["t"]}
    if method == "basic":
        assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"me:s3cret%2F%2B"
        assert fields == sent
    else:
        assert request.headers["Authorization"] is None
        assert fields == {**sent, "client_id": ["me"], "client_secret": [SECRET]}


@pytest.mark.parametrize(
    ("scheme", "given"),
    [
        (Scheme("bearer", token_url="/token"), None),
        (Scheme("bearer", discovery="/.well-known/openid-configuration"), None),
        (Scheme("bearer"), "/token"),
    ],
    ids=["declared", "discovered", "given"],
)
def test_the_endpoint_is_declared_discovered_or_given(scheme: Scheme, given: str | None) -> None:
    """A path stands on the host of the server."""
    credentials = ClientCredentials("me", SECRET, token_url=given)
    with guarded_server() as server, client_of(server, scheme, token=credentials) as client:
        assert client.call(READ) == "Bearer token-1"


def test_threads_that_need_a_token_at_once_share_one() -> None:
    """One of them asks, the others wait for it."""
    found: list[str] = []
    with guarded_server(slow=0.05) as server, client_of(server) as client:
        threads = [threading.Thread(target=lambda: found.append(client.call(READ))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == ["Bearer token-1"] * 8
    assert len(token_requests(server)) == 1


def test_tasks_that_need_a_token_at_once_share_one() -> None:
    """And wait without holding up the loop."""

    async def calls(server: HttpServer) -> list[str]:
        async with client_of(server, kind=AsyncPlainClient) as client:
            found: list[str] = await asyncio.gather(*(client.call(READ) for _ in range(8)))
            return found

    with guarded_server(slow=0.05) as server:
        assert asyncio.run(calls(server)) == ["Bearer token-1"] * 8

    assert len(token_requests(server)) == 1


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (Reply(401, {"error": "invalid_client", "error_description": SECRET}), 401, "invalid_client"),
        (Reply(200, {"token_type": "Bearer"}), 200, None),
        (Reply(200, b"<html>"), 200, None),
        (Reply(503, {}), 503, None),
        (Reply(broken=True), 0, None),
    ],
    ids=["rejected", "no token", "no JSON", "away", "broken"],
)
def test_a_server_that_issues_none_is_an_error_of_its_own(reply: Reply, status: int, code: str | None) -> None:
    """It says nothing of the secret, whatever the server does."""
    with guarded_server(lambda _: reply) as server, client_of(server, clock=FakeClock()) as client, pytest.raises(TokenError) as caught:
        client.call(READ)

    assert caught.value.status == status
    assert code is None or caught.value.code == code
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__dict__)


def test_a_passing_failure_is_tried_again() -> None:
    """A token too many does no harm."""
    replies = [Reply(503, {}), Reply(broken=True), Reply(200, {"access_token": "late", "expires_in": "60"})]
    with guarded_server(lambda count: replies[count - 1]) as server, client_of(server, clock=FakeClock()) as client:
        assert client.call(READ) == "Bearer late"


def test_a_token_that_the_server_rejects_is_dropped_and_another_one_fetched() -> None:
    """The request goes out again as it was, also one that changes something, and the new token serves from then on."""
    change = operation("POST", security=(("auth",),), idempotency="Idempotency-Key")
    with guarded_server(revoked=("Bearer token-1",)) as server, client_of(server) as client:
        assert client.call(change, {"body": {"n": 1}}) == "Bearer token-2"
        assert client.call(READ) == "Bearer token-2"

    first, second, _ = (seen for seen in server.seen if seen.path != "/token")
    assert (first.body, first.headers["Idempotency-Key"]) == (second.body, second.headers["Idempotency-Key"])
    assert len(token_requests(server)) == 2


def test_so_is_that_of_a_stream() -> None:
    """Before anything of it is handed over."""

    async def read(server: HttpServer) -> bytes:
        async with client_of(server, kind=AsyncPlainClient) as client, client.with_stream(client.call, READ) as response:
            found: bytes = await response.read()
            return found

    with guarded_server(revoked=("Bearer token-1",)) as server:
        assert b"Bearer token-2" in asyncio.run(read(server))


def test_a_second_rejection_is_the_answer() -> None:
    """The next call begins with another token, and is as persistent."""
    with guarded_server(revoked=tuple(f"Bearer token-{number}" for number in range(9))) as server, client_of(server) as client:
        for count in (2, 4):
            with pytest.raises(ApiError) as caught:
                client.call(READ)
            assert (caught.value.status, caught.value.attempts) == (401, 2)
            assert len([seen for seen in server.seen if seen.path != "/token"]) == count


def test_a_server_that_issues_the_rejected_token_again_gets_no_second_request() -> None:
    """It would say the same."""
    same = Reply(200, {"access_token": "token-1", "expires_in": 100})
    with guarded_server(lambda _: same, revoked=("Bearer token-1",)) as server, client_of(server) as client, pytest.raises(ApiError):
        client.call(READ)

    assert len([seen for seen in server.seen if seen.path != "/token"]) == 1


def test_a_header_of_the_caller_stays_when_it_is_rejected() -> None:
    """It was no token of the source."""
    own = {"authorization": "Bearer own"}
    with guarded_server(revoked=("Bearer own",)) as server, client_of(server, headers=own) as client, pytest.raises(ApiError):
        client.call(READ)

    assert len([seen for seen in server.seen if seen.path != "/token"]) == 1


def test_only_the_rejected_token_is_dropped() -> None:
    """A late rejection of an old one leaves what another call has fetched meanwhile."""
    credentials = ClientCredentials("me", SECRET)
    with guarded_server() as server, client_of(server, token=credentials) as client:
        found = [client.call(READ)]
        for token in ("token-0", "token-1"):
            credentials.drop(token)
            found.append(client.call(READ))

    assert found == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_threads_whose_token_is_rejected_share_another_one() -> None:
    """One of them fetches it, the others wait for it."""
    found: list[str] = []
    with guarded_server(slow=0.05, revoked=("Bearer token-1",)) as server, client_of(server) as client:
        threads = [threading.Thread(target=lambda: found.append(client.call(READ))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == ["Bearer token-2"] * 8
    assert len(token_requests(server)) == 2


def test_no_repr_shows_a_secret_or_a_token() -> None:
    """Neither of the credential nor of a client."""
    credentials = ClientCredentials("me", SECRET, parameters={"assertion": "also-secret"})
    with guarded_server() as server, client_of(server, token=credentials) as client:
        client.call(READ)
        texts = repr(credentials) + repr(client) + repr(client.__dict__) + repr(IssuedToken("token-1", 0.0))

    assert not any(secret in texts for secret in (SECRET, "also-secret", "token-1"))


def test_what_cannot_work_is_rejected() -> None:
    """An empty secret at once, an endpoint that nobody names at the first call."""
    with pytest.raises(ArgumentError, match="client_secret"):
        ClientCredentials("me", "")
    with (
        guarded_server() as server,
        client_of(server, Scheme("bearer")) as client,
        pytest.raises(ArgumentError, match="token_url"),
    ):
        client.call(READ)


def test_an_operation_without_security_asks_for_no_token() -> None:
    """Nothing is fetched that nobody wants."""
    with guarded_server() as server, client_of(server) as client, pytest.raises(Exception, match="401"):
        client.call(operation(security=()))

    assert token_requests(server) == []


def test_a_token_of_one_scheme_among_others() -> None:
    """By its name, as any credential."""
    with guarded_server() as server, client_of(server, token=None, credentials={"auth": ClientCredentials("me", SECRET)}) as client:
        assert json.dumps(client.call(READ)) == '"Bearer token-1"'
