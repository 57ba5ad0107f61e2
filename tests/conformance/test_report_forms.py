"""The forms of a result that other tools read, of a run with failures, gaps and passes."""

from __future__ import annotations

import asyncio
import json
from xml.etree import ElementTree as ET

import pytest
from assay_conformance import certifying
from assay_conformance.commands import FORMATS
from assay_conformance.report.forms import FORMS, as_form
from assay_conformance.report.web_fuzzing import web_fuzzing_report
from assay_conformance.run_plan import FULL_PLAN
from assay_contracts import load_contract

from .honest import running
from .test_wrong_servers import CountsTheEndToo

CONTRACT = load_contract("reliability@1.0.0")


@pytest.fixture(scope="module")
def result() -> certifying.Certification:
    """A run of one driver against a server that is wrong about windows."""
    server = CountsTheEndToo()

    async def run() -> certifying.Certification:
        async with running(server) as address:
            return await certifying.certify(CONTRACT, server.target(address), plan=FULL_PLAN.only(["window"]))

    return asyncio.run(run())


def form(result: certifying.Certification, name: str) -> str:
    """The result in a form."""
    return as_form(name, result.outcome, result.evidence)


def test_the_commands_offer_every_form() -> None:
    """Beside text and JSON."""
    assert ("text", "json", *FORMS) == FORMATS


def test_ctrf_counts_what_it_lists(result: certifying.Certification) -> None:
    """A failure and a MUST that was never exercised have failed; times are in milliseconds."""
    report = json.loads(form(result, "ctrf"))
    tests, summary = report["results"]["tests"], report["results"]["summary"]
    found = [test for test in tests if test["name"].startswith("WIN-001 ")]

    assert (report["reportFormat"], summary["tests"]) == ("CTRF", len(result.outcome.rows))
    assert sum(summary[status] for status in ("passed", "failed", "skipped", "pending", "other")) == len(tests)
    assert summary["failed"] == len(result.outcome.blocking)
    assert summary["passed"] > 0
    assert [(test["status"], test["suite"], "expected" in test["message"]) for test in found] == [("failed", ["getFunnelMetrics"], True)]
    assert summary["stop"] >= summary["start"] > 1_700_000_000_000


def test_the_web_fuzzing_report_names_faults_by_endpoint(result: certifying.Certification) -> None:
    """Each failed clause is a fault of an operation; what every operation answered is listed."""
    report = web_fuzzing_report(result.outcome, result.evidence)
    assert json.loads(form(result, "wfc")) == report
    rest = report["problemDetails"]["rest"]
    faults = {(fault["operationId"], fault["faultCategories"][0]["context"]) for fault in report["faults"]["foundFaults"]}

    assert ("GET:/v1/analytics/funnel-metrics", "WIN-001") in faults
    assert report["faults"]["totalNumber"] == len(faults)
    assert {fault["operationId"] for fault in report["faults"]["foundFaults"]} <= set(rest["endpointIds"])
    assert {"endpointId": "GET:/v1/analytics/funnel-metrics", "testCaseId": "getFunnelMetrics", "httpStatus": [200, 400]} in rest[
        "coveredHttpStatus"
    ]
    assert {fault["testCaseId"] for fault in report["faults"]["foundFaults"]} <= {case["id"] for case in report["testCases"]}


def test_sarif_has_what_blocks(result: certifying.Certification) -> None:
    """A result for each blocking row, by its rule."""
    (run,) = json.loads(form(result, "sarif"))["runs"]

    assert [item["ruleId"] for item in run["results"]] == [row.clause for row in result.outcome.blocking]


def test_junit_is_that_of_the_file(result: certifying.Certification) -> None:
    """A suite for each subject."""
    suites = ET.fromstring(form(result, "junit"))

    assert {suite.get("name") for suite in suites} == {row.subject for row in result.outcome.rows}


def test_markdown_says_what_to_do(result: certifying.Certification) -> None:
    """The verdict as a heading; the failure with both values and the command that shows it again."""
    text = form(result, "markdown")

    assert text.startswith("## NOT CERTIFIED: honest against reliability@1.0.0\n")
    assert "- **FAIL WIN-001** `getFunnelMetrics`" in text
    assert "`assay replay WIN-001@getFunnelMetrics --target target.toml`" in text
