"""The public keys of an issuer, read from where it publishes them (RFC 7517) and read again as they rotate."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

import jwt
import msgspec

from assay_server.logs import Log

_FLOOR_SECONDS = 10.0
"""How much time lies between two readings at least: unknown key ids, which anybody can send, must not become a flood of requests."""
_OLD_SECONDS = 300.0
"""How old the keys may be before they are read again: a key that was withdrawn is believed no longer than that."""
_TIMEOUT_SECONDS = 5.0
_LARGEST = 256 * 1024

Keys = Mapping[str, Any]
Fetch = Callable[[], bytes]


class KeySet:
    """The keys of one issuer by their ids, of which only those for one algorithm are believed.

    Keys that cannot be read again stay: an issuer that is down for a while locks nobody out. The log says why they cannot.
    """

    __slots__ = ("_algorithm", "_clock", "_fetch", "_keys", "_log", "_read_at", "_reading", "_tried_at", "version")

    def __init__(self, fetch: Fetch, algorithm: str, clock: Callable[[], float] = time.monotonic, log: Log | None = None) -> None:
        self._fetch = fetch
        self._algorithm = algorithm
        self._clock = clock
        self._log = log
        self._keys: Keys = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self.version = 0
        """Grows with every change of the keys."""

    def key(self, token: str) -> Any:
        """The key that a token names, or the only one there is for a token without an id; None for none."""
        name = key_id(token)
        if name is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(name)

    async def prepare(self, token: str) -> None:
        """Read the keys where a token needs one that is not known, or they are old; many at once read once."""
        now = self._clock()
        needed = self.key(token) is None or now - self._read_at > _OLD_SECONDS
        if self._reading is None and (not needed or now - self._tried_at < _FLOOR_SECONDS):
            return
        if self._reading is None:
            self._tried_at = now
            self._reading = asyncio.create_task(self._read())
        # Shielded: one client that goes away must not take the keys from the others.
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        try:
            found = parse_keys(await asyncio.to_thread(self._fetch), self._algorithm)
        except (OSError, HTTPException, ValueError) as error:
            if self._log is not None:
                self._log.warning("key set", error=type(error).__name__, detail=str(error))
            return
        finally:
            self._reading = None
        self._read_at = self._clock()
        if found != self._keys:
            self.version += 1
        self._keys = found


def parse_keys(text: bytes, algorithm: str) -> dict[str, Any]:
    """The keys of a JWK set for an algorithm by their ids; raises ValueError for what is none. Keys of other kinds are left out."""
    document = msgspec.json.decode(text, type=dict[str, Any])
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise ValueError("expected a JWK set with `keys`")
    found: dict[str, Any] = {}
    for place, entry in enumerate(msgspec.convert(entries, list[dict[str, Any]])):
        if entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm or entry.get("kty") == "oct":
            continue
        try:
            found[str(entry.get("kid", f"key {place}"))] = jwt.PyJWK(entry, algorithm).key
        except (jwt.PyJWTError, TypeError):
            continue
    return found


def key_id(token: str) -> str | None:
    """The id of the key that a token says it was signed with."""
    try:
        name = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        return None
    return name if isinstance(name, str) else None


def fetch_from(url: str) -> Fetch:
    """Reads a key set from an address, or from a file with `file:`; raises ValueError for an address of another kind."""
    if not url.startswith(("https://", "http://", "file:")):
        raise ValueError(f"expected the address of a JWK set such as https://issuer/.well-known/jwks.json, got {url!r}")

    def fetch() -> bytes:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - the schemes are checked above
            return bytes(response.read(_LARGEST))

    return fetch
