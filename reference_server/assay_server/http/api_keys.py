"""API keys: who holds one, by its hash. The file that lists them is read again when it changes, so that a key can be revoked."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from assay_server.http.auth import BadToken, Grant

_KEY = re.compile(r"[!-~]{16,256}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOOK_SECONDS = 1.0
_NEVER = float("inf")


class ApiKeys:
    """Reads keys. Each line of the file has a subject, the SHA-256 of the key in hexadecimal, and the scopes with commas between them.

    A time in a fourth place, such as `2027-01-01T00:00:00Z`, is when the key expires. Blank lines and comments (`#`) say nothing.
    """

    __slots__ = ("_grants", "_look_at", "_path", "_read")

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._grants: Mapping[str, Grant] = {}
        self._read: tuple[int, int] | None = None
        self._look_at = 0.0
        self._look()

    def read(self, values: list[str]) -> Grant:
        """The grant of the headers that carry a key; raises BadToken when there is not exactly one good key."""
        if len(values) != 1 or not _KEY.fullmatch(values[0]):
            raise BadToken("the API key is not valid")
        if time.monotonic() >= self._look_at:
            self._look()
        grant = self._grants.get(hashlib.sha256(values[0].encode()).hexdigest())
        if grant is None or grant.expires <= time.time():
            raise BadToken("the API key is not valid")
        return grant

    def _look(self) -> None:
        """Read the file when it changed; raises ValueError for a line that is none, and OSError."""
        self._look_at = time.monotonic() + _LOOK_SECONDS
        if self._path is None:
            return
        known = self._path.stat()
        version = (known.st_mtime_ns, known.st_size)
        if version != self._read:
            self._grants = _parsed(self._path)
            self._read = version


def _parsed(path: Path) -> dict[str, Grant]:
    found: dict[str, Grant] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        parts = line.split()
        if not parts or line.startswith("#"):
            continue
        if len(parts) not in (3, 4) or not _DIGEST.fullmatch(parts[1]):
            raise ValueError(f"{path}:{number}: expected a subject, the SHA-256 of a key and its scopes; see `assay serve --help`")
        if parts[1] in found:
            raise ValueError(f"{path}:{number}: the key of this line is listed before; give every subject a key of its own")
        expires = _expiry(parts[3], f"{path}:{number}") if len(parts) == 4 else _NEVER
        found[parts[1]] = Grant(parts[0], frozenset(), frozenset(parts[2].split(",")), expires)
    return found


def _expiry(text: str, place: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{place}: expected a time with its zone such as 2027-01-01T00:00:00Z, got {text!r}")
    return moment.timestamp()
