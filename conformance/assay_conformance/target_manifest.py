"""The target manifest: one TOML file, read once; everything that is wrong in it is reported together.

A place in a message is the table and the key, such as `[tenants] primary`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.authorization import STATED
from assay_conformance.errors import TargetError
from assay_conformance.nostr import is_private_key
from assay_conformance.target import ClientCredentials, Hook, NostrSigner, Secret, Target
from assay_conformance.target_needs import ROLES, Needs

TENANTS = ROLES
SCOPES = "scopes"
KEYS = {
    "target": ("name", "version", "http", "ws", "subprotocols"),
    "credentials": (*TENANTS, "unscoped", *STATED, SCOPES),
    "tenants": TENANTS,
    "fixtures": ("window", "parameters", "command"),
    "signer": ("nostr", "at"),
    "hook": ("url", "token"),
    "waivers": ("faults",),
}
"""Every table of a manifest, with the keys that it may have."""
CLIENT = ("client_id", "client_secret", "token_url", "scope")
"""What a credential has that is an OAuth 2 client."""
WEB, FEED = ("http", "https"), ("ws", "wss")


def read_target(path: Path, *, http: str | None = None, needs: Needs | None = None) -> Target:
    """Read a manifest; `http` overrides its address, `needs` are those of the contract: all roles of tenants unless they are given.

    The manifest's address of the feed stays, unless the manifest is about another server than `http`: then the feed is looked for there.
    Raises `TargetError`, whose `details` name every entry that is wrong.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TargetError(f"{path}: there is no such file; expected a target manifest (`assay certify --help` shows one)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: is no TOML: {error}") from None
    return parse_target(data, str(path), http=http, needs=needs)


def parse_target(data: Mapping[str, Any], source: str, *, http: str | None = None, needs: Needs | None = None) -> Target:
    """Build a target from the parsed manifest.

    `source` is its name in messages; `http` and `needs` are those of `read_target`. Raises `TargetError`, whose `details` name every
    entry that is wrong.
    """
    reader = _Reader(data, needs or Needs(), addressed=http is not None)
    reader.reject_unknown()
    named = data.get("target")
    written = reader.address("target", "http", WEB) if http is None or (is_mapping(named) and "http" in named) else ""
    address = written if http is None else reader.checked_address(http, "the address", WEB)
    feed = reader.address("target", "ws", FEED, required=False)
    # An address that overrides the manifest's is another server, whose feed is where its HTTP is.
    if not feed or (written and written != address):
        feed = "ws" + address.removeprefix("http")
    target = Target(
        name=reader.string("target", "name", required=False) or (urlsplit(address).netloc if address else ""),
        version=reader.string("target", "version", required=False) or "unknown",
        http=address,
        ws=feed,
        credentials=reader.credentials(),
        tenants=reader.tenants(),
        fixtures=reader.fixtures(),
        hook=reader.hook(),
        waivers=reader.waivers(),
        by_scheme=reader.by_scheme(),
        clients=reader.clients(),
        by_scope=reader.by_scope(),
        subprotocols=reader.subprotocols(),
        signer=reader.signer(),
    )
    reader.finish(source)
    return target


