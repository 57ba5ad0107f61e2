"""The servers that a document names, for all operations or for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.views import ServerView

# A feed's handshake is HTTP, so a client of it has the address of that.
_HTTP = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


def view_servers(contract: Contract) -> tuple[ServerView, ...]:
    """The servers of the whole contract: those of its OpenAPI document, else those of its AsyncAPI document that speak over HTTP."""
    declared = contract.openapi.get("servers")
    found = tuple(_view(server) for server in (declared if is_list(declared) else []) if is_mapping(server))
    return found or tuple(_of_channels(contract))


def operation_server(contract: Contract, operation: Operation) -> ServerView | None:
    """The server of an operation that has one of its own.

    On the host of the contract's first server only its path is told, so that it goes along to another host.
    """
    if not operation.servers:
        return None
    own = _view(operation.servers[0])
    for server in view_servers(contract)[:1]:
        common, host = _origin(server.url), _origin(own.url)
        if common and common == host:
            return ServerView(own.url.removeprefix(host) or "/", own.variables)
    return own


def _view(server: Mapping[str, Any]) -> ServerView:
    variables = server.get("variables")
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for name, variable in variables.items() if is_mapping(variables) else ():
        declared: Mapping[str, Any] = variable if is_mapping(variable) else {}
        choices = declared.get("enum")
        found.append((name, str(declared.get("default", "")), tuple(map(str, choices)) if is_list(choices) else ()))
    return ServerView(str(server.get("url", "")), tuple(found))


def _of_channels(contract: Contract) -> Iterator[ServerView]:
    servers = (contract.asyncapi or {}).get("servers")
    for server in servers.values() if is_mapping(servers) else ():
        scheme = _HTTP.get(str(server.get("protocol", "")).lower()) if is_mapping(server) else None
        if scheme is not None:
            address = f"{scheme}://{server.get('host', '')}{server.get('pathname', '')}"
            yield _view({"url": address, "variables": server.get("variables")})


def _origin(url: str) -> str:
    """Scheme and host of an address as they are written, empty for a path alone."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if mark else ""
