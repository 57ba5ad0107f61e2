"""Text, Markdown and HTML."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from assay_conformance.compatibility.findings import Comparison, Finding

_SHOWN = 120
_REACHES = 4


def as_text(comparison: Comparison) -> str:
    """A few lines a finding, worst first, the class at the end."""
    lines: list[str] = []
    for each in comparison.findings:
        lines.append(f"{each.level.value:<9} {each.rule}  {each.pointer or '/'}  ({each.direction})")
        lines.append(f"          {each.sentence}")
        lines += [f"          {name}: {value}" for name, value in _facts(each)]
    lines.append(f"class: {comparison.level.value}, {len(comparison.findings)} findings")
    return "\n".join(lines) + "\n"


def _facts(each: Finding) -> list[tuple[str, str]]:
    found = [("before", _short(each.before)), ("after", _short(each.after))] if each.before is not None or each.after is not None else []
    if each.has_witness:
        found.append(("witness", _short(each.witness)))
    if each.reaches:
        more = len(each.reaches) - _REACHES
        found.append(("reaches", ", ".join(each.reaches[:_REACHES]) + (f" and {more} more" if more > 0 else "")))
    if each.policy:
        found.append(("policy", each.policy))
    return found


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def as_markdown(comparison: Comparison) -> str:
    """A table, worst first."""
    lines = [f"**Class: {comparison.level.value}**, {len(comparison.findings)} findings", ""]
    if comparison.findings:
        lines += ["| class | rule | direction | where | before | after | reaches |", "|---|---|---|---|---|---|---|"]
    for each in comparison.findings:
        cells = (
            each.level.value,
            f"`{each.rule}`",
            each.direction,
            f"`{each.pointer}`",
            f"`{_short(each.before)}`",
            f"`{_short(each.after)}`",
        )
        reaches = dict(_facts(each)).get("reaches", "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in (*cells, reaches)) + " |")
    return "\n".join(lines) + "\n"


def as_html(comparison: Comparison) -> str:
    """One page without anything from elsewhere."""
    rows = "".join(
        f"<tr class={each.level.value}><td>{each.level.value}<td>{escape(each.rule)}<td>{each.direction}"
        f"<td><code>{escape(each.pointer)}</code>"
        f"<td><code>{escape(_short(each.before))}</code><td><code>{escape(_short(each.after))}</code><td>{escape(', '.join(each.reaches))}"
        for each in comparison.findings
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>What changed</title>"
        "<style>body{font:15px system-ui;margin:2rem}"
        "td,th{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}"
        ".major td:first-child{color:#b00020;font-weight:600}</style>"
        f"<h1>Class: {comparison.level.value}</h1>"
        "<table><thead><tr><th>class<th>rule<th>direction<th>where<th>before<th>after<th>reaches</thead>"
        f"<tbody>{rows}</tbody></table></html>\n"
    )
