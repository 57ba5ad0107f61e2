"""Text: a few lines for each finding, and what Markdown and HTML also show of one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from assay_contracts.json_types import is_list

from assay_compatibility.classes import Severity
from assay_compatibility.findings import Comparison, Finding

MOST_LETTERS = 120
REACHES = 4
WORST_FIRST = sorted(Severity, key=lambda severity: -severity.rank)


def as_text(comparison: Comparison) -> str:
    """A few lines a finding, worst first, the class at the end."""
    lines: list[str] = []
    for finding in comparison.concerning:
        lines.append(headline(finding))
        lines.append(f"          {finding.sentence}")
        lines += [f"          {name}: {value}" for name, value in facts(finding)]
    lines += _of_consumer(comparison)
    lines.append(f"class: {comparison.level.value}, {summary(comparison)}")
    return "\n".join(lines) + "\n"


def headline(finding: Finding) -> str:
    """The class, the rule and the place of a finding on one line."""
    return f"{finding.level.value:<9} {finding.rule}  {finding.pointer or '/'}  ({finding.direction})"


def consumer_summary(comparison: Comparison) -> str:
    """How much of a comparison concerns its consumer; empty where none was named."""
    consumer = comparison.consumer
    if consumer is None:
        return ""
    elsewhere = f", {consumer.elsewhere} calls lead elsewhere" if consumer.elsewhere else ""
    share = f"{len(comparison.concerning)} of {len(comparison.findings)} findings"
    return (
        f"class for {consumer.source}: {comparison.consumer_level.value}, {share} concern what it uses "
        f"({_counted(len(consumer.operations), 'operation or message', 'operations and messages')}{elsewhere})"
    )


def _of_consumer(comparison: Comparison) -> list[str]:
    """The findings that do not concern the consumer, a line each, and how many do."""
    if comparison.consumer is None:
        return []
    others = [headline(finding) for finding in comparison.findings if not finding.uses]
    listed = [f"not used by {comparison.consumer.source}:", *(f"  {line}" for line in others)] if others else []
    return [*listed, consumer_summary(comparison)]


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def summary(comparison: Comparison) -> str:
    """How many findings there are, and how many of each class."""
    counts = Counter(finding.level for finding in comparison.findings)
    by_class = ", ".join(f"{counts[severity]} {severity.value}" for severity in WORST_FIRST if counts[severity])
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
    if finding.uses:
        lines.append(("used", _counted(finding.uses, "time", "times")))
    if finding.reaches:
        more = len(finding.reaches) - REACHES
        lines.append(("reaches", ", ".join(finding.reaches[:REACHES]) + (f" and {more} more" if more > 0 else "")))
    if finding.policy:
        lines.append(("policy", finding.policy))
    return lines


def changed(finding: Finding) -> list[tuple[str, str]]:
    """The value before and the value after; of two long lists only what differs."""
    before, after = finding.before, finding.after
    if is_list(before) and is_list(after) and len(whole(before)) + len(whole(after)) > MOST_LETTERS:
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
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
