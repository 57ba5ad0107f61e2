"""Text and Markdown."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from assay_compatibility.classes import Class
from assay_compatibility.findings import Comparison, Finding
from assay_compatibility.narrowing import is_array

SHOWN = 120
REACHES = 4
WORST_FIRST = sorted(Class, key=lambda each: -each.rank)


def as_text(comparison: Comparison) -> str:
    """A few lines a finding, worst first, the class at the end."""
    lines: list[str] = []
    for each in comparison.findings:
        lines.append(f"{each.level.value:<9} {each.rule}  {each.pointer or '/'}  ({each.direction})")
        lines.append(f"          {each.sentence}")
        lines += [f"          {name}: {value}" for name, value in facts(each)]
    lines.append(f"class: {comparison.level.value}, {summary(comparison)}")
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> str:
    """How many findings there are, and how many of each class."""
    counts = Counter(each.level for each in comparison.findings)
    told = ", ".join(f"{counts[each]} {each.value}" for each in WORST_FIRST if counts[each])
    number = len(comparison.findings)
    return f"{number} finding{'' if number == 1 else 's'}" + (f" ({told})" if told else "")


def facts(each: Finding) -> list[tuple[str, str]]:
    """What there is to say beside the sentence, a line each."""
    found: list[tuple[str, str]] = []
    if each.location is not None:
        found.append(("at", str(each.location)))
    if each.old is not None:
        found.append(("was at", str(each.old)))
    found += changed(each)
    if each.has_witness:
        found.append(("witness", short(each.witness)))
    elif each.unshown:
        found.append(("no witness", each.unshown))
    if each.reaches:
        more = len(each.reaches) - REACHES
        found.append(("reaches", ", ".join(each.reaches[:REACHES]) + (f" and {more} more" if more > 0 else "")))
    if each.policy:
        found.append(("policy", each.policy))
    return found


def changed(each: Finding) -> list[tuple[str, str]]:
    """What it was and what it is; of two long lists only what differs."""
    before, after = each.before, each.after
    if is_array(before) and is_array(after) and len(whole(before)) + len(whole(after)) > SHOWN:
        gone, come = ([one for one in side if one not in other] for side, other in ((before, after), (after, before)))
        return [(name, short(values)) for name, values in (("gone", gone), ("new", come)) if values] or [("order", "another")]
    return [(name, short(value)) for name, value in (("before", before), ("after", after)) if value is not None]


def whole(value: Any) -> str:
    """A value in one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def short(value: Any) -> str:
    """A value in one line that is not too long."""
    text = whole(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def as_markdown(comparison: Comparison) -> str:
    """A table, worst first."""
    lines = [f"**Class: {comparison.level.value}**, {summary(comparison)}", ""]
    if comparison.findings:
        lines += ["| class | rule | direction | where | what | reaches | policy |", "|---|---|---|---|---|---|---|"]
    for each in comparison.findings:
        at = "" if each.location is None else f"<br>{_cell(str(each.location))}"
        was = "" if each.old is None else f"<br>was {_cell(str(each.old))}"
        told = dict(facts(each))
        cells = (
            each.level.value,
            _code(each.rule),
            each.direction,
            f"{_code(each.pointer or '/')}{at}{was}",
            "<br>".join(f"{name} {_code(value)}" for name, value in changed(each)),
            _cell(told.get("reaches", "")),
            _code(each.policy) if each.policy else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Plain text in a table: what Markdown or HTML would read is escaped."""
    return "".join(f"\\{each}" if each in "\\`*_[]|~" else each for each in text.replace("\n", " ").replace("<", "&lt;"))


def _code(text: str) -> str:
    """Code in a table, in more backticks than it holds; a bar ends a cell even there."""
    marks = "`" * (max((len(each) for each in text.replace("`", " ` ").split() if set(each) == {"`"}), default=0) + 1)
    if "`" in text:
        marks, text = marks + "`", f" {text} "
    return f"{marks}{text.replace('|', chr(92) + '|').replace(chr(10), ' ')}{marks}"
