"""The rows as JUnit XML: a suite a subject, a case a clause. What pipelines show without being taught."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as ET

from assay_conformance.evidence import Evidence
from assay_conformance.verdicts import Outcome, Row, Verdict


def junit_xml(outcome: Outcome, evidence: Evidence) -> bytes:
    """One `testsuite` for each operation, channel and the contract itself; one `testcase` for each clause.

    FAIL is a failure, ERROR an error. An INCONCLUSIVE MUST is a failure too, since no certificate is given for it; an INCONCLUSIVE SHOULD
    and NOT_APPLICABLE are skipped.
    """
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        by_subject[row.subject].append(row)
    root = ET.Element("testsuites", name=f"{evidence.provenance.contract} against {evidence.provenance.target.get('name', '')}")
    for subject, rows in sorted(by_subject.items()):
        suite = ET.SubElement(root, "testsuite", name=subject, timestamp=evidence.provenance.started)
        totals = {"failure": 0, "error": 0, "skipped": 0}
        for row in rows:
            case = ET.SubElement(
                suite, "testcase", classname=f"{evidence.provenance.contract}.{subject}", name=f"{row.clause} {row.sentence}"
            )
            tag = _tag(row)
            if tag is None:
                continue
            totals[tag] += 1
            message = f"expected {row.expected}, got {row.actual}" if row.expected else row.about or row.verdict.value
            mark = ET.SubElement(case, tag, message=_clean(message))
            if tag != "skipped":
                mark.set("type", row.verdict.value)
            mark.text = _clean(f"{row.about}\nevidence: {', '.join(row.records) or 'none'}")
        suite.set("tests", str(len(rows)))
        suite.set("failures", str(totals["failure"]))
        suite.set("errors", str(totals["error"]))
        suite.set("skipped", str(totals["skipped"]))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _tag(row: Row) -> str | None:
    if row.verdict is Verdict.PASS:
        return None
    if row.verdict is Verdict.ERROR:
        return "error"
    blocks = row.level == "MUST" and row.scored
    if row.verdict is Verdict.NOT_APPLICABLE or not blocks:
        return "skipped"
    return "failure"


def _clean(text: str) -> str:
    """Drop what XML 1.0 cannot hold; fuzzed values hold anything."""
    return "".join(ch for ch in text if ch in "\t\n\r" or "\x20" <= ch <= "\ud7ff" or "\ue000" <= ch <= "\ufffd" or ch >= "\U00010000")
