"""JSON, JUnit and GitHub annotations."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape, quoteattr

from assay_gate.verdicts import Check, Report

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def as_json(report: Report) -> str:
    """The stable machine form, one line."""
    return json.dumps(report.as_json(), ensure_ascii=False, default=str) + "\n"


def as_junit(report: Report) -> str:
    """JUnit XML: a suite for each release, a case for each check."""
    suites = [_suite("all", report.checks)] if report.checks else []
    suites += [_suite(each.label, each.checks) for each in report.subjects]
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="assay gate">{"".join(suites)}</testsuites>\n'


def _suite(name: str, checks: tuple[Check, ...]) -> str:
    failures = sum(bool(check.problems) for check in checks)
    cases = "".join(_case(name, each) for each in checks)
    return f'<testsuite name={_quoted(name)} tests="{len(checks)}" failures="{failures}">{cases}</testsuite>'


def _case(name: str, check: Check) -> str:
    inside = ""
    if check.problems:
        said = escape(_clean("\n".join(f"{each.rule}: {each.message}" for each in check.problems)))
        first = check.problems[0]
        inside = f"<failure type={_quoted(first.rule)} message={_quoted(first.message)}>{said}</failure>"
    return f"<testcase classname={_quoted(name)} name={_quoted(check.name)}>{inside}</testcase>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _CONTROL.sub("?", text)


def as_github(report: Report) -> str:
    """Workflow commands: an error for each problem, a notice for each release that passes."""
    lines = [
        f"::error title={_property(each.rule)}::{_data(f'{subject}: ' if subject else '')}{_data(each.message)}"
        for subject, each in report.problems
    ]
    for each in report.subjects:
        if not each.problems:
            base = each.base
            since = f"{base.level.value} since {base.old}" if base else "nothing to compare it with"
            lines.append(f"::notice title=gate::{_data(f'{each.label} passes: {since}')}")
    return "".join(f"{each}\n" for each in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
