"""Undecided answers: bounded, never an exception, and with the reason that is true."""

from __future__ import annotations

from typing import Any

import pytest
from assay_containment import Kind, contains


def nested(levels: int, innermost: dict[str, Any]) -> dict[str, Any]:
    """Objects inside objects."""
    schema = innermost
    for _ in range(levels):
        schema = {"type": "object", "properties": {"inner": schema}, "required": ["inner"]}
    return schema


@pytest.mark.parametrize("levels", [300, 2_000])
def test_deep_nests_get_an_answer(levels: int) -> None:
    """What is too deep to be read is undecided, and the reason says so."""
    answer = contains(nested(levels, {"type": "integer"}), nested(levels, {"type": "string"}))

    assert answer.kind is Kind.UNDECIDED
    assert "nested" in answer.reason


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ({"const": "x"}, {"format": "email"}, "formats are asserted"),
        ({"const": "é"}, {"pattern": r"^\w$"}, "how a pattern reads letters"),
        ({"type": "object", "patternProperties": {"(?=a)": {}}}, {"patternProperties": {"(?=a)": {"not": {}}}}, "looks around"),
    ],
    ids=["formats", "letters", "look-around"],
)
def test_the_reason_names_the_obstacle(a: Any, b: Any, reason: str) -> None:
    """An answer that depends on a reading names that reading, and a pattern that is not read is named."""
    answer = contains(a, b)

    assert answer.kind is Kind.UNDECIDED
    assert reason in answer.reason
