"""SARIF 2.1.0: the format that code hosts show beside the line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay_contracts.formats.rows import Level, Place, ReportRow

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.FAULT: "error", Level.PASS: "none"}


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule as the `driver` lists it; `level` is its default, None when each result has its own."""

    id: str
    sentence: str
    help: str
    level: Level | None = None


def as_sarif(rules: Iterable[RuleEntry], rows: Iterable[ReportRow], *, here: Path | None = None) -> str:
    """One run: the rules by id, a result a row. Every row names one of the rules.

    Files below `here`, the working directory by default, are relative to it; a row that is suppressed stays, with its reason.
    """
    listed = {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}
    index = {id: number for number, id in enumerate(listed)}
    folder = here or Path.cwd()
    driver = {"name": "assay", "semanticVersion": version("assay"), "rules": [_rule(rule) for rule in listed.values()]}
    results = [_result(row, index[row.id], folder) for row in rows]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, default=str) + "\n"


def _rule(rule: RuleEntry) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": rule.id, "shortDescription": {"text": rule.sentence}, "help": {"text": rule.help}}
    if rule.level is not None:
        entry["defaultConfiguration"] = {"level": _level(rule.level)}
    return entry


def _result(row: ReportRow, index: int, here: Path) -> dict[str, Any]:
    location = _physical(row.place, here) if row.place is not None else {}
    if row.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": row.subject, "kind": "member"}]
    result: dict[str, Any] = {
        "ruleId": row.id,
        "ruleIndex": index,
        "level": _level(row.level),
        "message": {"text": row.message},
        "locations": [location] if location else [],
    }
    if row.fingerprint:
        result["partialFingerprints"] = {"assay/v1": row.fingerprint}
    if row.properties:
        result["properties"] = dict(row.properties)
    if row.related is not None:
        result["relatedLocations"] = [_physical(row.related, here) | {"id": 1, "message": {"text": "The old document."}}]
    if row.suppressed is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": row.suppressed}]
    return result


def _level(level: Level) -> str:
    return _LEVELS.get(level, level.value)


def _physical(place: Place, here: Path) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file, here)}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    return {"physicalLocation": physical}


def _uri(file: str, here: Path) -> str:
    """The address of a file: relative to a folder that it lies in, else whole; what is an address already stays."""
    if "://" in file:
        return file
    path = Path(file)
    if not path.is_absolute():
        return quote(file)
    full = path.resolve()
    return quote(full.relative_to(here).as_posix()) if full.is_relative_to(here) else full.as_uri()
