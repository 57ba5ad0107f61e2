"""What a server saw of a client, and what the client said of its call."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_list, is_mapping


@dataclass(frozen=True, slots=True)
class Event:
    """One request as the server saw it.

    `at` is in seconds since the scenario began. `origin` is `first` for the server that the client was given and `second` for the one that
    it was redirected to. `operation` is empty for a path that the contract does not have. `credential` names the places in which the token
    stood, such as `header:authorization`; `key` is the idempotency key. `lacking` names what the contract requires of the request and it
    does not have, such as `query:tag` or `body:/sku`.
    """

    at: float
    origin: str
    method: str
    path: str
    operation: str
    credential: tuple[str, ...] = ()
    key: str | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What the client printed: `value` or `error`, or `none` where it said nothing that can be read.

    `about` says why nothing could be read. `status` and `code` belong to an error. `items` are the identities of a list, None where it gave
    none.
    """

    outcome: str
    status: int | None = None
    code: str | None = None
    items: tuple[Any, ...] | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: the requests that came, the report, and the identities that a list had."""

    events: tuple[Event, ...]
    report: Report
    items: tuple[Any, ...] = ()
    seconds: float = 0.0
    code: str | None = None
    """The code that the server answered with."""


def read_report(output: str, exit_code: int | None) -> Report:
    """The report in the output of a client: its last line that is a JSON object with `outcome`.

    `exit_code` is None for a client that was stopped. Whatever it printed, there is a report.
    """
    for line in reversed(output.splitlines()):
        try:
            value: Any = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if is_mapping(value) and value.get("outcome") in ("value", "error"):
            return _report(value)
    if exit_code is None:
        return Report("none", about="it did not end in time")
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
    about = f"it ended with exit code {exit_code} and no line with an outcome" + (f"; its last line: {last[:200]}" if last else "")
    # An error that nobody caught is an error that the caller sees, if without its status.
    return Report("none" if exit_code == 0 else "error", about=about)


def places_of(token: str, headers: Iterable[tuple[str, str]], query: Iterable[tuple[str, str]], url: str) -> tuple[str, ...]:
    """Where a token stands in a request: `header:name`, `query:name`, `cookie:name`, or `url` for anywhere else in the address."""
    found: list[str] = []
    for name, value in headers:
        if name.lower() == "cookie":
            found.extend(f"cookie:{pair.partition('=')[0].strip()}" for pair in value.split(";") if token in pair)
        elif token in value or token in _decoded(value):
            found.append(f"header:{name.lower()}")
    inside = [f"query:{name}" for name, value in query if token in value]
    found.extend(inside)
    if token in url and not inside:
        found.append("url")
    return tuple(dict.fromkeys(found))


def _decoded(value: str) -> str:
    """What a Basic credential says."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _report(value: Mapping[str, Any]) -> Report:
    status, code, items = value.get("status"), value.get("code"), value.get("items")
    return Report(
        str(value["outcome"]),
        status if isinstance(status, int) else None,
        code if isinstance(code, str) else None,
        tuple(items) if is_list(items) else None,
    )
