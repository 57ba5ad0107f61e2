"""The checks of the error taxonomy, on errors written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import error, page, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("ERR-001", "contract", [error("BAD_PAGE", 400)], "PASS"),
        ("ERR-001", "contract", [error("BAD_PAGE", 422)], "FAIL"),
        ("ERR-001", "contract", [error("BAD_PAGE", 400, status=422)], "FAIL"),
        ("ERR-001", "contract", [error("UNHEARD_OF", 400)], "FAIL"),
        ("ERR-001", "contract", [page("a")], "INCONCLUSIVE"),
        ("ERR-002", "contract", [error("NO_CARD", 401)], "PASS"),
        ("ERR-002", "contract", [error("NO_CARD", 401, kind="input")], "FAIL"),
        ("ERR-003", "contract", [error("NO_CARD", 401)], "PASS"),
        ("ERR-003", "contract", [error("NO_CARD", 401, retry=True)], "FAIL"),
    ],
)
def test_an_error_is_judged_by_what_the_taxonomy_says_of_its_code(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Status, category and the retryable flag are those of the code; a success shows nothing of them."""
    assert verdict(clause, subject, *records) == expected
