"""JSON, JUnit and GitHub annotations of a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator

from assay_contracts import formats
from assay_contracts.formats import Level, ReportRow, Suite

from assay_gate.verdicts import Check, Problem, Report, Subject


def as_json(report: Report) -> str:
    """The stable machine form, one line."""
    return json.dumps(report.as_json(), ensure_ascii=False, default=str) + "\n"


def as_junit(report: Report) -> str:
    """JUnit XML: a suite for each release, a case for each check."""
    suites = [_suite("all", report.checks)] if report.checks else []
    return formats.as_junit([*suites, *(_suite(subject.label, subject.checks) for subject in report.subjects)], "assay gate")


def as_github(report: Report) -> str:
    """GitHub annotations: an error for each problem where it is written, a notice for each release that passes."""
    return formats.as_github(_rows(report))


def _suite(name: str, checks: tuple[Check, ...]) -> Suite:
    return Suite(name, tuple(_case(check) for check in checks), group=name)


def _case(check: Check) -> ReportRow:
    if not check.problems:
        return ReportRow(check.name, Level.PASS, "", "", subject=check.name)
    first = check.problems[0]
    message = "\n".join(f"{problem.rule}: {problem.message}" for problem in check.problems)
    return ReportRow(first.rule, Level.ERROR, first.message, message, subject=check.name, kind=first.rule)


def _rows(report: Report) -> Iterator[ReportRow]:
    yield from (_row(subject, problem) for subject, problem in report.problems)
    yield from (_passing(subject) for subject in report.subjects if not subject.problems)


def _row(subject: str, problem: Problem) -> ReportRow:
    message = f"{subject}: {problem.message}" if subject else problem.message
    return ReportRow(problem.rule, Level.ERROR, problem.message, message, place=problem.place, subject=problem.pointer)


def _passing(subject: Subject) -> ReportRow:
    base = subject.base
    since = f"{base.level.value} since {base.old}" if base else "nothing to compare it with"
    return ReportRow("gate", Level.NOTE, "The release passes.", f"{subject.label} passes: {since}")
