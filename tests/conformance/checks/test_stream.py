"""The checks of streams, on sessions written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.evidence import Record

from .by_hand import FEED, session, verdict

ALL: dict[str, Any] = {"kind": "all", "seq": 1, "loans": []}
CHANGE: dict[str, Any] = {"kind": "change", "seq": 2, "loans": []}


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("STR-001", FEED, [session(ALL, CHANGE)], "PASS"),
        ("STR-001", FEED, [session(CHANGE, ALL)], "FAIL"),
        ("STR-001", FEED, [session(ALL, ALL)], "FAIL"),
        ("STR-001", FEED, [session()], "FAIL"),
        ("STR-001", FEED, [], "INCONCLUSIVE"),
        ("STR-002", FEED, [session(ALL, CHANGE, {**CHANGE, "seq": 3})], "PASS"),
        ("STR-002", FEED, [session(ALL, CHANGE, {**CHANGE, "seq": 4})], "FAIL"),
        ("STR-002", FEED, [session(ALL)], "INCONCLUSIVE"),
    ],
)
def test_a_session_is_judged_by_its_messages(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """The snapshot comes first and once, and numbers have no gap; a session without a delta shows no number."""
    assert verdict(clause, subject, *records) == expected
