"""What two servers differ in: text, Markdown and JSON."""

from __future__ import annotations

import json

from assay_drift.two_servers.comparison import Metric, compared
from assay_drift.two_servers.running import Outcome

_MOST = 40


def render(outcome: Outcome, form: str) -> str:
    """The outcome in one of the known forms."""
    return {"text": as_text, "json": as_json, "markdown": as_markdown}[form](outcome)


def as_json(outcome: Outcome) -> str:
    """The stable machine form."""
    return json.dumps(outcome.as_json(), indent=2, ensure_ascii=False) + "\n"


def as_text(outcome: Outcome) -> str:
    """What is beyond its threshold, worst first, then the totals by class."""
    lines = [f"{outcome.contract}: A {outcome.first}, B {outcome.second}", *_totals(outcome), ""]
    listed = outcome.beyond[:_MOST]
    for metric in listed:
        lines.append(f"{metric.operation} {metric.pointer}  ({metric.kind}, threshold {metric.threshold})")
        lines.append(f"    beyond in {metric.beyond} of {metric.compared} comparisons{_rounds(outcome, metric)}{_moving(metric)}")
        lines.append(f"    worst: {_worst(metric)}")
        if metric.worst is not None:
            lines.append(f"    asked: {metric.worst.question}")
    if len(outcome.beyond) > len(listed):
        lines.append(f"… and {len(outcome.beyond) - len(listed)} more metrics; --format json has them all")
    lines += [f"note: {note}" for note in outcome.notes]
    lines += ["", _verdict(outcome)]
    return "\n".join(lines) + "\n"


def as_markdown(outcome: Outcome) -> str:
    """A table of what is beyond its threshold, and one of the totals."""
    lines = [f"**{_verdict(outcome)}**", "", f"{outcome.contract}: A `{outcome.first}`, B `{outcome.second}`", ""]
    if outcome.beyond:
        lines += ["| operation | metric | class | threshold | beyond | compared | worst |", "|---|---|---|---|---|---|---|"]
    for metric in outcome.beyond:
        cells = (
            metric.operation,
            f"`{metric.pointer}`",
            metric.kind,
            str(metric.threshold),
            str(metric.beyond),
            str(metric.compared),
            _worst(metric),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += ["", *(f"- {line.strip()}" for line in _totals(outcome)), *(f"- {note}" for note in outcome.notes)]
    return "\n".join(lines) + "\n"


def _totals(outcome: Outcome) -> list[str]:
    kinds = dict.fromkeys(metric.kind for metric in sorted(outcome.metrics, key=lambda metric: metric.kind))
    rounds = f"{len(outcome.rounds)} round{'s' * (len(outcome.rounds) != 1)}"
    lines = [f"  {outcome.questions} requests in {rounds}, {outcome.matched} with a response from both"]
    for kind in kinds:
        own = [metric for metric in outcome.metrics if metric.kind == kind]
        beyond, moving = sum(row.beyond for row in own), sum(row.moving for row in own)
        lines.append(f"  {kind:<13} {compared(own):>7} compared, {beyond} beyond" + (f", {moving} moving" if moving else ""))
    if len(outcome.rounds) > 1:
        lines += [
            f"  round {finished.number} at {finished.started}: {finished.compared} compared, {finished.beyond} beyond"
            for finished in outcome.rounds
        ]
    times = [f"{name.upper()} p50 {timing['p50Ms']:.1f} ms, p95 {timing['p95Ms']:.1f} ms" for name, timing in outcome.timings.items()]
    return [*lines, f"  response time: {'; '.join(times)}"]


def _worst(metric: Metric) -> str:
    worst = metric.worst
    if worst is None or not (worst.first or worst.second):
        return "the values differ"
    share = f" ({worst.share:.2%})" if worst.share is not None else ""
    return f"A {worst.first}, B {worst.second}{share}"


def _rounds(outcome: Outcome, metric: Metric) -> str:
    return f", in {len(metric.rounds)} of {len(outcome.rounds)} rounds" if len(outcome.rounds) > 1 else ""


def _moving(metric: Metric) -> str:
    return f"; {metric.moving} were moving" if metric.moving else ""


def _verdict(outcome: Outcome) -> str:
    if outcome.drifted:
        return f"Drift: {len(outcome.beyond)} of {len(outcome.metrics)} metrics are beyond their threshold."
    return f"No drift: {len(outcome.metrics)} metrics, {compared(outcome.metrics)} comparisons within their thresholds."
