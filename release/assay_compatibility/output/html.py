"""HTML: one page that reads on any screen and asks for nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from html import escape

from assay_compatibility.findings import Comparison, Finding
from assay_compatibility.output.text import WORST_FIRST, changed, short
from assay_compatibility.policies import POLICIES

_OPEN = 6
_STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--soft:#5b6168;--line:#d9dde2;--paper:#fff;--card:#f7f8fa;--major:#b3261e;--undecided:#8a5a00;
--minor:#0b57a4;--patch:#3f6212;--none:#5b6168}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a5abb3;--line:#3a3f45;--paper:#16181b;--card:#1f2226;--major:#ff8a80;
--undecided:#ffc766;--minor:#8ab4f8;--patch:#b5d98a;--none:#a5abb3}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}
.sides{color:var(--soft);overflow-wrap:anywhere;margin:0 0 1rem}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:0 0 1.5rem}
.badge{border:1px solid currentColor;border-radius:1rem;padding:.05rem .6rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.major{color:var(--major)}.undecided{color:var(--undecided)}.minor{color:var(--minor)}.patch{color:var(--patch)}.none{color:var(--none)}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:0 0 .75rem}
h2{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;font-size:1rem;margin:0}
p{margin:.35rem 0}
code,pre{font:.875rem/1.45 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
pre{margin:0}
.way{color:var(--soft);font-size:.875rem;font-weight:400}
dl{display:grid;align-items:baseline;grid-template-columns:6rem minmax(0,1fr);gap:.2rem .75rem;margin:.5rem 0 0}
dt{color:var(--soft)}dd{margin:0;min-width:0}
summary{cursor:pointer}
ul.reach{margin:.25rem 0 0;padding-left:1.2rem}
@media(max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .4rem}article{padding:.75rem}}
"""


def as_html(comparison: Comparison) -> str:
    """One page, worst first."""
    counts = Counter(finding.level for finding in comparison.findings)
    badges = "".join(
        f'<li class="badge {severity.value}">{counts[severity]} {severity.value}</li>' for severity in WORST_FIRST if counts[severity]
    )
    cards = "\n".join(_card(finding) for finding in comparison.findings) or "<p>Nothing changed.</p>"
    sides = f"{escape(comparison.old)} → {escape(comparison.new)}" if comparison.old or comparison.new else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What changed: {comparison.level.value}</title><style>{_STYLE}</style></head>\n<body><main>\n"
        f'<h1>Class: <span class="{comparison.level.value}">{comparison.level.value}</span></h1>\n<p class="sides">{sides}</p>\n'
        f'<ul class="counts">{badges}</ul>\n{cards}\n</main></body></html>\n'
    )


def _card(finding: Finding) -> str:
    """One finding."""
    rows: list[tuple[str, str]] = [("pointer", _code(finding.pointer or "/"))]
    if finding.location is not None:
        rows.append(("at", _code(str(finding.location))))
    if finding.old is not None:
        rows.append(("was at", _code(str(finding.old))))
    rows += [(name, f"<pre>{escape(value)}</pre>") for name, value in changed(finding)]
    if finding.has_witness:
        rows.append(("witness", f"<pre>{escape(short(finding.witness))}</pre>"))
    elif finding.unshown:
        rows.append(("no witness", escape(finding.unshown)))
    if finding.reaches:
        rows.append(("reaches", _reaches(finding.reaches)))
    if finding.policy:
        reason = f": {escape(POLICIES[finding.policy].reason)}" if finding.policy in POLICIES else ""
        rows.append(("policy", f"{_code(finding.policy)}{reason}"))
    listed, level = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows), finding.level.value
    return (
        f'<article id="f-{finding.fingerprint}"><h2><span class="badge {level}">{level}</span> {escape(finding.rule)} '
        f'<span class="way">{finding.direction}, {finding.area}</span></h2>\n<p>{escape(finding.sentence)}</p>\n<dl>{listed}</dl></article>'
    )


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _reaches(names: tuple[str, ...]) -> str:
    """A line where they are few, else a list that opens."""
    if len(names) <= _OPEN:
        return escape(", ".join(names))
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f'<details><summary>{len(names)} operations and messages</summary><ul class="reach">{items}</ul></details>'
