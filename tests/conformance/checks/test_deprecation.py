"""The checks of deprecated operations, on headers written by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from .by_hand import VISITS, exchange, library_with, verdict

OLD = library_with(VISITS, x_deprecation={"since": "2026-07-01", "sunset": "2027-07-01", "successor": "library@2.0.0"})
ENDLESS = library_with(VISITS, x_deprecation={"since": "2026-07-01", "successor": "library@2.0.0"})


@pytest.mark.parametrize(
    ("clause", "name", "value", "expected"),
    [
        ("DEP-001", "deprecation", "@1782864000", "PASS"),
        ("DEP-001", "deprecation", "@1782864000.5", "FAIL"),
        ("DEP-001", "deprecation", "@1782777600", "FAIL"),
        ("DEP-001", "deprecation", "@999999999999999", "FAIL"),
        ("DEP-001", "deprecation", "true", "FAIL"),
        ("DEP-001", "etag", "x", "FAIL"),
        ("DEP-002", "sunset", "Thu, 01 Jul 2027 00:00:00 GMT", "PASS"),
        ("DEP-002", "sunset", "Thu, 01 Jul 2027 23:59:59 GMT", "PASS"),
        ("DEP-002", "sunset", "Fri, 02 Jul 2027 00:00:00 GMT", "FAIL"),
        ("DEP-002", "sunset", "2027-07-01", "FAIL"),
        ("DEP-002", "etag", "x", "FAIL"),
        ("DEP-003", "link", '</v2>; rel="successor-version"', "PASS"),
        ("DEP-003", "link", '</v2>; rel=successor-version, </>; rel="up"', "PASS"),
        ("DEP-003", "link", '</>; rel="up", </v2>; type="x"; rel="alternate successor-version"', "PASS"),
        ("DEP-003", "link", '</v2>; rel="latest-version"', "FAIL"),
        ("DEP-003", "etag", "x", "FAIL"),
    ],
)
def test_an_answer_of_a_deprecated_operation(clause: str, name: str, value: str, expected: str) -> None:
    """A success and an error alike."""
    for status in (200, 400):
        assert verdict(clause, VISITS, exchange(VISITS, status, headers={name: value}), contract=OLD) == expected


@pytest.mark.parametrize("changed", [{"path": "/visits/nothing-here"}, {"method": "POST"}])
def test_another_path_or_method_is_not_the_operation(changed: dict[str, Any]) -> None:
    """What answers there may not know of it."""
    original = exchange(VISITS, 404)
    elsewhere = dataclasses.replace(original, request=dataclasses.replace(original.request, **changed))

    assert verdict("DEP-001", VISITS, elsewhere, contract=OLD) == "INCONCLUSIVE"


def test_without_a_sunset_none_is_promised() -> None:
    """The operation may stay for ever."""
    assert "DEP-002" not in {promise.clause.id for promise in ENDLESS.promises}
