"""Ignore entries: changes that somebody answers for, each with a reason and a day on which it ends.

An entry names a rule and a pointer, and may name the contract or the version that it is about. One that has expired, or
that nothing needs any more, fails the gate.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay_contracts.formats import Place
from assay_contracts.json_types import is_list, is_mapping

from assay_gate.errors import GateInputRefused
from assay_gate.places import entry_lines, file_place

FILE = "gate-ignores.toml"
_WORDS = ("rule", "pointer", "reason", "owner")
_DAYS = ("expires", "expiry")
_MEMBERS = {*_WORDS, *_DAYS, "contract"}


@dataclass(frozen=True, slots=True)
class Ignore:
    """One change that is let be."""

    where: str
    rule: str
    pointer: str
    reason: str
    owner: str
    expires: dt.date
    contract: str = ""
    place: Place | None = None

    def about(self, label: str) -> bool:
        """Whether it can be about a release: any, all versions of one contract, or one of them."""
        return self.contract in ("", label, label.partition("@")[0])

    def covers(self, label: str, rule: str, pointer: str) -> bool:
        """Whether it names a change, by its pointer or by one above it."""
        below = pointer == self.pointer or pointer.startswith(self.pointer.rstrip("/") + "/")
        return self.rule == rule and below and self.about(label)


def read_ignores(path: Path) -> tuple[Ignore, ...]:
    """The entries of a file."""
    try:
        text = path.read_text(encoding="utf-8")
        data: Any = tomllib.loads(text)
    except OSError as error:
        raise GateInputRefused(str(path), expected="a file of ignore entries", actual=error.strerror or "nothing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GateInputRefused(str(path), expected="TOML", actual=str(error)) from None
    listed = data.get("ignore", [])
    if data.keys() - {"ignore"} or not is_list(listed):
        raise GateInputRefused(str(path), expected="tables [[ignore]] and nothing else", actual=", ".join(data))
    lines = entry_lines(text)
    if len(lines) != len(listed):
        lines = (0,) * len(listed)
    return tuple(
        replace(_entry(f"{path.name}, entry {number}", entry), place=file_place(path, line))
        for number, (entry, line) in enumerate(zip(listed, lines, strict=True), 1)
    )


def _entry(where: str, data: Any) -> Ignore:
    if not is_mapping(data):
        raise GateInputRefused(where, expected="a table", actual=type(data).__name__)
    if extra := data.keys() - _MEMBERS:
        raise GateInputRefused(where, expected=f"only {', '.join(sorted(_MEMBERS - {'expiry'}))}", actual=", ".join(sorted(extra)))
    for key in _WORDS:
        if not isinstance(data.get(key), str) or (key != "pointer" and not data[key].strip()):
            raise GateInputRefused(f"{where}: {key}", expected="some words", actual=repr(data.get(key)))
    days = [data[key] for key in _DAYS if key in data]
    if len(days) != 1 or not isinstance(days[0], dt.date) or isinstance(days[0], dt.datetime):
        raise GateInputRefused(f"{where}: expires", expected="one day such as 2027-06-30", actual=", ".join(map(str, days)) or "none")
    contract = data.get("contract", "")
    if not isinstance(contract, str):
        raise GateInputRefused(f"{where}: contract", expected="a name or NAME@VERSION", actual=repr(contract))
    return Ignore(where, data["rule"], data["pointer"], data["reason"], data["owner"], days[0], contract)
