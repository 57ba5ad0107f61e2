"""The rows of a run as CTRF, the Common Test Report Format: JSON that dashboards of test results read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from assay_conformance.evidence import Evidence
from assay_conformance.verdicts import Outcome, Row, Verdict

SPECIFICATION = "0.0.0"
_STATUS = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.NOT_APPLICABLE: "skipped", Verdict.ERROR: "other"}


def ctrf_report(outcome: Outcome, evidence: Evidence) -> dict[str, Any]:
    """One test for each clause and subject, in a suite of its subject.

    An INCONCLUSIVE MUST has failed, since no certificate is given for it; an INCONCLUSIVE SHOULD is pending.
    """
    provenance = evidence.provenance
    tests = [_test(row) for row in outcome.rows]
    counts = Counter(test["status"] for test in tests)
    summary = {"tests": len(tests), **{status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")}}
    times = {"start": _milliseconds(provenance.started), "stop": _milliseconds(provenance.finished or provenance.started)}
    return {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "generatedBy": "assay",
        "results": {
            "tool": {"name": "assay", "version": provenance.kit_version},
            "summary": {**summary, **times},
            "tests": tests,
            "environment": {"appName": str(provenance.target.get("name", "")), "appVersion": str(provenance.target.get("version", ""))},
        },
    }


def _test(row: Row) -> dict[str, Any]:
    test: dict[str, Any] = {"name": f"{row.clause} {row.sentence}", "status": _status(row), "duration": 0, "suite": [row.subject]}
    message = f"expected {row.expected}, got {row.actual}" if row.expected else row.about
    return {**test, "rawStatus": row.verdict.value, "tags": [row.level], **({"message": message} if message else {})}


def _status(row: Row) -> str:
    if row.verdict is Verdict.INCONCLUSIVE:
        return "failed" if row.level == "MUST" and row.scored else "pending"
    return _STATUS[row.verdict]


def _milliseconds(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).timestamp() * 1000)