class _Reader:
    """Reads entries of a manifest; a wrong one is noted and stands as an empty value until `finish` raises."""

    def __init__(self, data: Mapping[str, Any], needs: Needs, *, addressed: bool) -> None:
        self._tables: dict[str, Mapping[str, Any]] = {}
        self._needs = needs
        self._problems: list[str] = []
        self._data = data
        for name in KEYS:
            table = data.get(name)
            if is_mapping(table):
                self._tables[name] = table
            elif table is not None:
                self._note(f"[{name}] must be a table, got {_kind(table)}")
            elif (name == "target" and not addressed) or (name in ("credentials", "tenants") and getattr(needs, name)):
                self._note(f"[{name}] is missing; expected a table with {', '.join(KEYS[name])}")

    def finish(self, source: str) -> None:
        """Raise one `TargetError` with all problems, in the order of the manifest's tables."""
        order = [f"[{name}]" for name in KEYS]
        problems = sorted(dict.fromkeys(self._problems), key=lambda line: order.index(line.split(" ")[0]) if line[0] == "[" else -1)
        if len(problems) == 1:
            raise TargetError(f"{source}: {problems[0]}")
        if problems:
            raise TargetError(f"{source}: {len(problems)} entries are wrong", details=problems)

    def reject_unknown(self) -> None:
        """Note every table and key that no manifest has."""
        for name in self._data:
            if name not in KEYS:
                self._note(f"unknown table [{name}]{_meant(name, KEYS)}")
        for name, table in self._tables.items():
            for key in table:
                if key not in KEYS[name]:
                    self._note(f"[{name}] {key} is unknown{_meant(key, KEYS[name])}")

    def string(self, table: str, key: str, *, required: bool = True, expected: str = "a string") -> str:
        """A string that is not blank; empty when it is missing or wrong."""
        value = self._value(table, key, required=required, expected=expected)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._note(f"[{table}] {key} must be {expected}, got {_kind(value)}")
            return ""
        if not value.strip():
            self._note(f"[{table}] {key} is empty; expected {expected}")
            return ""
        return value

    def address(self, table: str, key: str, schemes: tuple[str, str], *, required: bool = True) -> str:
        """A base address without its trailing slash."""
        value = self.string(table, key, required=required, expected=f"an address such as {schemes[0]}://127.0.0.1:8000")
        return self.checked_address(value, f"[{table}] {key}", schemes) if value else ""

    def checked_address(self, value: str, place: str, schemes: tuple[str, str]) -> str:
        """An address from anywhere, without its trailing slash; empty when it is wrong."""
        expected = f"expected an address such as {schemes[0]}://127.0.0.1:8000"
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError as error:
            self._note(f"{place} is {value!r}: {error}; {expected}")
            return ""
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or parts.username or port == 0:
            redacted = value.replace(parts.netloc, parts.netloc.rpartition("@")[2]) if parts.username else value
            self._note(f"{place} is {redacted!r}; {expected}, without query and credentials")
            return ""
        return value.rstrip("/")

    def secret(self, table: str, key: str, *, expected: str = "a token, env:NAME or file:PATH", required: bool = True) -> Secret:
        """A token as written, or from `env:NAME` or `file:PATH`. The value never enters a message."""
        value = self.string(table, key, expected=expected, required=required)
        return self._secret(value, f"[{table}] {key}") if value else Secret("")

    def _secret(self, written: str, place: str) -> Secret:
        value = written
        if value.startswith("env:"):
            value = os.environ.get(value[4:], "")
            if not value:
                self._note(f"{place} names the environment variable {written[4:]}, which is not set; set it to a token")
                return Secret("")
        elif value.startswith("file:"):
            try:
                value = Path(value[5:]).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError, ValueError):
                self._note(f"{place} names the file {written[5:]}, which cannot be read; expected a file that holds a token")
                return Secret("")
        if not value or not value.isascii() or any(ch.isspace() or not ch.isprintable() for ch in value):
            self._note(f"{place} is no token: it is empty, or has white space or characters outside ASCII")
        return Secret(value)

    def credentials(self) -> dict[str, Secret]:
        """The tokens by role, those that the contract needs among them."""
        found: dict[str, Secret] = {}
        table = self._tables.get("credentials", {})
        for name in KEYS["credentials"]:
            if is_mapping(table.get(name)) or name == SCOPES:
                continue
            if name in table or name in self._needs.credentials:
                expected = (
                    f"a token that covers [tenants] {name} alone" if name in self._needs.tenants else "a token, env:NAME or file:PATH"
                )
                found[name] = self.secret("credentials", name, expected=expected)
        return found

    def by_scheme(self) -> dict[str, dict[str, Secret]]:
        """The credentials of roles that name one for each security scheme of the contract."""
        found: dict[str, dict[str, Secret]] = {}
        for role, table in self._credential_tables():
            if not set(table) & set(CLIENT):
                found[role] = {name: self._part(table, name, f"[credentials] {role}.{name}") for name in table}
        return found

    def clients(self) -> dict[str, ClientCredentials]:
        """The OAuth 2 clients of roles that get their tokens by one."""
        found: dict[str, ClientCredentials] = {}
        for role, table in self._credential_tables():
            if not set(table) & set(CLIENT):
                continue
            for name in table:
                if name not in CLIENT:
                    self._note(f"[credentials] {role}.{name} is unknown{_meant(name, CLIENT)}")
            parts = {name: self._part(table, name, f"[credentials] {role}.{name}") for name in CLIENT if name in table}
            for name in CLIENT[:2]:
                if name not in table:
                    self._note(f"[credentials] {role}.{name} is missing; expected that of an OAuth 2 client")
            texts = {name: parts[name].reveal() if name in parts else "" for name in ("client_id", "token_url")}
            scope = table.get("scope", "")
            found[role] = ClientCredentials(
                texts["client_id"],
                parts.get("client_secret", Secret("")),
                texts["token_url"],
                scope if isinstance(scope, str) else "",
            )
        return found

    def _credential_tables(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for role in KEYS["credentials"]:
            table = self._tables.get("credentials", {}).get(role)
            if is_mapping(table) and role != SCOPES:
                yield role, table

    def by_scope(self) -> dict[str, Secret]:
        """The tokens of operations that name a scope, by the scope."""
        table = self._table("credentials", SCOPES, "from scopes to tokens")
        return {scope: self._part(table, scope, f"[credentials] {SCOPES}.{scope}") for scope in table}

    def subprotocols(self) -> dict[str, tuple[str, ...]]:
        """The subprotocols that carry the token of a channel, by the channel."""
        found: dict[str, tuple[str, ...]] = {}
        for channel, listed in self._table("target", "subprotocols", "from channels to lists of subprotocols").items():
            names = tuple(name for name in listed if isinstance(name, str)) if is_list(listed) else ()
            if not is_list(listed) or len(names) != len(listed) or not any("{token}" in name or "{base64url}" in name for name in names):
                expected = 'expected strings, one with {token} or {base64url}, such as ["feed.v1", "bearer.{base64url}"]'
                self._note(f"[target] subprotocols.{channel} is no list of subprotocols that carries a token; {expected}")
            found[channel] = names
        return found

    def signer(self) -> NostrSigner | None:
        """The key that signs Nostr events, None when the manifest has none."""
        if "signer" not in self._tables:
            return None
        secret = self.secret("signer", "nostr", expected="a private key in hexadecimal, env:NAME or file:PATH")
        value = secret.reveal()
        if value and not (len(value) == 64 and set(value) <= set("0123456789abcdef") and is_private_key(value)):
            self._note("[signer] nostr is no private key; expected 64 hexadecimal digits in lower case")
        places = self._table("signer", "at", "from operations to pointers", required=True)
        for operation, pointer in places.items():
            if not isinstance(pointer, str) or not pointer.startswith("/"):
                self._note(
                    f"[signer] at.{operation} must be a pointer to events in the request body such as /events/*, got {_kind(pointer)}"
                )
        return NostrSigner(secret, {operation: str(pointer) for operation, pointer in places.items()})

    def _table(self, table: str, key: str, expected: str, *, required: bool = False) -> Mapping[str, Any]:
        """A table within a table; empty when it is missing or wrong."""
        value = self._value(table, key, required=required, expected=f"a table {expected}")
        if value is None or is_mapping(value):
            return value or {}
        self._note(f"[{table}] {key} must be a table {expected}, got {_kind(value)}")
        return {}

    def _part(self, table: Mapping[str, Any], name: str, place: str) -> Secret:
        value = table[name]
        if name == "scope":
            return Secret("")
        if not isinstance(value, str) or not value.strip():
            self._note(f"{place} must be a string, got {_kind(value)}")
            return Secret("")
        return self._secret(value, place)

    def tenants(self) -> dict[str, str]:
        """The names of the tenants by role, different ones; none for a contract that knows none."""
        given = self._tables.get("tenants", {})
        roles = [name for name in TENANTS if name in given or name in self._needs.tenants]
        found = {name: self.string("tenants", name, expected="the name of a tenant") for name in roles}
        first: dict[str, str] = {}
        for role, name in found.items():
            if name and first.setdefault(name, role) != role:
                self._note(f"[tenants] {role} is {name!r}, like [tenants] {first[name]}; expected three different tenants")
        return found

    def fixtures(self) -> dict[str, Any]:
        """What drivers may rely on: `window` as `{"from", "to"}` in UTC, and `parameters` by name."""
        table = self._tables.get("fixtures", {})
        found: dict[str, Any] = {}
        if "window" in table:
            found["window"] = self._window(table["window"])
        if "parameters" in table:
            found["parameters"] = self._parameters(table["parameters"])
        if "command" in table:
            found["command"] = self.string("fixtures", "command", expected="a command that prints values of path parameters as JSON")
        return found

    def hook(self) -> Hook | None:
        """The control hook, None when the manifest has none."""
        return Hook(self.address("hook", "url", WEB), self.secret("hook", "token")) if "hook" in self._tables else None

    def waivers(self) -> dict[str, str]:
        """The areas that are left out, each with its reason."""
        reason = self.string("waivers", "faults", required=False, expected="the reason why faults are left out, as a string")
        return {"faults": reason} if reason else {}

    def _window(self, value: Any) -> dict[str, str]:
        if not is_mapping(value):
            self._note(f'[fixtures] window must be a table {{ from = "…Z", to = "…Z" }}, got {_kind(value)}')
            return {}
        for key in value:
            if key not in ("from", "to"):
                self._note(f"[fixtures] window.{key} is unknown{_meant(key, ('from', 'to'))}")
        window = {key: self._moment(value.get(key), f"[fixtures] window.{key}") for key in ("from", "to")}
        start, end = window["from"], window["to"]
        if start is None or end is None:
            return {}
        if start >= end:
            self._note(f"[fixtures] window ends at {_written(end)}, not after its start {_written(start)}; expected from before to")
        return {"from": _written(start), "to": _written(end)}

    def _moment(self, value: Any, place: str) -> dt.datetime | None:
        expected = "expected a time in UTC such as 2026-11-01T00:00:00Z"
        if value is None:
            self._note(f"{place} is missing; {expected}")
            return None
        try:
            moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self._note(f"{place} is {value!r}; {expected}")
            return None
        if moment.utcoffset() != dt.timedelta(0):
            self._note(f"{place} is {value}; {expected}")
            return None
        return moment.replace(microsecond=0)

    def _parameters(self, value: Any) -> dict[str, Any]:
        if not is_mapping(value):
            self._note(f"[fixtures] parameters must be a table from parameter names to values, got {_kind(value)}")
            return {}
        for name, item in value.items():
            if not isinstance(item, str | int | float):
                self._note(f"[fixtures] parameters.{name} must be a string, a number or a boolean, got {_kind(item)}")
        return value

    def _value(self, table: str, key: str, *, required: bool, expected: str) -> Any:
        """The value of an entry; None where it is missing, which is noted when it is required and its table is there."""
        value = self._tables.get(table, {}).get(key)
        if value is None and required and table in self._tables:
            self._note(f"[{table}] {key} is missing; expected {expected}")
        return value

    def _note(self, problem: str) -> None:
        self._problems.append(problem)


def _written(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _meant(name: str, known: Iterable[str]) -> str:
    """What was expected instead of an unknown name, with a suggestion where one is near."""
    options = list(known)
    near = difflib.get_close_matches(name, options, n=1)
    return (f"; did you mean {near[0]}?" if near else ";") + f" expected one of {', '.join(options)}"


def _kind(value: Any) -> str:
    """The TOML name of a value's type, for messages. The value itself may be a token."""
    if isinstance(value, bool):
        return "a boolean"
    kinds: tuple[tuple[type, str], ...] = (
        (str, "a string"),
        (int, "an integer"),
        (float, "a float"),
        (list, "an array"),
        (dict, "a table"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a date or a time")
