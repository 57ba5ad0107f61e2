"""Where a redirect leads: on for a safe request on the same server, otherwise to an error that names the place."""

from __future__ import annotations

import pytest
from assay_sdk import RedirectError

from tests.sdk.plain import AsyncPlainClient, PlainClient, operation
from tests.sdk.scripted import Reply, Seen, http_server


def moved(location: str, status: int = 307) -> Reply:
    return Reply(status, headers={"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_safe_request_follows_on_the_same_origin(status: int) -> None:
    """The credential goes along, since it is the same server."""
    with (
        http_server(lambda seen: moved("/other?a=1", status) if seen.path == "/things" else Reply(200, {"ok": True})) as server,
        PlainClient(server.url, token="secret-token") as client,
    ):
        assert client.call(operation()) == {"ok": True}

    assert (server.seen[1].path, server.seen[1].raw_query, server.seen[1].headers["Authorization"]) == (
        "/other",
        "a=1",
        "Bearer secret-token",
    )


async def test_tasks_follow_in_the_same_way() -> None:
    """The rule is written once."""
    with http_server(lambda seen: moved("/other") if seen.path == "/things" else Reply(200, 1)) as server:
        async with AsyncPlainClient(server.url) as client:
            assert await client.call(operation()) == 1


def test_a_credential_never_follows_to_another_origin() -> None:
    """The error names the place, without what may be secret in it."""
    with (
        http_server(lambda _: Reply(200, {})) as other,
        http_server(lambda _: moved(f"{other.url}/else?signature=hidden")) as server,
        PlainClient(server.url, token="secret-token") as client,
        pytest.raises(RedirectError) as caught,
    ):
        client.call(operation())

    assert other.seen == []
    assert f"{other.url}/else" in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert (caught.value.status, caught.value.location) == (307, f"{other.url}/else?signature=hidden")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_request_that_changes_something_is_never_redirected(status: int) -> None:
    """Nobody can say what it would change elsewhere."""
    with (
        http_server(lambda _: moved("/other", status)) as server,
        PlainClient(server.url) as client,
        pytest.raises(RedirectError, match="/other"),
    ):
        client.call(operation("POST"), {"body": {}})

    assert len(server.seen) == 1


def test_a_circle_of_redirects_ends() -> None:
    """After a few hops, with the error."""
    with http_server(lambda _: moved("/things")) as server, PlainClient(server.url) as client, pytest.raises(RedirectError):
        client.call(operation())

    assert len(server.seen) == 6


def test_every_attempt_starts_where_the_first_did() -> None:
    """A place to which a redirect led may be gone when the call is tried again."""

    def script(seen: Seen) -> Reply:
        if seen.path == "/things":
            return moved(f"/node-{sum(request.path == '/things' for request in server.seen)}")
        return Reply(503 if seen.path == "/node-1" else 200, {})

    with http_server(script) as server, PlainClient(server.url) as client:
        client.call(operation())

    assert [seen.path for seen in server.seen] == ["/things", "/node-1", "/things", "/node-2"]
