"""The check of deletions: what was deleted is gone."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from assay_conformance.evidence import Deletion, Exchange, Request, Response
from assay_contracts import Contract, parse_bundle

from .by_hand import verdict

_IDS = itertools.count(1)
FINE = {"200": {"description": "Fine."}}


def shelf(*, missing: str | None = "404", job: bool = False) -> Contract:
    """Books that are read and burnt; `missing` is the status of one that is not there."""
    parameters = [{"name": "book", "in": "path", "required": True, "schema": {"type": "string"}}]
    reading = FINE if missing is None else {**FINE, missing: {"description": "None."}}
    states: dict[str, Any] = {"x-job": {"role": "cancel", "initial": "a", "states": {"a": ["b"], "b": []}}} if job else {}
    book: dict[str, Any] = {
        "parameters": parameters,
        "get": {"operationId": "read", "responses": reading},
        "delete": {"operationId": "burn", "responses": FINE, **states},
    }
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Shelf", "version": "1.0.0"}, "paths": {"/books/{book}": book}})


def exchange(method: str, status: int) -> Exchange:
    """A request for a book."""
    return Exchange(id=f"d{next(_IDS)}", subject="burn", purpose="by hand", request=Request(method, "/books/7"), response=Response(status))


@pytest.mark.parametrize(
    ("before", "deleted", "after", "expected"),
    [
        (200, 204, 404, "PASS"),
        (200, 200, 410, "PASS"),
        (200, 204, 200, "FAIL"),
        (200, 204, 403, "FAIL"),
        (200, 202, 200, "INCONCLUSIVE"),
        (404, 204, 404, "INCONCLUSIVE"),
        (200, 409, 200, "INCONCLUSIVE"),
    ],
)
def test_what_was_deleted_is_gone(before: int, deleted: int, after: int, expected: str) -> None:
    """Unless it is deleted later, was never there, or was kept with an error."""
    item = Deletion(
        id=f"d{next(_IDS)}",
        subject="burn",
        purpose="by hand",
        before=exchange("GET", before),
        deleted=exchange("DELETE", deleted),
        after=exchange("GET", after),
    )

    assert verdict("OP-011", "burn", item, contract=shelf()) == expected


@pytest.mark.parametrize(
    ("contract", "expected"),
    [(shelf(), True), (shelf(missing="410"), True), (shelf(missing="4XX"), True), (shelf(missing=None), False), (shelf(job=True), False)],
)
def test_it_is_promised_where_it_can_be_shown(contract: Contract, expected: bool) -> None:
    """What is read may be missing by the contract, and a job that is cancelled stays."""
    assert ("OP-011" in {promise.clause.id for promise in contract.promises}) is expected
