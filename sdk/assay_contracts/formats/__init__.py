"""The formats that tools of others read: one row for every kind of result, one writer for each format."""

from assay_contracts.formats.github import as_github
from assay_contracts.formats.junit import Suite, as_junit
from assay_contracts.formats.rows import Level, Place, ReportRow
from assay_contracts.formats.sarif import RuleEntry, as_sarif

__all__ = ["Level", "Place", "ReportRow", "RuleEntry", "Suite", "as_github", "as_junit", "as_sarif"]
