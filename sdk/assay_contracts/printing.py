"""What `assay contracts` prints: findings and rules as lines, a contract as tables, and all of them as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from assay_contracts.draft_status import is_draft
from assay_contracts.lint import RULES, Finding, Report, Rule
from assay_contracts.model import Contract


def print_findings(report: Report, form: str) -> None:
    """Print findings, one a line: `file:line:column: level rule: message`; SARIF has the waived ones too."""
    found = report.findings
    if form == "json":
        click.echo(json.dumps([_finding(finding) for finding in found], indent=2))
        return
    if form in ("sarif", "junit", "github"):
        from assay_contracts.lint.outputs import as_github, as_junit, as_sarif

        click.echo({"sarif": as_sarif, "junit": as_junit, "github": as_github}[form](report, Path.cwd()), nl=False)
        return
    for rule, findings in _by_rule(found):
        if len(findings) > 1:
            click.echo(click.style(f"{rule.id}: {len(findings)} findings. {rule.sentence}", dim=True))
        for finding in findings:
            where = click.style(f"{_short(finding.path)}:{finding.line}:{finding.column}", bold=True)
            level = click.style(finding.level, fg="red" if finding.level == "error" else "yellow")
            click.echo(f"{where}: {level} {finding.rule}: {finding.message}")
    errors = sum(finding.level == "error" for finding in found)
    waived = f", {len(report.waived)} waived" if report.waived else ""
    hidden = f"; {len(report.hidden)} more of house rules, which --profile house shows" if report.hidden else ""
    click.echo(f"{errors} errors, {len(found) - errors} warnings{waived} ({len(RULES)} rules){hidden}")


def _by_rule(findings: Iterable[Finding]) -> list[tuple[Rule, list[Finding]]]:
    """The findings grouped by rule: what the standards require before house rules, errors before warnings."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    listed = [(RULES[id], group) for id, group in groups.items()]
    return sorted(listed, key=lambda pair: (pair[0].profile != "standard", pair[0].level != "error"))


def print_rules(form: str) -> None:
    """Every rule with its sentence and the tool it protects."""
    rules = sorted(RULES.values(), key=lambda rule: rule.id)
    if form == "json":
        rows = [
            {"id": rule.id, "level": rule.level, "sentence": rule.sentence, "protects": rule.protects, "profile": rule.profile}
            for rule in rules
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for rule in rules:
        protects = f" Protects {rule.protects}." if rule.protects else ""
        click.echo(f"{rule.id} ({rule.level}{', house rule' if rule.profile == 'house' else ''}): {rule.sentence}{protects}")


def print_contract(contract: Contract, form: str) -> None:
    """What one contract says."""
    described = describe(contract)
    if form == "json":
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    console = Console(width=None if os.isatty(1) else 160, highlight=False)
    console.print(f"[bold]{contract.id}[/bold]" + (" (draft)" if described["draft"] else ""))
    for kind, value in described["digests"].items():
        console.print(f"  {kind:<10} {value}")
    operations = ([operation["id"], operation["request"], ", ".join(operation["annotations"])] for operation in described["operations"])
    _table(console, "Operations", ("operation", "request", "annotations"), operations)
    channels = (
        [channel["id"], channel["address"], ", ".join(channel["sends"]), ", ".join(channel["accepts"]) or "-"]
        for channel in described["channels"]
    )
    _table(console, "Channels", ("channel", "address", "server sends", "client may send"), channels)
    codes = (
        [code["code"], str(code["status"]), code["category"], _retry(retryable=code["retryable"]), ", ".join(code["operations"])]
        for code in described["codes"]
    )
    _table(console, "Error codes", ("code", "status", "category", "retry", "operations"), codes)
    clauses = ([clause["id"], clause["level"], clause["sentence"], ", ".join(clause["subjects"])] for clause in described["clauses"])
    _table(console, "Clauses", ("clause", "level", "sentence", "about"), clauses)


def describe(contract: Contract) -> dict[str, Any]:
    """A contract as plain values."""
    from assay_contracts.locking import contract_digests

    codes = contract.taxonomy.codes.values() if contract.taxonomy else ()
    return {
        "contract": str(contract.id),
        "draft": is_draft(contract.openapi) or is_draft(contract.asyncapi),
        "digests": contract_digests(contract),
        "operations": [
            {
                "id": operation.id,
                "request": f"{operation.method} {operation.path}",
                "parameters": [parameter.name for parameter in operation.parameters],
                "responses": list(operation.responses),
                "annotations": sorted(operation.annotations),
                "codes": list(operation.error_codes),
                "scopes": list(operation.scopes),
            }
            for operation in contract.operations
        ],
        "channels": [
            {
                "id": channel.id,
                "address": channel.address,
                "sends": list(channel.sent),
                "accepts": list(channel.received),
                "annotations": sorted(channel.annotations),
            }
            for channel in contract.channels
        ],
        "codes": [
            {
                "code": code.code,
                "status": code.status,
                "category": code.category,
                "retryable": code.retryable,
                "operations": [op.id for op in contract.operations if code.code in op.error_codes],
            }
            for code in codes
        ],
        "clauses": [
            {
                "id": clause.id,
                "level": clause.level,
                "sentence": clause.sentence,
                "subjects": list(contract.subjects(clause.id)),
            }
            for clause in contract.clauses()
        ],
    }


def _table(console: Console, title: str, columns: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console.print()
        console.print(table)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": _short(finding.path),
        "line": finding.line,
        "column": finding.column,
        "pointer": finding.pointer,
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
    }


def _short(path: Path) -> str:
    """A path as seen from here, when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _retry(*, retryable: bool | None) -> str:
    return {True: "yes", False: "no", None: "optional"}[retryable]
