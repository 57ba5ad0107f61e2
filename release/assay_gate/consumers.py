"""What the changes of a release mean for single consumers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assay_compatibility.classes import Severity, worst
from assay_compatibility.consumers import read_usage, uses_of
from assay_compatibility.findings import Finding
from assay_contracts import UsageError

from assay_gate.changes import changes_between
from assay_gate.release_verdict import Terms
from assay_gate.releases import Release
from assay_gate.verdicts import ConsumerRow, Report

__all__ = ["with_consumers"]


def with_consumers(report: Report, kept: Sequence[Release], new: Release, sources: Sequence[Path], terms: Terms) -> Report:
    """The report with a row for each consumer: the class of the changes since the newest kept release that concern it.

    A consumer is read against each document of that release that it uses; one that uses none is bad input.
    """
    if not sources:
        return report
    olds = sorted((release for release in kept if release.version <= new.version), key=lambda release: release.version)
    if not olds:
        raise UsageError("--used-by needs a kept release that is older than the new one; name it with --old or --tags")
    old = olds[-1]
    changes = changes_between(old, new, "wire", terms.policies).changes
    rows: list[ConsumerRow] = []
    for source in sources:
        concerning: list[Finding] = []
        reasons: list[str] = []
        for part, document in old.documents.items():
            try:
                usage = read_usage(source, document)
            except UsageError as error:
                reasons.append(str(error))
                continue
            concerning += [change.finding for change in changes if change.part == part and uses_of(change.finding, document, usage)]
        if len(reasons) == len(old.documents):
            raise UsageError(reasons[0])
        level = worst(finding.level for finding in concerning)
        rules = tuple(f"{finding.rule} {finding.pointer or '/'}" for finding in concerning if finding.level.rank >= Severity.UNDECIDED.rank)
        rows.append(ConsumerRow(str(source), old.label, level, len(concerning), len(changes), rules))
    return replace(report, consumers=tuple(rows))
