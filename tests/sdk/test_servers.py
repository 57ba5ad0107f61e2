"""Servers: a client calls where the contract says, unless it is given an address."""

from __future__ import annotations

from typing import Any

import pytest
from assay_sdk import ArgumentError, Server
from assay_sdk.servers import Variable

from tests.sdk.plain import PlainClient, declared, operation
from tests.sdk.scripted import Reply, http_server

REGIONS = Server("http://{host}:{port}/{version}", {"host": Variable("127.0.0.1", ("127.0.0.1", "localhost")), "port": Variable("1"),
                                                    "version": Variable("v1")})  # fmt: skip


def client_of(*servers: Server, **options: Any) -> PlainClient:
    """A client of a contract with servers, created without an address."""
    kind = type("ServedClient", (PlainClient,), {"contract": declared(servers=servers)})
    client: PlainClient = kind(**options)
    return client


def test_without_an_address_the_first_server_is_called_with_its_defaults() -> None:
    """And variables change it."""
    with http_server(lambda _: Reply(200, {})) as server, client_of(Server(f"{server.url}/v1/"), Server("http://other")) as client:
        client.call(operation())
        port = server.url.rpartition(":")[2]
        with client_of(REGIONS, server_variables={"port": port, "version": "v2"}) as other:
            other.call(operation())

    assert [seen.path for seen in server.seen] == ["/v1/things", "/v2/things"]


@pytest.mark.parametrize(
    ("servers", "variables", "message"),
    [
        ((), {}, "the contract names no server"),
        ((Server("/api"),), {}, "only the path '/api'"),
        ((REGIONS,), {"host": "elsewhere"}, "host: expected one of 127.0.0.1, localhost, got 'elsewhere'"),
        ((REGIONS,), {"planet": "mars"}, "planet: expected a variable of"),
        ((Server("http://{host}"),), {}, "host: expected a value"),
    ],
    ids=["none", "a path", "no choice", "no variable", "no default"],
)
def test_an_address_that_cannot_be_known_is_asked_for(servers: tuple[Server, ...], variables: dict[str, str], message: str) -> None:
    """Before any call."""
    with pytest.raises(ArgumentError, match=message):
        client_of(*servers, server_variables=variables)


def test_variables_beside_an_address_are_rejected() -> None:
    """They would have no effect."""
    with pytest.raises(ArgumentError, match="server_variables"):
        client_of(REGIONS, base_url="http://host", server_variables={"port": "1"})


def test_an_operation_with_a_server_of_its_own_goes_there() -> None:
    """A path stands on the host of the client; an address of a call wins over both."""
    with http_server(lambda _: Reply(200, {})) as own, http_server(lambda _: Reply(200, {})) as common:
        elsewhere, path = operation(server=Server(f"{own.url}/files")), operation(server=Server("/v2"))
        with PlainClient(f"{common.url}/v1") as client:
            client.call(elsewhere)
            client.call(path)
            client.call(elsewhere, options={"base_url": f"{common.url}/call"})
        with PlainClient(f"{common.url}/v1", operation_servers=False) as client:
            client.call(elsewhere)

    assert [seen.path for seen in own.seen] == ["/files/things"]
    assert [seen.path for seen in common.seen] == ["/v2/things", "/call/things", "/v1/things"]
