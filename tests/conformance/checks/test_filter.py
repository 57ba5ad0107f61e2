"""The checks of filters, on lists written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assay_conformance.evidence import ListPartition, Record

from .by_hand import BOOKS, exchange, page, verdict, walk


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("FIL-001", BOOKS, [page("a", shelf="a", where="a")], "PASS"),
        ("FIL-001", BOOKS, [page("a", shelf="b", where="a")], "FAIL"),
        ("FIL-001", BOOKS, [page("a", shelf="b")], "INCONCLUSIVE"),
        ("FIL-001", BOOKS, [page(where="a")], "INCONCLUSIVE"),
        ("FIL-006", BOOKS, [page("a", shelf="a", where="a")], "INCONCLUSIVE"),
    ],
)
def test_a_filtered_list_is_judged_by_its_items(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """An item with another value fails; a list without a filter, or without items, shows nothing."""
    assert verdict(clause, subject, *records) == expected


@pytest.mark.parametrize(("in_a", "expected"), [(("1", "3"), "PASS"), (("1",), "FAIL"), ((), "FAIL")])
def test_a_filter_selects_every_item_with_its_value(in_a: tuple[str, ...], expected: str) -> None:
    """An item of the whole list with another value is looked for nowhere."""
    whole = walk(exchange(BOOKS, body={"books": [{"isbn": "1", "shelf": "a"}, {"isbn": "2", "shelf": "c"}, {"isbn": "3", "shelf": "a"}]}))
    chosen = exchange(BOOKS, body={"books": [{"isbn": isbn, "shelf": "a"} for isbn in in_a]})
    part = replace(walk(chosen), filter=(("shelf", "a"),))
    found = ListPartition(id="partition", subject=BOOKS, purpose="by hand", field="shelf", whole=whole, parts=(part,))

    assert verdict("FIL-006", BOOKS, found) == expected
