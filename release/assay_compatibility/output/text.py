"""Text: a few lines for each finding, and what Markdown and HTML also show of one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from assay_contracts.json_types import is_list

from assay_compatibility.classes import Severity
from assay_compatibility.findings import Comparison, Finding

SHOWN = 120
REACHES = 4
WORST_FIRST = sorted(Severity, key=lambda each: -each.rank)


def as_text(comparison: Comparison) -> str:
    """A few lines a finding, worst first, the class at the end."""
    lines: list[str] = []
    for finding in comparison.findings:
        lines.append(f"{finding.level.value:<9} {finding.rule}  {finding.pointer or '/'}  ({finding.direction})")
        lines.append(f"          {finding.sentence}")
        lines += [f"          {name}: {value}" for name, value in facts(finding)]
    lines.append(f"class: {comparison.level.value}, {summary(comparison)}")
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> str:
    """How many findings there are, and how many of each class."""
    counts = Counter(each.level for each in comparison.findings)
    by_class = ", ".join(f"{counts[each]} {each.value}" for each in WORST_FIRST if counts[each])
    number = len(comparison.findings)
    return f"{number} finding{'' if number == 1 else 's'}" + (f" ({by_class})" if by_class else "")


def facts(finding: Finding) -> list[tuple[str, str]]:
    """What there is to say beside the sentence: a name and a value for each line."""
    lines: list[tuple[str, str]] = []
    if finding.location is not None:
        lines.append(("at", str(finding.location)))
    if finding.old is not None:
        lines.append(("was at", str(finding.old)))
    lines += changed(finding)
    if finding.has_witness:
        lines.append(("witness", short(finding.witness)))
    elif finding.unshown:
        lines.append(("no witness", finding.unshown))
    if finding.reaches:
        more = len(finding.reaches) - REACHES
        lines.append(("reaches", ", ".join(finding.reaches[:REACHES]) + (f" and {more} more" if more > 0 else "")))
    if finding.policy:
        lines.append(("policy", finding.policy))
    return lines


def changed(finding: Finding) -> list[tuple[str, str]]:
    """The value before and the value after; of two long lists only what differs."""
    before, after = finding.before, finding.after
    if is_list(before) and is_list(after) and len(whole(before)) + len(whole(after)) > SHOWN:
        removed = [item for item in before if item not in after]
        added = [item for item in after if item not in before]
        return [(name, short(items)) for name, items in (("removed", removed), ("added", added)) if items] or [("order", "changed")]
    return [(name, short(value)) for name, value in (("before", before), ("after", after)) if value is not None]


def whole(value: Any) -> str:
    """A value in one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def short(value: Any) -> str:
    """A value in one line that is not too long."""
    text = whole(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
