"""Text and HTML."""

from __future__ import annotations

from html import escape
from itertools import groupby

from assay_drift.findings import Finding, Report, Side

_MOST = 40
_PLACES = 4
_PLURALS = {"media-type": "media types", "code": "error codes", "message": "messages", "status": "statuses"}
_EXPLAINED = {
    Side.UNDOCUMENTED: "the server has it, the contract does not",
    Side.CONTRADICTING: "both have it, and they disagree",
    Side.NEVER_SEEN: "the contract has it, nothing showed it",
}


def as_text(report: Report) -> str:
    """Each side and each kind apart, and the verdict at the end."""
    lines = [f"{report.contract} against {report.source}: " + ", ".join(f"{count} {name}" for name, count in report.seen.items() if count)]
    for side, found in groupby(report.findings, key=lambda each: each.side):
        lines += ["", f"{side.value.upper()}: {_EXPLAINED[side]}"]
        for kind, several in groupby(found, key=lambda each: each.kind.value):
            lines += _listed(kind, list(several))
    if report.notes:
        lines += ["", *(f"note: {note}" for note in report.notes)]
    return "\n".join([*lines, "", _verdict(report)]) + "\n"


def _listed(kind: str, found: list[Finding]) -> list[str]:
    """The findings of one kind; the same thing in several operations is one line."""
    lines = [f"  {_PLURALS.get(kind, kind + 's') if len(found) != 1 else kind} ({len(found)})"]
    alike: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        alike.setdefault((each.name, each.example), []).append(each)
    for (name, example), several in list(alike.items())[:_MOST]:
        places = [" ".join(part for part in (each.subject, each.place) if part and part != name) for each in several]
        count = sum(each.count for each in several)
        facts = [part for part in (example, f"seen {count} times" if count > 1 else "seen once" if count else "") if part]
        lines.append("    " + "  ".join((name, f"[{_short(places)}]", ", ".join(facts))).rstrip())
    if len(alike) > _MOST:
        lines.append(f"    … and {len(alike) - _MOST} more; --format json has them all")
    return lines


def _short(places: list[str]) -> str:
    return ", ".join(places[:_PLACES]) + (f" and {len(places) - _PLACES} more" if len(places) > _PLACES else "")


def _verdict(report: Report) -> str:
    counts = {side: len(report.of(side)) for side in Side}
    told = f"{counts[Side.UNDOCUMENTED]} undocumented, {counts[Side.CONTRADICTING]} contradicting, {counts[Side.NEVER_SEEN]} never seen"
    return f"{'Drift' if report.drifted else 'No drift'}: {told}."


def as_html(report: Report) -> str:
    """One page without anything from elsewhere."""
    rows = "".join(
        f"<tr class='{'drift' if report.blocks(each) else 'note'}'><td>{each.side.value}<td>{each.kind.value}<td>{escape(each.subject)}"
        f"<td>{escape(each.place)}<td><code>{escape(each.name)}</code><td>{escape(each.example)}<td>{each.count or ''}"
        for each in report.findings
    )
    notes = "".join(f"<li>{escape(note)}" for note in report.notes)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Drift</title>"
        "<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .6rem;text-align:left;vertical-align:top;"
        "border-bottom:1px solid #ddd}.drift td:first-child{color:#b00020;font-weight:600}</style>"
        f"<h1>{escape(_verdict(report))}</h1><p>{escape(report.contract)} against {escape(report.source)}"
        "<table><thead><tr><th>side<th>kind<th>subject<th>place<th>name<th>seen as<th>times</thead>"
        f"<tbody>{rows}</tbody></table><ul>{notes}</ul></html>\n"
    )
