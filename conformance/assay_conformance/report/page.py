"""The report as one HTML page that needs nothing else: verdict, provenance, every clause, and the evidence of what failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2
from assay_contracts import parse_bundle
from assay_contracts.ambiguities import open_readings

from assay_conformance.evidence import Evidence, Exchange, Record
from assay_conformance.report.causes import causes, leaves
from assay_conformance.verdicts import Outcome, Row, Verdict

MOST_EVIDENCE = 40
"""Records shown in full for one row; the evidence file has the rest."""


def report_page(outcome: Outcome, evidence: Evidence, certificate: Mapping[str, Any]) -> str:
    """The whole page as text. Credentials never reach it: evidence holds their names only."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("assay_conformance.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    provenance = evidence.provenance
    contract = parse_bundle(provenance.openapi, provenance.asyncapi) if provenance.openapi else None
    known = {item.id: item for item in evidence.records}
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        groups[row.subject].append(row)

    def shown(row: Row) -> list[dict[str, Any]]:
        return list(_shown(row, known))

    predicate: Mapping[str, Any] = certificate.get("predicate", {})
    return environment.get_template("report.html.j2").render(
        outcome=outcome,
        groups=sorted(groups.items()),
        causes=causes(outcome, known, str(provenance.target.get("http", "")), contract),
        headline=headline(outcome, aborted=predicate.get("reason") is not None, draft=bool(predicate.get("draft"))),
        certified=outcome.certified and predicate.get("verdict", "certified") == "certified",
        provenance=provenance,
        certificate=certificate,
        verdicts=list(Verdict),
        records=len(evidence.records),
        shown=shown,
        readings=open_readings(provenance.contract.partition("@")[0], (row.clause for row in outcome.rows)),
    )


def headline(outcome: Outcome, *, aborted: bool = False, draft: bool = False) -> str:
    """The verdict in a few words, with what qualifies it: a draft, promises that a waiver leaves out."""
    if not outcome.certified or aborted:
        return "NOT CERTIFIED"
    notes = (["draft"] if draft else []) + ([f"without faults, {outcome.left_out} promises left out"] if outcome.waived else [])
    return "CERTIFIED" + (f" ({'; '.join(notes)})" if notes else "")


def _shown(row: Row, known: Mapping[str, Record]) -> Iterator[dict[str, Any]]:
    """The records behind a row, conversations opened into their exchanges and sessions."""
    count = 0
    for name in row.records:
        for item in leaves(known.get(name)):
            if count == MOST_EVIDENCE:
                return
            count += 1
            if isinstance(item, Exchange):
                request = item.request
                query = "&".join(f"{key}={value}" for key, value in request.query)
                yield {
                    "id": item.id,
                    "title": f"{request.method} {request.path}{'?' + query if query else ''}",
                    "as": request.credential,
                    "came": item.failure or f"{item.answer.status} · {item.elapsed * 1000:.0f} ms",
                    "text": "\n".join(f"{key}: {value}" for key, value in item.answer.headers) + "\n\n" + item.answer.body[:4000],
                }
            else:
                yield {
                    "id": item.id,
                    "title": f"{item.purpose}: {len(item.received)} frames",
                    "as": item.request.credential,
                    "came": item.failure or f"closed {item.close_code} by {item.ended_by}",
                    "text": "\n".join(f"{frame.at:9.3f} {'→' if frame.sent else '←'} {frame.text[:300]}" for frame in item.frames[:60]),
                }
