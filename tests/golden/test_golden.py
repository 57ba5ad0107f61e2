"""The worked examples of the contracts, as data: what is asked of the material beside them, and what is expected."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .questions import FOLDER, QUESTIONS

CASES: list[dict[str, Any]] = [
    case
    for name in ("windowing", "executive", "reliability")
    for case in yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']}-{place}" for place, case in enumerate(CASES)])
def test_an_example_is_answered_as_expected(case: dict[str, Any]) -> None:
    """The pure parts of the server give the number that was worked out by hand."""
    assert case["expected"] == QUESTIONS[case["ask"]](**case["given"])


def test_every_example_is_there() -> None:
    """Sixty-six of them, and each question is asked by some."""
    ids = {case["id"] for case in CASES}
    wanted = {f"G-{letter}{number}" for letter, last in (("W", 34), ("E", 26), ("R", 6)) for number in range(1, last + 1)}

    assert wanted == ids
    assert QUESTIONS.keys() == {case["ask"] for case in CASES}
