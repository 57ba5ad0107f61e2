"""Reports show what the rows say, safely."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from assay_conformance.authorization import Scheme
from assay_conformance.evidence import Evidence, Exchange, Provenance, Request, Response
from assay_conformance.report import Progress, junit_xml, print_outcome, report_page
from assay_conformance.report.causes import causes, curl
from assay_conformance.report.page import headline
from assay_conformance.report.writing import write_reports
from assay_conformance.verdicts import Outcome, Row, Verdict
from assay_contracts import parse_bundle
from rich.console import Console

PROVENANCE = Provenance(
    "shop@1.0.0",
    "sha256:a",
    "sha256:b",
    "sha256:c",
    "0.1.0",
    {"name": "<mine>", "version": "1", "http": "http://127.0.0.1:1"},
    "then",
    "now",
)


def row(verdict: Verdict, level: str = "MUST", clause: str = "PAG-001") -> Row:
    """One row with something to escape in it."""
    return Row(clause, level, "A walk ends.", "list", verdict, expected="<b>[red]1[/]", actual="\x002", about="page 3", records=("x1",))


def evidence() -> Evidence:
    """One exchange whose body would break a careless page."""
    request = Request("GET", "/items", (("q", "<script>"),))
    return Evidence(
        PROVENANCE,
        (Exchange(id="x1", subject="list", purpose="p", request=request, response=Response(200, (), "</pre><script>alert(1)</script>")),),
    )


def test_the_page_escapes_what_a_server_said() -> None:
    """No tag of a response body or a name becomes a tag of the page."""
    page = report_page(Outcome((row(Verdict.FAIL),)), evidence(), {})

    assert ("<script>" in page, "<mine>" in page, "&lt;script&gt;alert(1)" in page, "NOT CERTIFIED" in page) == (False, False, True, True)


def test_the_page_says_how_an_open_clause_is_read() -> None:
    """Beside the clause, whatever the verdict on it."""
    open_row, other = replace(row(Verdict.PASS), clause="CAC-006"), replace(row(Verdict.PASS), clause="CAC-001")

    assert "AMB-006" in report_page(Outcome((open_row,)), evidence(), {})
    assert "AMB-" not in report_page(Outcome((other,)), evidence(), {})


def test_the_reports_of_a_run_are_a_page_and_a_junit_file(tmp_path: Path) -> None:
    """In the folder of its certificate; both are the whole of what the writers give."""
    outcome = Outcome((row(Verdict.FAIL),))

    page, junit = write_reports(tmp_path, outcome, evidence(), {})

    assert (page, page.read_text("utf-8")) == (tmp_path / "report.html", report_page(outcome, evidence(), {}))
    assert (junit, junit.read_bytes()) == (tmp_path / "junit.xml", junit_xml(outcome, evidence()))


@pytest.mark.parametrize(
    ("verdict", "level", "totals"),
    [
        (Verdict.PASS, "MUST", ("0", "0", "0")),
        (Verdict.FAIL, "MUST", ("1", "0", "0")),
        (Verdict.FAIL, "SHOULD", ("0", "0", "1")),
        (Verdict.INCONCLUSIVE, "MUST", ("1", "0", "0")),
        (Verdict.INCONCLUSIVE, "SHOULD", ("0", "0", "1")),
        (Verdict.NOT_APPLICABLE, "MUST", ("0", "0", "1")),
        (Verdict.ERROR, "MUST", ("0", "1", "0")),
    ],
)
def test_junit_fails_what_stands_in_the_way_of_a_certificate(verdict: Verdict, level: str, totals: tuple[str, str, str]) -> None:
    """A pipeline that reads JUnit alone comes to the same answer."""
    suite = ET.fromstring(junit_xml(Outcome((row(verdict, level),)), evidence())).find("testsuite")

    assert suite is not None
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == totals


@pytest.mark.parametrize(
    ("rows", "certified"),
    [
        ((), False),
        ((row(Verdict.PASS),), True),
        ((row(Verdict.PASS), row(Verdict.INCONCLUSIVE, clause="PAG-002")), False),
        ((row(Verdict.PASS), row(Verdict.ERROR, clause="PAG-002")), False),
        ((row(Verdict.PASS), row(Verdict.FAIL, "SHOULD", "PAG-002")), True),
        ((row(Verdict.NOT_APPLICABLE),), False),
        ((row(Verdict.PASS, "SHOULD"),), False),
    ],
)
def test_certified_means_that_every_must_passes_and_one_does(rows: tuple[Row, ...], certified: bool) -> None:
    """Nothing judged, nothing certified."""
    assert Outcome(rows).certified is certified


def test_the_terminal_shows_brackets_as_they_came() -> None:
    """What a server said is no markup."""
    console = Console(record=True, width=200, file=__import__("io").StringIO())

    print_outcome(Outcome((row(Verdict.FAIL),)), "mine", console)

    assert "<b>[red]1[/]" in console.export_text()


def test_progress_says_how_far_a_run_is_and_how_long_it_still_takes() -> None:
    """What is left is taken to go as fast as what is done."""
    now = iter((0.0, 12.0))
    progress = Progress(quiet=True, steps=16, clock=lambda: next(now))
    for step in ("find the requests", "preflight", "cache"):
        progress.start(step)
        progress.finish(step)

    assert progress.line == "3 of 16 · 12 s · about 52 s left"


@pytest.mark.parametrize(
    ("waived", "draft", "expected"),
    [
        ((), False, "CERTIFIED"),
        ((), True, "CERTIFIED (draft)"),
        (("faults: none here",), False, "CERTIFIED (without faults, 1 promises left out)"),
    ],
)
def test_the_headline_says_what_qualifies_it(waived: tuple[str, ...], draft: bool, expected: str) -> None:
    """A draft may still change, and a waiver leaves promises out."""
    rows = (row(Verdict.PASS), *((row(Verdict.NOT_APPLICABLE, clause="FLT-001"),) if waived else ()))

    assert headline(Outcome(rows, waived), draft=draft) == expected
    assert headline(Outcome(rows, waived), aborted=True, draft=draft) == "NOT CERTIFIED"


def test_one_server_error_is_one_cause_with_every_row_that_it_reaches() -> None:
    """Failures stand before what was never exercised."""
    broken = Exchange(id="x1", subject="list", purpose="p", request=Request("GET", "/items"), response=Response(500, (), "oh no"))
    rows = (
        row(Verdict.FAIL, clause="OP-002"),
        Row("COD-001", "MUST", "A code.", "list", Verdict.FAIL, expected="BAD", actual="500", records=("x1",)),
        Row("PAG-001", "MUST", "A walk.", "list", Verdict.INCONCLUSIVE, about="no list had a second page"),
    )
    found = causes(Outcome(rows), {"x1": broken}, "http://127.0.0.1:1")

    assert [[item.clause for item in cause.rows] for cause in found] == [["COD-001", "OP-002"], ["PAG-001"]]
    assert found[0].curl == 'curl -i -X GET http://127.0.0.1:1/items -H "Authorization: Bearer $PRIMARY_TOKEN"'
    assert "Give the target data" in found[1].next_step


def test_a_request_is_shown_as_a_command_that_a_shell_takes() -> None:
    """What a request holds is quoted; a request without a credential has none."""
    request = Request("POST", "/items", (("q", "a b"),), (("content-type", "application/json"),), '{"it\'s": 1}', "none")
    exchange = Exchange(id="x1", subject="add", purpose="p", request=request, response=None)

    assert curl(exchange, "http://h") == (
        "curl -i -X POST 'http://h/items?q=a+b' -H 'content-type: application/json' --data-binary '{\"it'\"'\"'s\": 1}'"
    )


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        (Scheme("a"), "curl -i -X GET 'http://h/items?q=1' -H \"Authorization: Bearer $PRIMARY_TOKEN\""),
        (Scheme("a", "basic"), "curl -i -X GET 'http://h/items?q=1' -u \"$PRIMARY_TOKEN\""),
        (Scheme("a", "header", "X-Key"), "curl -i -X GET 'http://h/items?q=1' -H 'X-Key: '\"$PRIMARY_TOKEN\""),
        (Scheme("a", "cookie", "sid"), "curl -i -X GET 'http://h/items?q=1' -b sid=\"$PRIMARY_TOKEN\""),
        (Scheme("a", "query", "key"), "curl -i -X GET 'http://h/items?q=1''&key='\"$PRIMARY_TOKEN\""),
    ],
)
def test_a_command_sends_the_credential_as_the_contract_says(scheme: Scheme, expected: str) -> None:
    """A key in a header, a cookie or the query, and `user:password`, are no bearer token."""
    request = Request("GET", "/items", (("q", "1"),))
    exchange = Exchange(id="x1", subject="list", purpose="p", request=request, response=None)

    assert curl(exchange, "http://h", (scheme,)) == expected


def test_a_cause_takes_the_security_of_its_operation() -> None:
    """The contract says where the credential of each operation goes; an operation without security sends none."""
    contract = parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1.0.0", "x-contract": "shop"},
            "security": [{"key": []}],
            "paths": {
                "/items": {
                    "get": {"operationId": "list", "responses": {"200": {"description": "Items."}}},
                    "put": {"operationId": "open", "security": [], "responses": {"200": {"description": "Items."}}},
                }
            },
            "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        },
        None,
    )
    exchanges = {
        subject: Exchange(id=subject, subject=subject, purpose="p", request=Request("GET", "/items"), response=Response(200))
        for subject in ("list", "open")
    }
    rows = tuple(Row("OP-001", "MUST", "A body.", name, Verdict.FAIL, expected="a", actual=name, records=(name,)) for name in exchanges)
    found = causes(Outcome(rows), exchanges, "http://h", contract)

    assert {cause.first.subject: cause.curl for cause in found} == {
        "list": "curl -i -X GET http://h/items -H 'X-Key: '\"$PRIMARY_TOKEN\"",
        "open": "curl -i -X GET http://h/items",
    }


@pytest.mark.parametrize(("verdict", "head"), [(Verdict.PASS, "CERTIFIED"), (Verdict.FAIL, "NOT CERTIFIED")])
def test_the_verdict_stands_on_one_line_however_narrow_the_output(verdict: Verdict, head: str) -> None:
    """A pipe has no width, so what searches the output for the verdict finds the whole line."""
    output = StringIO()
    title = "a server with a long name 1.0.0 against a-contract-with-a-long-name@1.0.0"
    print_outcome(Outcome((row(verdict),)), title, Console(file=output, width=60))

    lines = [line for line in output.getvalue().splitlines() if line.startswith(f"{head} {title}")]
    assert len(lines) == 1
    assert "1 required clauses" in lines[0]
