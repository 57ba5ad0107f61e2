"""What is tested: addresses, credentials by role, tenants where the contract knows any, fixtures and an optional control hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Secret:
    """A token that shows itself to nobody by accident: not in a repr, a log or a report."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The token itself, for the wire only."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A client that gets its tokens by the OAuth 2 client credentials grant.

    `token_url` is empty where the contract's security scheme names it.
    """

    client_id: str
    client_secret: Secret
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class NostrSigner:
    """A Nostr key that signs the events of requests (NIP-01).

    `secret` is the private key in hexadecimal; `at` maps an operation to the pointer that leads to the events in its body, such as
    `/events/*`.
    """

    secret: Secret
    at: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a target's state can be changed: faults and activities."""

    url: str
    token: Secret


@dataclass(frozen=True, slots=True)
class Target:
    """An implementation under test.

    `http` and `ws` are base addresses without a trailing slash. `credentials` maps `primary` and, where the contract has a use for them,
    `other`, `empty`, `unscoped`, `expired` and `another-audience` to what a request of that role carries: a bearer token, an API key, or
    `user:password`.
    `by_scheme` maps a role to credentials for named security schemes, for requests that need several at once; `clients` maps a
    role to an OAuth 2 client whose token is fetched before the run. `tenants` maps `primary`, `other`, `empty` to tenant names; it is empty
    for a contract without tenants. `fixtures` holds what the drivers may rely on (`window`: a settled span with data; `parameters`: values
    of path parameters, by name or by place such as `/orders/{orderId}`; `command`: prints such values anew).
    `by_scope` maps a scope to the token that primary requests of an operation with that scope carry. `subprotocols` maps a channel to
    the WebSocket subprotocols that carry the token instead of a header, `{token}` or `{base64url}` standing for it. `signer` signs events.
    `waivers` maps an area (`faults`) to the reason why it is left out, which the certificate then says.
    """

    name: str
    version: str
    http: str
    ws: str
    credentials: Mapping[str, Secret] = field(repr=False)
    tenants: Mapping[str, str]
    fixtures: Mapping[str, Any]
    hook: Hook | None = None
    waivers: Mapping[str, str] = field(default_factory=dict[str, str])
    by_scheme: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict[str, Mapping[str, Secret]], repr=False)
    clients: Mapping[str, ClientCredentials] = field(default_factory=dict[str, ClientCredentials], repr=False)
    by_scope: Mapping[str, Secret] = field(default_factory=dict[str, Secret], repr=False)
    subprotocols: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    signer: NostrSigner | None = field(default=None, repr=False)

    def has_credential(self, role: str) -> bool:
        """Whether a request can be sent in this role."""
        return role in self.credentials or role in self.by_scheme or role in self.clients

    def tenant(self, role: str) -> str:
        """The name of the tenant of a role; empty where the target has none."""
        return self.tenants.get(role, "")

    def path_values(self, template: str) -> dict[str, str]:
        """The values of the parameters of a path template; a value by place goes before one by name."""
        known: Mapping[str, Any] = self.fixtures.get("parameters", {})
        found: dict[str, str] = {}
        for place, name in places_of(template):
            value = known.get(place, known.get(name))
            if value is not None:
                found[name] = str(value)
        return found

    def described(self) -> dict[str, Any]:
        """The target as evidence and certificates show it: without credentials."""
        return {
            "name": self.name,
            "version": self.version,
            "http": self.http,
            "ws": self.ws,
            "tenants": dict(self.tenants),
            "fixtures": {name: value for name, value in self.fixtures.items() if name != "command"},
            "hook": self.hook is not None,
            "waivers": dict(self.waivers),
        }


def places_of(template: str) -> tuple[tuple[str, str], ...]:
    """Each parameter of a path template as its place and its name: `/shops/{shop}/orders/{order}` has the place `/shops/{shop}`."""
    found: list[tuple[str, str]] = []
    start = template.find("{")
    while start >= 0:
        end = template.find("}", start)
        if end < 0:
            break
        found.append((template[: end + 1], template[start + 1 : end]))
        start = template.find("{", end)
    return tuple(found)
