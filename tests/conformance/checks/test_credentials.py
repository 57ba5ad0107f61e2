"""The checks of credentials, on answers written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Refusal

from .by_hand import BOOKS, error, exchange, library_with, refusal, verdict

SECURED = library_with(BOOKS, security=[{"card": ["read"]}])


def denied(role: str, status: int) -> Refusal:
    """The answer to a request of a role that the operation must not accept."""
    return refusal(f"authorization/{role}", exchange(BOOKS, 200) if status == 200 else error("NO_CARD", status), "NO_CARD")


BOTH = [denied("none", 401), denied("forged", 401)]


@pytest.mark.parametrize(
    ("clause", "records", "expected"),
    [
        ("AUT-001", BOTH, "PASS"),
        ("AUT-001", BOTH[:1], "INCONCLUSIVE"),
        ("AUT-001", [BOTH[0], denied("forged", 200)], "FAIL"),
        ("AUT-001", [denied("none", 403), BOTH[1]], "FAIL"),
        ("AUT-001", [*BOTH, denied("tampered", 200)], "FAIL"),
        ("AUT-001", [*BOTH, denied("expired", 200)], "FAIL"),
        ("AUT-001", [*BOTH, denied("another-audience", 200)], "FAIL"),
        ("AUT-001", [*BOTH, denied("another-audience", 401)], "PASS"),
        ("AUT-001", [*BOTH, denied("unscoped", 200), denied("first", 200)], "PASS"),
        ("AUT-002", [denied("unscoped", 403)], "PASS"),
        ("AUT-002", [denied("unscoped", 200)], "FAIL"),
        ("AUT-002", [denied("unscoped", 401)], "FAIL"),
        ("AUT-002", BOTH, "INCONCLUSIVE"),
        ("AUT-003", [denied("first", 401)], "PASS"),
        ("AUT-003", [denied("first", 400)], "FAIL"),
        ("AUT-003", BOTH, "INCONCLUSIVE"),
    ],
)
def test_a_refusal_is_judged_by_the_credential_that_was_sent(clause: str, records: list[Refusal], expected: str) -> None:
    """Without a right credential 401, without a scope 403, whatever else is wrong with the request."""
    assert verdict(clause, BOOKS, *records, contract=SECURED) == expected
