"""The forms in which a result is printed for other tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from assay_contracts.formats import RuleEntry, as_sarif

from assay_conformance.evidence import Evidence
from assay_conformance.report.ctrf import ctrf_report
from assay_conformance.report.junit import junit_xml, report_row
from assay_conformance.report.summary import markdown_summary
from assay_conformance.report.web_fuzzing import web_fuzzing_report
from assay_conformance.verdicts import Outcome


def as_form(form: str, outcome: Outcome, evidence: Evidence, statement: Mapping[str, Any] | None = None) -> str:
    """The result as `junit`, `sarif`, `ctrf`, `wfc` or `markdown`; `statement` is the certificate of a run, where there is one."""
    return _FORMS[form](outcome, evidence, statement)


def _sarif(outcome: Outcome, evidence: Evidence, statement: Mapping[str, Any] | None) -> str:
    rules = {row.clause: RuleEntry(row.clause, row.sentence, f"{row.clause} {row.sentence}") for row in outcome.rows}
    return as_sarif(rules.values(), [report_row(row) for row in outcome.blocking])


_Writer = Callable[[Outcome, Evidence, "Mapping[str, Any] | None"], str]
_FORMS: dict[str, _Writer] = {
    "junit": lambda outcome, evidence, _: junit_xml(outcome, evidence).decode(),
    "sarif": _sarif,
    "ctrf": lambda outcome, evidence, _: orjson.dumps(ctrf_report(outcome, evidence), option=orjson.OPT_INDENT_2).decode(),
    "wfc": lambda outcome, evidence, _: orjson.dumps(web_fuzzing_report(outcome, evidence), option=orjson.OPT_INDENT_2).decode(),
    "markdown": markdown_summary,
}
FORMS = tuple(_FORMS)
