"""Where a credential goes in a request: the security schemes of a contract, and what each makes of a token.

A contract that says nothing of security gets a bearer token where the target has one: such a document often leaves its security out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import dereference

from assay_conformance.altered_tokens import ALTERED

BEARER = "bearer"
ANOTHER_AUDIENCE = "another-audience"
"""The role of a good token that was issued for another service (RFC 7519, 4.1.3)."""
STATED = ("expired", ANOTHER_AUDIENCE)
"""The roles of bad credentials that only a manifest can state."""
RESHAPED = ("tampered", "shortened", "lengthened")
"""The roles of a good credential with another letter, without its last one, and with more at its end."""
BAD_CREDENTIALS = ("none", "forged", *RESHAPED, *ALTERED, *STATED)
"""The roles of requests that no secured operation accepts."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One security scheme by its name in the contract; `carries` is `bearer`, `basic`, `header`, `query` or `cookie`, by the name `key`."""

    name: str
    carries: str = BEARER
    key: str = "authorization"
    token_url: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a request carries for its credentials."""

    headers: Mapping[str, str]
    query: tuple[tuple[str, str], ...] = ()


def operation_schemes(contract: Contract, operation: Operation) -> tuple[Scheme, ...]:
    """The schemes that a request of an operation carries: those of its first alternative, or a bearer token where nothing is said."""
    if operation.security is None:
        return (Scheme(""),)
    declared = security_schemes(contract.openapi)
    wanted = next((names for names in operation.security if names), ())
    return tuple(declared.get(name, Scheme(name)) for name in wanted)


def channel_schemes(contract: Contract, channel: str) -> tuple[Scheme, ...]:
    """The schemes that the handshake of a channel carries, of its operations or else of its servers; none where nothing is said."""
    document = contract.asyncapi
    if document is None:
        return ()
    operations, servers = (_values(document, name) for name in ("operations", "servers"))
    mine = [item for item in operations if _pointed(item) == channel]
    for group in (mine, servers):
        found = [_scheme(name, scheme) for item in group for name, scheme in _securing(document, item)]
        if found:
            return tuple(dict.fromkeys(found))[:1]
    return ()


def security_schemes(document: Mapping[str, Any]) -> dict[str, Scheme]:
    """The security schemes of a document by name; those that no header, query or cookie carries are left out."""
    components = document.get("components")
    raw = components.get("securitySchemes") if is_mapping(components) else None
    if not is_mapping(raw):
        return {}
    resolved = {name: dereference(item, dict(document), f"securitySchemes {name}") for name, item in raw.items()}
    return {name: _scheme(name, item) for name, item in resolved.items() if is_mapping(item)}


def carried(schemes: tuple[Scheme, ...], secret: Callable[[Scheme], str | None]) -> Carried:
    """The headers and query parameters of a request whose credentials `secret` gives; a scheme without one is left out."""
    headers: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    for scheme in schemes:
        value = secret(scheme)
        if value is None:
            continue
        if scheme.carries == "basic":
            headers["authorization"] = "Basic " + base64.b64encode(value.encode()).decode()
        elif scheme.carries == "header":
            headers[scheme.key.lower()] = value
        elif scheme.carries == "query":
            query.append((scheme.key, value))
        elif scheme.carries == "cookie":
            headers["cookie"] = "; ".join(filter(None, (headers.get("cookie"), f"{scheme.key}={value}")))
        else:
            headers["authorization"] = f"Bearer {value}"
    return Carried(headers, tuple(query))


def subprotocols_with(names: tuple[str, ...], token: str) -> tuple[str, ...]:
    """WebSocket subprotocols with the token in them, as it is or in base64url without padding.

    >>> subprotocols_with(("feed.v1", "bearer.{base64url}"), "a/b=")
    ('feed.v1', 'bearer.YS9iPQ')
    """
    encoded = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    return tuple(name.replace("{token}", token).replace("{base64url}", encoded) for name in names)


def _scheme(name: str, declared: Mapping[str, Any]) -> Scheme:
    kind, place = declared.get("type"), declared.get("in")
    if kind in ("apiKey", "httpApiKey") and place in ("header", "query", "cookie"):
        return Scheme(name, str(place), str(declared.get("name", name)))
    if (kind == "http" and str(declared.get("scheme", "")).lower() == "basic") or kind == "userPassword":
        return Scheme(name, "basic")
    flows = declared.get("flows")
    grant = flows.get("clientCredentials") if is_mapping(flows) else None
    return Scheme(name, token_url=str(grant.get("tokenUrl", "")) if is_mapping(grant) else "")


def _values(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    return [item for item in found.values() if is_mapping(item)] if is_mapping(found) else []


def _pointed(item: Mapping[str, Any]) -> str:
    """The id of the channel that an AsyncAPI operation is about."""
    channel = item.get("channel")
    return str(channel.get("$ref", "")).rpartition("/")[2] if is_mapping(channel) else ""


def _securing(document: Mapping[str, Any], item: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    listed = item.get("security")
    found: list[tuple[str, Mapping[str, Any]]] = []
    for scheme in listed if is_list(listed) else ():
        resolved = dereference(scheme, dict(document), "security")
        if is_mapping(resolved):
            name = str(scheme.get("$ref", "")).rpartition("/")[2] if is_mapping(scheme) else ""
            found.append((name, resolved))
    return found
