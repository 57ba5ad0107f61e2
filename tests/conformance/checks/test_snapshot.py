"""The checks of snapshots, on states written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Record

from .by_hand import STATE, error, exchange, loan, resync, state, verdict

A, B = loan("a"), loan("b")
LATER = loan("a", due=2)
SINCE = state(2, LATER, after=1, changes=[loan("a", due=2, seq=2)])


def since(*changes: dict[str, object], seq: int = 2) -> list[Record]:
    """A state, and the same with these changes after it."""
    return [resync(state(1, A), state(seq, LATER, after=1, changes=list(changes)))]


@pytest.mark.parametrize(
    ("clause", "records", "expected"),
    [
        ("SNP-001", [state(1, A, B)], "PASS"),
        ("SNP-001", [state(1, A, B, A)], "FAIL"),
        ("SNP-001", [state(1)], "INCONCLUSIVE"),
        ("SNP-001", [exchange(STATE, 200, {"seq": 1})], "FAIL"),
        ("SNP-001", [error("NOT_YOURS", 403, subject=STATE)], "INCONCLUSIVE"),
        ("SNP-002", [state(1, A), state(2, A)], "PASS"),
        ("SNP-002", [state(2, A), state(1, A)], "FAIL"),
        ("SNP-002", [state(2, A), state(1, A, library="south"), state(3, A)], "PASS"),
        ("SNP-002", [state(1, A), state(1, A)], "INCONCLUSIVE"),
        ("SNP-002", [exchange(STATE, 200, {"seq": True, "loans": []})], "FAIL"),
        ("SNP-003", since(loan("a", due=2, seq=2)), "PASS"),
        ("SNP-003", since(loan("a", due=2)), "PASS"),
        ("SNP-003", since(), "FAIL"),
        ("SNP-003", since(loan("a", due=3, seq=2)), "FAIL"),
        ("SNP-003", since(loan("b", due=2, seq=2)), "FAIL"),
        ("SNP-003", since(loan("a", due=3, seq=2), loan("a", due=2, seq=3), seq=3), "PASS"),
        ("SNP-003", since(loan("a", due=3, seq=3), loan("a", due=2, seq=2), seq=3), "FAIL"),
        ("SNP-003", since(loan("a", due=2, seq=3), seq=3), "FAIL"),
        ("SNP-003", [resync(state(1, A), state(1, A, after=1, changes=[]))], "INCONCLUSIVE"),
        ("SNP-003", [resync(state(1, A), state(2, LATER, after=1, gone=True))], "INCONCLUSIVE"),
        ("SNP-003", [resync(state(1, A), error("NOT_YOURS", 403, subject=STATE))], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE)], "PASS"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, changes=[])], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, gone=True)], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, after=1)], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, after=1, changes=[], gone=True)], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, after=0, changes=[])], "FAIL"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, after=9, gone=True)], "PASS"),
        ("SNP-004", [resync(state(1, A), SINCE), state(2, LATER, after=9, changes=[])], "FAIL"),
        ("SNP-004", [resync(state(1, A), state(2, LATER, after=1, gone=True))], "FAIL"),
        ("SNP-004", [SINCE], "INCONCLUSIVE"),
        ("SNP-005", [state(2, A, after=2, changes=[])], "PASS"),
        ("SNP-005", [state(2, A, after=2, changes=[loan("a", seq=2)])], "FAIL"),
        ("SNP-005", [state(2, A, after=2, gone=True)], "FAIL"),
        ("SNP-005", [SINCE], "INCONCLUSIVE"),
        ("SNP-006", [state(1, A, B), state(1, B, A)], "PASS"),
        ("SNP-006", [state(1, A), state(1, LATER)], "FAIL"),
        ("SNP-006", [state(1, A), state(1, A, B)], "FAIL"),
        ("SNP-006", [state(1, A), state(1, LATER, library="south"), state(1, A)], "PASS"),
        ("SNP-006", [state(1, A), state(2, LATER)], "INCONCLUSIVE"),
    ],
)
def test_a_state_is_judged_by_its_number_and_its_changes(clause: str, records: list[Record], expected: str) -> None:
    """Numbers, entities and changes that do not add up fail; what the answers never reached is inconclusive."""
    assert verdict(clause, STATE, *records) == expected
