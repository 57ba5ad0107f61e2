"""Text: each side and each kind apart, the verdict last."""

from __future__ import annotations

from itertools import groupby

from assay_drift.findings import Finding, Report, Side

_MOST = 40
_PLACES = 4
_PLURALS = {"media-type": "media types", "code": "error codes", "message": "messages", "status": "statuses"}
_EXPLAINED = {
    Side.UNDOCUMENTED: "the server has it, the contract does not",
    Side.CONTRADICTING: "both have it, and they disagree",
    Side.NEVER_SEEN: "the contract has it, the run never saw it",
}


def as_text(report: Report) -> str:
    """Each side and each kind apart, and the verdict at the end."""
    lines = [f"{report.contract} against {report.source}: " + ", ".join(f"{count} {name}" for name, count in report.seen.items() if count)]
    for side, found in groupby(report.findings, key=lambda finding: finding.side):
        lines += ["", f"{side.value.upper()}: {_EXPLAINED[side]}"]
        for kind, several in groupby(found, key=lambda finding: finding.kind.value):
            lines += _listed(kind, list(several))
    if report.notes:
        lines += ["", *(f"note: {note}" for note in report.notes)]
    return "\n".join([*lines, "", verdict(report)]) + "\n"


def _listed(kind: str, found: list[Finding]) -> list[str]:
    """The findings of one kind; the same thing in several operations is one line."""
    lines = [f"  {_PLURALS.get(kind, kind + 's') if len(found) != 1 else kind} ({len(found)})"]
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        alike.setdefault((finding.name, finding.example), []).append(finding)
    for (name, example), several in list(alike.items())[:_MOST]:
        places = [" ".join(part for part in (finding.subject, finding.place) if part and part != name) for finding in several]
        count = sum(finding.count for finding in several)
        facts = [part for part in (example, f"seen {count} times" if count > 1 else "seen once" if count else "") if part]
        lines.append("    " + "  ".join((name, f"[{_short(places)}]", ", ".join(facts))).rstrip())
    if len(alike) > _MOST:
        lines.append(f"    … and {len(alike) - _MOST} more; --format json has them all")
    return lines


def _short(places: list[str]) -> str:
    return ", ".join(places[:_PLACES]) + (f" and {len(places) - _PLACES} more" if len(places) > _PLACES else "")


def verdict(report: Report) -> str:
    """The verdict in one sentence, with a count for each side."""
    counts = {side: len(report.of(side)) for side in Side}
    by_side = f"{counts[Side.UNDOCUMENTED]} undocumented, {counts[Side.CONTRADICTING]} contradicting, {counts[Side.NEVER_SEEN]} never seen"
    return f"{'Drift' if report.drifted else 'No drift'}: {by_side}."
