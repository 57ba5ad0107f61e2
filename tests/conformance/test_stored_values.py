"""Whether a value that is read is the one that was sent."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.body_values import instant
from assay_conformance.evidence import Request
from assay_conformance.stored_values import is_kept, lost_values, sent_object
from assay_contracts.pointers import MISSING

NOW = instant("2026-11-01T12:00:00Z")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Ada@X.org", "ada@x.org"),
        ("  two  words ", "two words"),
        ("Hello World", "hello-world"),
        ("a & b", "a &amp; b"),
        ("ﬁne", "fine"),
        ("2026-11-01T02:00:00+02:00", "2026-11-01T00:00:00Z"),
        ("2026-11-01T00:00:00.123456Z", "2026-11-01T00:00:00.123Z"),
        ("2020-01-01T00:00:00Z", "2026-11-01T12:00:01Z"),
        ("1.50", "1.5"),
        ("4111111111111111", "**** 1111"),
        (1.2345678, 1.23),
        (3, 3.0),
        (2**60 + 1, 2**60),
        (["b", "a", "a"], ["a", "b"]),
        ([{"a": 1}], [{"a": 1, "id": 7}]),
        ({"a": 1, "hidden": 2}, {"a": 1, "more": 3}),
        ([], MISSING),
        (False, MISSING),
        ("", None),
        (None, "a default"),
        ("7", 7),
        ("yes", True),
    ],
)
def test_what_is_only_written_another_way_is_kept(sent: Any, read: Any) -> None:
    """Normal forms, rounding, order, masks and what is left out empty; and another type says nothing."""
    assert is_kept(sent, read, moment=NOW)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("red", "blue"),
        ("red", None),
        ("red", MISSING),
        (3, 4),
        (1.5, 1.6),
        (True, False),
        (["a", "b"], ["a"]),
        ([{"a": 1}], []),
        ({"a": 1}, {"a": 2}),
        ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
    ],
)
def test_another_value_is_lost(sent: Any, read: Any) -> None:
    """Whatever its type."""
    assert not is_kept(sent, read, moment=NOW)


def test_a_number_that_the_server_counts_is_not_lost() -> None:
    """A version goes on by one, whatever was sent."""
    assert lost_values({"version": 3}, {"version": 8}, ["version"], before={"version": 7}, moment=NOW) == []
    assert lost_values({"version": 3}, {"version": 7}, ["version"], before={"version": 7}, moment=NOW) == ["version"]


def test_the_object_of_a_request_is_read_where_it_stands() -> None:
    """Nothing where there is no such object."""
    request = Request("PUT", "/", (), (), '{"book": {"title": "a"}}')

    assert sent_object(request, "/book") == {"title": "a"}
    assert sent_object(request, "/book/title") == {}
    assert sent_object(Request("PUT", "/"), "") == {}
