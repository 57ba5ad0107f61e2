"""What is tested: one manifest file with addresses, credentials of two tenants and an empty one, fixtures and an optional control hook."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from assay_contracts.json_types import is_mapping

from assay_conformance.errors import TargetError

CREDENTIALS = ("primary", "other", "empty", "unscoped", "expired")
TENANTS = ("primary", "other", "empty")
SECTIONS = {"target", "credentials", "tenants", "fixtures", "hook", "waivers"}


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


def read_target(path: Path, *, http: str | None = None) -> Target:
    """Read a manifest; `http` overrides its address. Raises `TargetError`, which names the entry that is wrong.

    The manifest's address of the feed stays, unless the manifest is about another server than `http`: then the feed is looked for there.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TargetError(f"{path}: there is no such file; expected a target manifest (`assay certify --help` shows one)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: is no TOML: {error}") from None
    return parse_target(data, str(path), http=http)


def parse_target(data: Mapping[str, Any], source: str, *, http: str | None = None) -> Target:
    """Build a target from the parsed manifest. Raises `TargetError`, which names the entry that is wrong."""
    unknown = sorted(set(data) - SECTIONS)
    if unknown:
        raise TargetError(f"{source}: unknown section [{unknown[0]}]; expected {', '.join(sorted(SECTIONS))}")
    main = _section(data, "target", source)
    address = _address(http or _text(main, "target", "http", source), "target.http", ("http", "https"), source)
    elsewhere = "http" in main and _address(_text(main, "target", "http", source), "target.http", ("http", "https"), source) != address
    feed = None if elsewhere else main.get("ws")
    feed_address = _address(str(feed), "target.ws", ("ws", "wss"), source) if feed else "ws" + address.removeprefix("http")
    raw = _section(data, "credentials", source)
    for name in raw:
        if name not in CREDENTIALS:
            raise TargetError(f"{source}: unknown entry credentials.{name}; expected {', '.join(CREDENTIALS)}")
    credentials = {name: _secret(raw, "credentials", name, source) for name in CREDENTIALS if name in raw}
    named = _section(data, "tenants", source)
    for name in TENANTS:
        if name not in credentials:
            raise TargetError(f"{source}: credentials.{name} is missing; expected a token that covers tenants.{name} alone")
    tenants = {name: _text(named, "tenants", name, source) for name in TENANTS}
    if len(set(tenants.values())) < len(TENANTS):
        raise TargetError(f"{source}: [tenants] names one tenant twice; expected three different ones")
    fixtures = _section(data, "fixtures", source, required=False)
    window = fixtures.get("window")
    if window is not None:
        if not is_mapping(window) or not {"from", "to"} <= set(window):
            raise TargetError(f'{source}: fixtures.window is {window!r}; expected {{ from = "…Z", to = "…Z" }}')
        fixtures = {
            **fixtures,
            "window": {key: _moment(value, f"fixtures.window.{key}", source) for key, value in window.items()},
        }
        start, end = fixtures["window"]["from"], fixtures["window"]["to"]
        if start >= end:
            raise TargetError(f"{source}: fixtures.window ends at {end}, not after its start {start}; expected from before to")
    hook = None
    if "hook" in data:
        part = _section(data, "hook", source)
        hook = Hook(
            _address(_text(part, "hook", "url", source), "hook.url", ("http", "https"), source),
            _secret(part, "hook", "token", source),
        )
    waivers = _section(data, "waivers", source, required=False)
    for name, reason in waivers.items():
        if name != "faults" or not isinstance(reason, str) or not reason.strip():
            raise TargetError(f'{source}: waivers.{name} is {reason!r}; expected faults = "the reason why"')
    name = str(main.get("name", urlsplit(address).netloc))
    version = str(main.get("version", "unknown"))
    return Target(name, version, address, feed_address, credentials, tenants, fixtures, hook, waivers)


def _section(data: Mapping[str, Any], name: str, source: str, *, required: bool = True) -> dict[str, Any]:
    value = data.get(name)
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise TargetError(f"{source}: section [{name}] is missing; expected a table" if value is None else f"{source}: {name} is no table")
    return cast("dict[str, Any]", value)


def _text(part: Mapping[str, Any], section: str, name: str, source: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value.strip():
        raise TargetError(f"{source}: {section}.{name} is {'missing' if value is None else 'no text'}; expected text")
    return value


def _address(value: str, name: str, schemes: tuple[str, str], source: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"{source}: {name} is {value!r}: {error}; expected such as {schemes[0]}://127.0.0.1:8000") from None
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or parts.username or port == 0:
        raise TargetError(f"{source}: {name} is {value!r}; expected such as {schemes[0]}://127.0.0.1:8000, without query and credentials")
    return value.rstrip("/")


def _secret(part: Mapping[str, Any], section: str, name: str, source: str) -> Secret:
    """A token as written, or from `env:NAME` or `file:PATH`. The value never enters a message."""
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise TargetError(f"{source}: {section}.{name} is missing or no text; expected a token, env:NAME or file:PATH")
    if value.startswith("env:"):
        found = os.environ.get(value[4:])
        if not found:
            raise TargetError(f"{source}: {section}.{name} names the environment variable {value[4:]}, which is not set")
        value = found
    elif value.startswith("file:"):
        try:
            value = Path(value[5:]).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise TargetError(f"{source}: {section}.{name} names the file {value[5:]}, which cannot be read") from None
    if not value or not value.isascii() or any(ch.isspace() or not ch.isprintable() for ch in value):
        raise TargetError(f"{source}: {section}.{name} is no token: it is empty, or has white space or characters outside ASCII")
    return Secret(value)


def _moment(value: Any, name: str, source: str) -> str:
    import datetime as dt

    try:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise TargetError(f"{source}: {name} is {value!r}; expected a time in UTC such as 2026-11-01T00:00:00Z") from None
    if moment.utcoffset() != dt.timedelta(0):
        raise TargetError(f"{source}: {name} is {value}; expected a time in UTC, with Z")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
