"""What is asked: a request, who asks, for which tenant, and the forms of parameters."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from .refusing import Refused

CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,128}")
TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)(?:\.(\d{1,6}))?Z", re.ASCII)
TAGS = re.compile(r'(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)')
VERSION = re.compile(r"1(\.0(\.[0-9]+)?)?")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a token stands for; the tokens of this server are opaque."""

    tenant: str
    scopes: frozenset[str] = frozenset({"analytics:read"})
    expired: bool = False


@dataclass(slots=True)
class Keyring:
    """Every token that was ever given out."""

    tokens: dict[str, Credential] = field(default_factory=dict[str, Credential])

    def issue(self, tenant: str, *, scopes: frozenset[str] = frozenset({"analytics:read"}), expired: bool = False) -> str:
        """A new token."""
        token = f"s2.{secrets.token_urlsafe(18)}"
        self.tokens[token] = Credential(tenant, scopes, expired)
        return token

    def read(self, header: str | None) -> Credential | None:
        """What the `Authorization` header stands for, if anything that still holds."""
        scheme, _, token = (header or "").partition(" ")
        found = self.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        return None if found is None or found.expired else found


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    parameters: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        object.__setattr__(self, "parameters", found)

    def one(self, name: str, code: str = "INVALID_PARAMETER") -> str | None:
        """The only value of a parameter, or None."""
        values = self.parameters.get(name, [])
        if len(values) > 1:
            raise Refused(code, f"{name} may be given once", field=name)
        return values[0] if values else None

    def needed(self, name: str) -> str:
        """The only value of a parameter that must be there."""
        value = self.one(name)
        if value is None:
            raise Refused("INVALID_PARAMETER", f"{name} is missing", field=name)
        return value

    def chosen(self, allowed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """The fields of `filter`, refused unless they and their values are named by the contract."""
        found: dict[str, str] = {}
        for name, values in self.parameters.items():
            if name != "filter" and not name.startswith("filter["):
                continue
            inner = name[7:-1] if name.endswith("]") else ""
            if inner not in allowed or len(values) > 1 or values[0] not in allowed[inner]:
                raise Refused("INVALID_FILTER", "there is no such filter", field="filter")
            found[inner] = values[0]
        return found


def moment(text: str) -> dt.datetime | None:
    """A timestamp of the contract's form; None when it is none."""
    match = STAMP.fullmatch(text)
    if match is None:
        return None
    minute, second, fraction = match.groups()
    leap = second == "60"
    try:
        found = dt.datetime.fromisoformat(f"{minute}{'59' if leap else second}+00:00").replace(
            microsecond=int((fraction or "0").ljust(6, "0"))
        )
    except ValueError:
        return None
    return found + dt.timedelta(seconds=1) if leap else found


def correlation(request: Request) -> str:
    """The identifier of the exchange: the client's own if it is a valid one."""
    given = request.headers.get("x-correlation-id", "")
    return given if CORRELATION.fullmatch(given) else f"2nd_{secrets.token_hex(6)}"
