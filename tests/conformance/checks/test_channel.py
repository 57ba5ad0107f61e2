"""The checks of channels, on frames written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import FEED, session, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("CHA-001", FEED, [session({"kind": "all", "seq": 1, "loans": []})], "PASS"),
        ("CHA-001", FEED, [session({"kind": "all", "seq": -1, "loans": []})], "FAIL"),
        ("CHA-001", FEED, [session({"kind": "unheard-of"})], "FAIL"),
        ("CHA-001", FEED, [session()], "INCONCLUSIVE"),
        ("CHA-003", FEED, [session({"kind": "all"})], "PASS"),
    ],
)
def test_a_frame_is_judged_by_the_declared_messages(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A message is one that the server declares to send, in every property; silence shows nothing."""
    assert verdict(clause, subject, *records) == expected
