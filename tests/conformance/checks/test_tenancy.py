"""The checks of tenancy, on answers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, error, page, refusal, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("TEN-001", BOOKS, [page("a", library="north")], "PASS"),
        ("TEN-001", BOOKS, [page("a", library="south")], "FAIL"),
        ("TEN-001", BOOKS, [error("NOT_YOURS", 403)], "INCONCLUSIVE"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", error("NOT_YOURS", 403), "NOT_YOURS")], "PASS"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", error("NOT_YOURS", 403, books=["a"]), "NOT_YOURS")], "FAIL"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", page("a"), "NOT_YOURS")], "FAIL"),
        (
            "TEN-003",
            BOOKS,
            [refusal(f"credential/{name}", error("NO_CARD", 401), "NO_CARD") for name in ("none", "forged", "expired")],
            "PASS",
        ),
        ("TEN-003", BOOKS, [refusal("credential/none", error("NO_CARD", 401), "NO_CARD")], "INCONCLUSIVE"),
        ("TEN-003", BOOKS, [refusal("credential/none", page("a"), "NO_CARD")], "FAIL"),
    ],
)
def test_an_answer_is_judged_by_the_tenant_that_it_states(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A foreign tenant in an answer, data in a refusal and an open door fail; what was not tried is inconclusive."""
    assert verdict(clause, subject, *records) == expected
