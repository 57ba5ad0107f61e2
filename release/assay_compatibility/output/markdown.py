"""Markdown: one table, for a pull request or a pipeline's summary."""

from __future__ import annotations

from collections.abc import Sequence

from assay_compatibility.findings import Comparison, Finding
from assay_compatibility.output.text import changed, consumer_summary, facts, summary


def as_markdown(comparison: Comparison) -> str:
    """A table, worst first."""
    lines = [f"**Class: {comparison.level.value}**, {summary(comparison)}", ""]
    lines += _table(comparison.concerning)
    if comparison.consumer is not None:
        others = [finding for finding in comparison.findings if not finding.uses]
        lines += ["", _cell(consumer_summary(comparison))]
        if others:
            lines += ["", "<details><summary>Not used by this consumer</summary>", "", *_table(others), "", "</details>"]
    return "\n".join(lines) + "\n"


def _table(findings: Sequence[Finding]) -> list[str]:
    lines: list[str] = []
    if findings:
        lines += ["| class | rule | direction | where | what | reaches | policy |", "|---|---|---|---|---|---|---|"]
    for finding in findings:
        at = "" if finding.location is None else f"<br>{_cell(str(finding.location))}"
        was = "" if finding.old is None else f"<br>was {_cell(str(finding.old))}"
        cells = (
            finding.level.value,
            _code(finding.rule),
            finding.direction,
            f"{_code(finding.pointer or '/')}{at}{was}",
            "<br>".join(f"{name} {_code(value)}" for name, value in changed(finding)),
            _cell(dict(facts(finding)).get("reaches", "")),
            _code(finding.policy) if finding.policy else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _cell(text: str) -> str:
    """Plain text in a table: what Markdown or HTML would read is escaped."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]|~" else letter for letter in text.replace("\n", " ").replace("<", "&lt;"))


def _code(text: str) -> str:
    """Code in a table, in more backticks than it holds; a bar ends a cell even there."""
    marks = "`" * (max((len(part) for part in text.replace("`", " ` ").split() if set(part) == {"`"}), default=0) + 1)
    if "`" in text:
        marks, text = marks + "`", f" {text} "
    return f"{marks}{text.replace('|', chr(92) + '|').replace(chr(10), ' ')}{marks}"
