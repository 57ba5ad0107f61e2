"""A list of certificates and keys that are no longer believed, as a JSON file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.errors import KitError

FORMAT = "assay-revocations/1"


class RevocationsUnreadable(KitError):
    """A list of revocations cannot be read: what it revokes is not known, so nothing can be verified with it."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is revoked: `names` is the digest of a certificate's statement (`sha256:<hex>`) or a key id; `since` is RFC 3339."""

    names: str
    since: str
    reason: str


def read_revocations(path: Path) -> tuple[Revocation, ...]:
    """Read a list; raises `RevocationsUnreadable` where one entry of it cannot be."""
    try:
        value: Any = json.loads(path.read_bytes())
        if not is_mapping(value) or value.get("format") != FORMAT or not is_list(value.get("revoked")):
            raise ValueError(f"expected an object of the format {FORMAT!r} with a list `revoked`")
        return tuple(_revocation(row) for row in value["revoked"])
    except (OSError, ValueError) as error:
        raise RevocationsUnreadable(f"{path}: no list of revocations: {error}") from None


def with_revocation(known: Sequence[Revocation], names: str, reason: str, now: dt.datetime) -> tuple[Revocation, ...]:
    """The list with one more entry; what is revoked already stays as it is."""
    if any(item.names == names for item in known):
        return tuple(known)
    return (*known, Revocation(names, now.strftime("%Y-%m-%dT%H:%M:%SZ"), reason))


def revocations_text(revoked: Sequence[Revocation]) -> str:
    """A list as it is written to a file."""
    return json.dumps({"format": FORMAT, "revoked": [asdict(item) for item in revoked]}, indent=2) + "\n"


def _revocation(row: Any) -> Revocation:
    if not is_mapping(row) or not all(isinstance(row.get(name), str) for name in ("names", "since", "reason")):
        raise ValueError("expected each entry to have the strings names, since and reason")
    return Revocation(row["names"], row["since"], row["reason"])
