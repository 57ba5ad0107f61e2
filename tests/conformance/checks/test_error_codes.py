"""The checks of error codes, on errors written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, error, page, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        (
            "COD-001",
            BOOKS,
            [error(code, status, codes=(code,)) for code, status in (("BAD_PAGE", 400), ("NO_CARD", 401), ("NOT_YOURS", 403))],
            "PASS",
        ),
        ("COD-001", BOOKS, [error("NO_CARD", 401, codes=("BAD_PAGE",))], "FAIL"),
        ("COD-001", BOOKS, [error("BAD_PAGE", 400, codes=("BAD_PAGE",))], "INCONCLUSIVE"),
        ("COD-002", BOOKS, [error("BAD_PAGE", 400)], "PASS"),
        ("COD-002", BOOKS, [error("BAD_SPAN", 400)], "FAIL"),
        ("COD-002", BOOKS, [page("a")], "INCONCLUSIVE"),
    ],
)
def test_an_error_is_judged_by_its_code(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A provoked code must be the right one; all declared codes must be seen."""
    assert verdict(clause, subject, *records) == expected
