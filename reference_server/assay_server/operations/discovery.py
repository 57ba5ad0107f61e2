"""What every contract says about itself and its service: health, and the catalog of what is served (RFC 9727)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from assay_contracts import Contract

from assay_server.http.calls import Answering, Call
from assay_server.http.replies import Reply

DISCOVERY = frozenset({"getHealth", "getApiCatalog"})
"""The operations that the server handles itself, whatever the contract."""
KINDS = {
    "openapi": "application/vnd.oai.openapi+json;version=3.1",
    "asyncapi": "application/vnd.aai.asyncapi+json;version=3.0.0",
}
"""The documents of a contract and their media types."""

_LINK_SET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
_HEALTH = "/api/health"


def discovery_handlers(health: Callable[[], Awaitable[None]], contracts: Iterable[Contract]) -> Mapping[str, Answering]:
    """The handlers; `health` raises what makes the server not healthy."""
    catalog = msgspec.json.encode(catalog_of(contracts))

    async def get_health(call: Call) -> Reply:
        await health()
        return Reply(b'{"status":"ok"}')

    async def get_catalog(call: Call) -> Reply:
        return Reply(catalog, media_type=_LINK_SET)

    return {"getHealth": get_health, "getApiCatalog": get_catalog}


def documents_of(contract: Contract) -> Mapping[str, dict[str, Any]]:
    """The documents of a contract by their path on the server."""
    parts = {"openapi": contract.openapi, "asyncapi": contract.asyncapi}
    return {document_path(contract, kind): document for kind, document in parts.items() if document}


def document_path(contract: Contract, kind: str) -> str:
    """Where a document of a contract can be read."""
    return f"/contracts/{contract.id.name}-{contract.id.version}/{kind}.json"


def catalog_of(contracts: Iterable[Contract]) -> dict[str, Any]:
    """The link set: one context with the documents of every contract, and the health."""
    links = [
        {"href": document_path(contract, kind), "type": media_type, "contract": [contract.id.name], "version": [contract.id.version]}
        for contract in contracts
        for kind, media_type in KINDS.items()
        if (contract.openapi if kind == "openapi" else contract.asyncapi)
    ]
    return {"linkset": [{"anchor": "/", "service-desc": links, "status": [{"href": _HEALTH, "type": "application/json"}]}]}
