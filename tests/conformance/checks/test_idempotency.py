"""The checks of idempotency keys, on pairs of requests written by hand."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, KeyedPair, KeyedRace, ReadingRound, ReplayReadings, Request, Response
from assay_contracts import Contract, parse_bundle

from .by_hand import verdict

ADD, COUNT = "addCopies", "countCopies"
_IDS = itertools.count(1)
SPEC: dict[str, Any] = {
    "header": "Slip",
    "conflict": "SLIP_USED",
    "compares": "json",
    "scope": ["subject", "operation"],
    "stores": "success",
    "inProgress": "SLIP_BUSY",
    "items": {"at": "/copies", "identity": "isbn", "accepted": "/new", "duplicate": "/old", "rejected": "/bad"},
}


def library(**changed: Any) -> Contract:
    """A contract whose one writing operation takes a key; a member of its annotation is left out by None."""
    spec = {name: value for name, value in (SPEC | changed).items() if value is not None}
    code = {"category": "input", "status": 409, "retryable": False, "provoke": {"request": "conflicting-replay"}}
    fine = {"200": {"description": "Fine.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    return parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Library", "version": "1.0.0"},
            "security": [{"card": []}],
            "components": {"securitySchemes": {"card": {"type": "http", "scheme": "bearer"}}},
            "x-error-taxonomy": {
                "envelope": {"code": "/code"},
                "categories": {"input": {"retry": "none", "shows": "What is wrong."}},
                "codes": {"SLIP_USED": code, "SLIP_BUSY": code},
            },
            "paths": {
                "/copies": {
                    "post": {"operationId": ADD, "responses": fine, "x-idempotency": spec},
                    "get": {"operationId": COUNT, "responses": fine},
                }
            },
        }
    )


LIBRARY = library()


def sent(status: int, body: Any, *, count: int = 2, subject: str = ADD, credential: str = "primary") -> Exchange:
    """A request with so many copies, and its answer."""
    content = orjson.dumps({"copies": [{}] * count}).decode()
    request = Request("POST" if subject == ADD else "GET", "/copies", (), (("slip", "one"),), content, credential)
    response = Response(status, (("content-type", "application/json"),), orjson.dumps(body).decode())
    return Exchange(id=f"k{next(_IDS)}", subject=subject, purpose="by hand", request=request, response=response)


def counts(new: int, old: int, bad: int = 0) -> Exchange:
    """A batch that was counted."""
    return sent(200, {"new": new, "old": old, "bad": bad})


def pair(how: str, first: Exchange, again: Exchange) -> KeyedPair:
    """Two requests with one key."""
    return KeyedPair(id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", how=how, first=first, again=again)


USED, BUSY, OTHER = sent(409, {"code": "SLIP_USED"}), sent(409, {"code": "SLIP_BUSY"}), sent(400, {"code": "OTHER"})


@pytest.mark.parametrize(
    ("clause", "how", "again", "expected"),
    [
        ("IDE-001", "same", counts(2, 0), "PASS"),
        ("IDE-001", "same", counts(0, 2), "FAIL"),
        ("IDE-001", "same", USED, "FAIL"),
        ("IDE-001", "another-body", counts(2, 0), "INCONCLUSIVE"),
        ("IDE-002", "another-body", USED, "PASS"),
        ("IDE-002", "another-body", OTHER, "FAIL"),
        ("IDE-002", "another-body", counts(2, 0), "FAIL"),
        ("IDE-004", "other-subject", counts(1, 1), "PASS"),
        ("IDE-004", "other-subject", USED, "FAIL"),
        ("IDE-004", "other-subject", sent(403, {}, credential="other"), "INCONCLUSIVE"),
        ("IDE-005", "items-again", counts(0, 2), "PASS"),
        ("IDE-005", "items-again", counts(1, 1), "FAIL"),
        ("IDE-007", "rewritten", counts(2, 0), "PASS"),
        ("IDE-007", "rewritten", USED, "FAIL"),
        ("IDE-010", "other-subject", USED, "FAIL"),
        ("IDE-010", "other-operation", counts(1, 1), "PASS"),
        ("IDE-010", "same", counts(2, 0), "INCONCLUSIVE"),
    ],
)
def test_the_second_request_of_a_pair(clause: str, how: str, again: Exchange, expected: str) -> None:
    """The first one was a batch of two new copies."""
    assert verdict(clause, ADD, pair(how, counts(2, 0), again), contract=LIBRARY) == expected


@pytest.mark.parametrize(("again", "expected"), [(USED, "PASS"), (counts(2, 0), "FAIL")])
def test_where_bytes_are_compared_other_bytes_are_another_request(again: Exchange, expected: str) -> None:
    """The same JSON value in another order is refused."""
    assert verdict("IDE-007", ADD, pair("rewritten", counts(2, 0), again), contract=library(compares="bytes")) == expected


def test_a_batch_of_known_items_shows_nothing_of_duplicates() -> None:
    """Nothing of it was accepted the first time."""
    assert verdict("IDE-005", ADD, pair("items-again", counts(0, 2), counts(0, 2)), contract=LIBRARY) == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("first", "again", "expected"), [(OTHER, counts(2, 0), "PASS"), (OTHER, USED, "FAIL"), (counts(1, 0), USED, "INCONCLUSIVE")]
)
def test_a_key_of_a_refused_request_is_free(first: Exchange, again: Exchange, expected: str) -> None:
    """A wrong request that was accepted says nothing of keys."""
    assert verdict("IDE-009", ADD, pair("after-refusal", first, again), contract=LIBRARY) == expected


def test_a_server_that_stores_every_result_promises_no_free_key() -> None:
    """There is no request that could show it."""
    assert "IDE-009" not in {promise.clause.id for promise in library(stores="every").promises}


@pytest.mark.parametrize(
    ("exchange", "expected"), [(counts(1, 1), "PASS"), (counts(1, 0), "FAIL"), (counts(1, 0, 1), "PASS"), (OTHER, "INCONCLUSIVE")]
)
def test_the_counts_of_a_batch_add_up(exchange: Exchange, expected: str) -> None:
    """Two copies were sent."""
    assert verdict("IDE-006", ADD, exchange, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("attempts", "again", "expected"),
    [
        ((counts(2, 0), counts(2, 0)), counts(2, 0), "PASS"),
        ((counts(2, 0), BUSY), counts(2, 0), "PASS"),
        ((counts(2, 0), counts(0, 2)), counts(2, 0), "FAIL"),
        ((counts(2, 0), OTHER), counts(2, 0), "FAIL"),
        ((BUSY, BUSY), BUSY, "FAIL"),
    ],
)
def test_requests_at_once(attempts: tuple[Exchange, ...], again: Exchange, expected: str) -> None:
    """Each gets the one result or is told to wait."""
    race = KeyedRace(id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", attempts=attempts, again=again)

    assert verdict("IDE-008", ADD, race, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((5, 5, 5, 5, 5, 5), "PASS"),
        ((5, 5, 5, 6, 6, 6), "PASS"),
        ((5, 5, 5, 6, 7, 8), "FAIL"),
        ((5, 6, 7, 8, 9, 10), "PASS"),
    ],
)
def test_what_is_read_around_repetitions(numbers: tuple[int, ...], expected: str) -> None:
    """Three rounds without a repetition, then three after one each: late counting shows once, and what moves by itself is left out."""
    rounds = tuple(
        ReadingRound(
            id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", replayed=place > 2, reads=(sent(200, {"all": number}, subject=COUNT),)
        )
        for place, number in enumerate(numbers)
    )
    readings = ReplayReadings(id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", first=counts(2, 0), rounds=rounds)

    assert verdict("IDE-003", ADD, readings, contract=LIBRARY) == expected


@pytest.mark.parametrize("annotation", [{"x-cache": {"volatile": ["/meta"]}}, {"x-freshness": {"stalenessMs": "/meta/age"}}, {}])
def test_what_may_move_at_any_time_is_no_change(annotation: dict[str, Any]) -> None:
    """It stood still by chance in the rounds without a repetition."""
    document = json.loads(json.dumps(LIBRARY.openapi))
    document["paths"]["/copies"]["get"] |= annotation
    rounds = tuple(
        ReadingRound(
            id=f"k{next(_IDS)}",
            subject=ADD,
            purpose="by hand",
            replayed=place > 2,
            reads=(sent(200, {"all": 5, "meta": {"age": max(0, place - 2)}}, subject=COUNT),),
        )
        for place in range(6)
    )
    readings = ReplayReadings(id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", first=counts(2, 0), rounds=rounds)

    assert verdict("IDE-003", ADD, readings, contract=parse_bundle(document)) == ("PASS" if annotation else "FAIL")


def test_what_could_not_be_read_shows_nothing() -> None:
    """Every reading was refused."""
    refused = sent(404, {}, subject=COUNT)
    rounds = tuple(
        ReadingRound(
            id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", replayed=False, reads=(dataclasses.replace(refused, id=f"k{next(_IDS)}"),)
        )
        for _ in range(3)
    )
    readings = ReplayReadings(id=f"k{next(_IDS)}", subject=ADD, purpose="by hand", first=counts(2, 0), rounds=rounds)

    assert verdict("IDE-003", ADD, readings, contract=LIBRARY) == "INCONCLUSIVE"
