"""Whether an entry of a registry holds: everything in it is judged again from its evidence. It does no I/O."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_conformance.revocations import Revocation
from assay_conformance.verifying import Trust, Verification, verify
from assay_signing import KeyId

from assay_registry.entries import Filed, Runner, complaints, entry_of, folder_of, read_entry

STATED = ("format", "contract", "certificate", "evidence", "kit", "corpus", "requirements", "finished", "expires")
"""What an entry repeats of its certificate, so that a reader need not open it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One entry with what is wrong with it. An entry that has only expired is not wrong: `expired` says so."""

    folder: Path
    entry: Mapping[str, Any]
    problems: tuple[str, ...]
    expired: bool = False
    signers: tuple[KeyId, ...] = ()


def check_entry(
    registry: Path, item: Filed, keys: Mapping[str, Sequence[KeyId]], now: dt.datetime, revoked: Collection[Revocation] = ()
) -> Checked:
    """Judge one entry again. `keys` says whose key is whose, as the owners of the registry reviewed it."""
    entry = read_entry(item.entry)
    if entry is None:
        return Checked(item.folder, {}, ("entry.json is no JSON object",))
    wrong = complaints(entry)
    if wrong:
        return Checked(item.folder, entry, tuple(wrong[:3]))
    runner = entry["runner"]
    trusted = tuple(key for key in keys.get(runner["name"], ()) if key == runner["key"])
    if not trusted:
        return Checked(item.folder, entry, (f"keys.toml does not give {runner['name']!r} the key {runner['key']}",))
    # Whether it was right is one question, whether it is still valid another.
    moment = min(now, dt.datetime.fromisoformat(entry["expires"]) - dt.timedelta(seconds=1))
    found = verify(item.certificate, item.evidence, Trust(trusted, revoked=revoked), moment)
    problems = [*_refusals(found), *_contradictions(registry, item, entry, found, now)]
    expired = dt.datetime.fromisoformat(entry["expires"]) <= now
    return Checked(item.folder, entry, tuple(problems), expired, found.signers)


def _refusals(found: Verification) -> Iterator[str]:
    for step in found.steps:
        if step.holds is False:
            yield f"{step.name}: {step.detail}"


def _contradictions(registry: Path, item: Filed, entry: Mapping[str, Any], found: Verification, now: dt.datetime) -> Iterator[str]:
    """What the entry says otherwise than its certificate."""
    if not found.accepted:
        return
    right = entry_of(found.statement, item.certificate, item.evidence, Runner(entry["runner"]["name"], entry["runner"]["key"]), now)
    for name in STATED:
        if entry[name] != right[name]:
            yield f"/{name}: it says {entry[name]}, its certificate {right[name]}"
    for name in ("name", "version"):
        if entry["implementation"][name] != right["implementation"][name]:
            yield f"/implementation/{name}: it says {entry['implementation'][name]!r}, its certificate {right['implementation'][name]!r}"
    if not entry["finished"] <= entry["added"] <= now.strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield f"/added: {entry['added']} is not between the run and now"
    if item.folder != folder_of(registry, right):
        yield f"it lies in {item.folder}, and belongs into {folder_of(registry, right)}"
