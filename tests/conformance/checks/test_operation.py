"""The checks of every operation, on answers written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from assay_conformance.evidence import Record

from .by_hand import BOOKS, error, exchange, library_with, page, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("OP-001", BOOKS, [page("a")], "PASS"),
        ("OP-001", BOOKS, [exchange(BOOKS, body={"books": []})], "FAIL"),
        ("OP-001", BOOKS, [exchange(BOOKS, 500, {})], "INCONCLUSIVE"),
        ("OP-002", BOOKS, [error("NO_CARD", 401)], "PASS"),
        ("OP-002", BOOKS, [exchange(BOOKS, 202, {})], "FAIL"),
        ("OP-003", BOOKS, [page("a")], "PASS"),
        ("OP-003", BOOKS, [exchange(BOOKS, headers={"content-type": "text/plain"})], "FAIL"),
        ("OP-005", BOOKS, [exchange(BOOKS, expected="accepted")], "PASS"),
        ("OP-005", BOOKS, [exchange(BOOKS, 400, expected="accepted")], "FAIL"),
        ("OP-005", BOOKS, [exchange(BOOKS, headers={"content-type": "text/html"}, expected="accepted")], "FAIL"),
        ("OP-006", BOOKS, [exchange(BOOKS, 400, expected="refused")], "PASS"),
        ("OP-006", BOOKS, [exchange(BOOKS, 500, expected="refused")], "FAIL"),
        ("OP-006", BOOKS, [exchange(BOOKS, 400)], "INCONCLUSIVE"),
    ],
)
def test_an_answer_is_judged_by_its_operation(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Bodies, statuses and media types are the declared ones; what a driver knows of a request counts."""
    assert verdict(clause, subject, *records) == expected


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("application/json", '{"a": 1}', "PASS"),
        ("application/json", '{"a": 1, "a": 2}', "FAIL"),
        ("application/json", "a,b", "FAIL"),
        ("text/csv", "a,b", "INCONCLUSIVE"),
    ],
)
def test_only_a_body_that_is_called_json_is_read_as_json(media_type: str, body: str, expected: str) -> None:
    """An operation that answers with a table as well promises nothing of the table's members."""
    content: dict[str, Any] = {"application/json": {"schema": {}}, "text/csv": {"schema": {}}}
    responses = {"200": {"description": "fine", "content": content}}
    answer = exchange(BOOKS, headers={"content-type": media_type})
    assert answer.response is not None
    answer = replace(answer, response=replace(answer.response, body=body))

    assert verdict("OP-010", BOOKS, answer, contract=library_with(BOOKS, responses=responses)) == expected


BARE = library_with(BOOKS, responses={status: {"description": "No content is declared."} for status in ("200", "409")})


@pytest.mark.parametrize(
    ("status", "method", "clause", "expected"),
    [
        (200, "GET", "OP-001", "FAIL"),
        (409, "GET", "OP-001", "INCONCLUSIVE"),
        (409, "POST", "OP-005", "INCONCLUSIVE"),
        (409, "GET", "OP-005", "FAIL"),
        (400, "POST", "OP-005", "FAIL"),
    ],
)
def test_what_a_document_leaves_out_is_no_failure(status: int, method: str, clause: str, expected: str) -> None:
    """The body of an error without content, and a declared conflict of what is stored with a right request that writes."""
    answer = exchange(BOOKS, status, {"code": "TAKEN"}, expected="accepted")
    answer = replace(answer, request=replace(answer.request, method=method))

    assert verdict(clause, BOOKS, answer, contract=BARE) == expected


def test_a_conflict_that_is_not_declared_is_a_refusal() -> None:
    """The contract does not say that a right request may meet one."""
    answer = exchange(BOOKS, 409, expected="accepted")

    assert verdict("OP-005", BOOKS, replace(answer, request=replace(answer.request, method="POST"))) == "FAIL"
