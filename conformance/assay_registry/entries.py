"""Entries of a registry: a folder for each, with the entry, the certificate and the evidence.

registry/keys.toml                                                whose key is whose
registry/<contract>/<version>/<implementation>-<version>/         entry.json, certificate.json, evidence.ndjson.gz
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
from assay_contracts import digest
from assay_contracts.json_types import is_list, is_mapping
from assay_signing import KeyId, KeyUnusable, read_key_id

from assay_registry.errors import RegistryUnusable

FORMAT = "assay-registry/1"
ENTRY, CERTIFICATE, EVIDENCE, KEYS = "entry.json", "certificate.json", "evidence.ndjson.gz", "keys.toml"
DAYS = 7
"""So many days before the end of a certificate its runner means to certify again."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One entry as it lies in a registry: its folder, and the bytes of its three files."""

    folder: Path
    entry: bytes
    certificate: bytes
    evidence: bytes


@dataclass(frozen=True, slots=True)
class Runner:
    """Who ran a certification, and whether they also made the implementation."""

    name: str
    key: KeyId
    independence: str = "self"
    build: str = ""
    url: str = ""
    notes: str = ""


def entry_of(statement: Mapping[str, Any], certificate: bytes, evidence: bytes, runner: Runner, now: dt.datetime) -> dict[str, Any]:
    """The entry of a certificate that was accepted."""
    predicate = statement["predicate"]
    implementation = {"name": predicate["implementation"]["name"], "version": predicate["implementation"]["version"]}
    more = {"build": runner.build, "url": runner.url}
    entry: dict[str, Any] = {
        "format": FORMAT,
        "implementation": implementation | {name: value for name, value in more.items() if value},
        "contract": predicate["contract"],
        "runner": {"name": runner.name, "key": runner.key},
        "independence": runner.independence,
        "certificate": digest(certificate),
        "evidence": digest(evidence),
        "kit": predicate["kit"]["digest"],
        "corpus": predicate["corpus"]["digest"],
        "requirements": predicate["requirements"]["digest"],
        "finished": _moment(predicate["finished"]),
        "expires": predicate["expires"],
        "added": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "next": (dt.datetime.fromisoformat(predicate["expires"]) - dt.timedelta(days=DAYS)).date().isoformat(),
    }
    return entry | ({"notes": runner.notes} if runner.notes else {})


def complaints(entry: Any) -> list[str]:
    """What is wrong with the form of an entry, each with its place."""
    schema = json.loads(files("assay_registry").joinpath("entry.schema.json").read_bytes())
    found = jsonschema_rs.Draft202012Validator(schema).iter_errors(entry)
    return sorted(f"/{'/'.join(map(str, error.instance_path))}: {error.message}" for error in found)


def folder_of(registry: Path, entry: Mapping[str, Any]) -> Path:
    """Where an entry lies: names are written with letters, digits, dots and dashes."""
    contract, implementation = entry["contract"], entry["implementation"]
    name = f"{implementation['name']}-{implementation['version']}"
    return registry / _plain(contract["name"]) / _plain(contract["version"]) / _plain(name)


def filed(registry: Path) -> tuple[Filed, ...]:
    """Every entry of a registry, by its folder. Raises `RegistryUnusable`."""
    if not registry.is_dir():
        raise RegistryUnusable(str(registry), expected="the folder of a registry", next_step="`assay registry add` makes one")
    return tuple(_filed(path.parent) for path in sorted(registry.glob(f"*/*/*/{ENTRY}")))


def known_keys(registry: Path) -> dict[str, tuple[KeyId, ...]]:
    """The keys of each runner, from keys.toml: a name, and a key id or a list of them. Raises `RegistryUnusable`."""
    path = registry / KEYS
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(read_key_id(key) for key in _texts(value)) for name, value in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyUnusable) as error:
        raise RegistryUnusable(str(path), expected='lines such as Somebody = "ed25519:..."', actual=str(error)) from None


def read_entry(data: bytes) -> dict[str, Any] | None:
    """An entry as JSON; None where it is none."""
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if is_mapping(value) else None


def _filed(folder: Path) -> Filed:
    try:
        entry, certificate, evidence = ((folder / name).read_bytes() for name in (ENTRY, CERTIFICATE, EVIDENCE))
    except OSError as error:
        raise RegistryUnusable(
            str(folder), expected=f"{ENTRY}, {CERTIFICATE} and {EVIDENCE}", actual=error.strerror or str(error)
        ) from None
    return Filed(folder, entry, certificate, evidence)


def _texts(value: Any) -> list[str]:
    """A text, or a list of them."""
    values: list[Any] = value if is_list(value) else [value]
    return [str(item) for item in values]


def _moment(text: str) -> str:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip(".-") or "-"
