"""What is tested: addresses, credentials of two tenants and an empty one, fixtures and an optional control hook."""

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
class Hook:
    """Where a target's state can be changed: faults and activities."""

    url: str
    token: Secret


@dataclass(frozen=True, slots=True)
class Target:
    """An implementation under test.

    `http` and `ws` are base addresses without a trailing slash; `credentials` maps `primary`, `other`, `empty` and, where the target has
    them, `unscoped` and `expired` to bearer tokens; `tenants` maps `primary`, `other`, `empty` to tenant names; `fixtures` holds what the
    drivers may rely on (`window`: a settled span with data; `parameters`: values of path parameters); `waivers` maps an
    area (`faults`) to the reason why it is left out, which the certificate then says.
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

    def described(self) -> dict[str, Any]:
        """The target as evidence and certificates show it: without credentials."""
        return {
            "name": self.name,
            "version": self.version,
            "http": self.http,
            "ws": self.ws,
            "tenants": dict(self.tenants),
            "fixtures": dict(self.fixtures),
            "hook": self.hook is not None,
            "waivers": dict(self.waivers),
        }
