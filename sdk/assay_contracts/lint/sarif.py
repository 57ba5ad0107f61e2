"""SARIF 2.1.0: findings as the format that code hosts show beside the line."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assay_contracts.lint.rules import RULES, Finding, Rule
from assay_contracts.lint.run import Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(report: Report, here: Path) -> dict[str, Any]:
    """A report as one SARIF run; files below `here` are named relative to it, waived findings are suppressed."""
    rules = sorted(RULES.values(), key=lambda each: each.id)
    index = {rule.id: number for number, rule in enumerate(rules)}
    address = _addresses(here)
    results = [_result(each, index[each.rule], address) for each in report.findings]
    for each in report.waived:
        why = f"{each.waiver.reason} ({each.waiver.owner}, until {each.waiver.expires.isoformat()})"
        suppression = {"kind": "external", "status": "accepted", "justification": why}
        results.append(_result(each.finding, index[each.finding.rule], address) | {"suppressions": [suppression]})
    driver = {
        "name": "assay",
        "semanticVersion": version("assay"),
        "rules": [_rule(each) for each in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    protects = f" Protects {rule.protects}." if rule.protects else ""
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.sentence},
        "help": {"text": f"{rule.sentence}{protects} See docs/lint/{rule.id}.md."},
        "defaultConfiguration": {"level": rule.level},
    }


def _result(finding: Finding, index: int, address: Callable[[Path], str]) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": address(finding.path)},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.pointer, "kind": "member"}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [location],
    }


def _addresses(here: Path) -> Callable[[Path], str]:
    def address(path: Path) -> str:
        full = path.resolve()
        return quote(full.relative_to(here).as_posix()) if full.is_relative_to(here) else full.as_uri()

    return address
