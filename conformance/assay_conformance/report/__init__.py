"""What people and pipelines read of a run: the page, the JUnit file and the terminal."""

from assay_conformance.report.junit import junit_xml
from assay_conformance.report.page import report_page
from assay_conformance.report.terminal import Progress, print_outcome
from assay_conformance.report.writing import write_reports

__all__ = ["Progress", "junit_xml", "print_outcome", "report_page", "write_reports"]
