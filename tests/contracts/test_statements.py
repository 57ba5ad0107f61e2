"""A statement is found in a file, in an envelope or bare."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from assay_contracts.statements import part_of, unwrapped

STATEMENT = {"_type": "https://in-toto.io/Statement/v1"}


@pytest.mark.parametrize(
    ("value", "statement"),
    [
        (STATEMENT, STATEMENT),
        ({"payload": base64.b64encode(json.dumps(STATEMENT).encode()).decode(), "signatures": []}, STATEMENT),
        ({"payload": "bm8ganNvbg==", "signatures": []}, None),
        ({"payload": "!", "signatures": []}, None),
        ({"payload": 7, "signatures": []}, None),
        ([1], [1]),
        (None, None),
    ],
)
def test_a_statement_is_unwrapped(value: Any, statement: Any) -> None:
    """What is no envelope is given back; an envelope without a JSON payload gives nothing."""
    assert unwrapped(value) == statement


@pytest.mark.parametrize(
    ("value", "part"),
    [({"predicate": {"a": 1}}, {"a": 1}), ({"predicate": [1]}, {}), ({}, {}), ([], {}), (None, {})],
)
def test_a_part_is_an_object_or_empty(value: Any, part: dict[str, Any]) -> None:
    """Whatever stands in a file."""
    assert part_of(value, "predicate") == part
