"""The checks of the error taxonomy, on errors written by hand."""

from __future__ import annotations

import copy
import dataclasses

import pytest
from assay_conformance.evidence import Record
from assay_contracts import Contract, parse_bundle

from .by_hand import BOOKS, OPENAPI, VISITS, error, exchange, page, verdict


def with_editions(**more: object) -> Contract:
    """The library's contract whose lists of books state a schema version; its counts of visits have no place for one."""
    document = copy.deepcopy(OPENAPI)
    document["x-error-taxonomy"]["schemaVersion"] = {"header": "Accept-Edition", "at": "/edition", "code": "BAD_PAGE", **more}
    for path in document["paths"].values():
        if path["get"]["operationId"] == BOOKS:
            schema = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            schema["properties"]["edition"] = {"type": "string"}
    return parse_bundle(document)


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("ERR-001", "contract", [error("BAD_PAGE", 400)], "PASS"),
        ("ERR-001", "contract", [error("BAD_PAGE", 422)], "FAIL"),
        ("ERR-001", "contract", [error("BAD_PAGE", 400, status=422)], "FAIL"),
        ("ERR-001", "contract", [error("UNHEARD_OF", 400)], "FAIL"),
        ("ERR-001", "contract", [page("a")], "INCONCLUSIVE"),
        ("ERR-002", "contract", [error("NO_CARD", 401)], "PASS"),
        ("ERR-002", "contract", [error("NO_CARD", 401, kind="input")], "FAIL"),
        ("ERR-003", "contract", [error("NO_CARD", 401)], "PASS"),
        ("ERR-003", "contract", [error("NO_CARD", 401, retry=True)], "FAIL"),
    ],
)
def test_an_error_is_judged_by_what_the_taxonomy_says_of_its_code(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Status, category and the retryable flag are those of the code; a success shows nothing of them."""
    assert verdict(clause, subject, *records) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([exchange(BOOKS, 200, {"books": [], "next": None, "edition": "1.0.3"}), exchange(VISITS, 200, {"visits": 1})], "PASS"),
        ([exchange(BOOKS, 200, {"books": [], "next": None, "edition": "1.1.0"})], "FAIL"),
        ([page("a")], "FAIL"),
        ([exchange(VISITS, 200, {"visits": 1})], "INCONCLUSIVE"),
    ],
)
def test_a_version_is_stated_where_the_schema_has_a_place_for_it(records: list[Record], expected: str) -> None:
    """A health check or a catalog, whose format is its own, states none."""
    assert verdict("VER-001", "contract", *records, contract=with_editions()) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("0.9", "INCONCLUSIVE"), ("0.9.4", "INCONCLUSIVE"), ("1.0.4", "FAIL"), ("0.8", "FAIL")])
def test_who_asks_for_an_older_version_that_is_served_is_answered_with_it(wanted: str, expected: str) -> None:
    """Whichever patch of it; that it is the right one is another clause."""
    contract = with_editions(served=["0.9", "1.0"])
    answered = exchange(BOOKS, 200, {"books": [], "next": None, "edition": "0.9.0"})
    requested = dataclasses.replace(answered, request=dataclasses.replace(answered.request, headers=(("accept-edition", wanted),)))

    assert verdict("VER-001", "contract", requested, contract=contract) == expected


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("honored", "found", "expected"),
    [
        (True, (TRACE, TRACE, "own-1", "own-2"), "PASS"),
        (False, (TRACE, TRACE, "own-1", "own-2"), "FAIL"),
        (True, ("same", "same", "own-1", "own-2"), "FAIL"),
        (True, (TRACE, TRACE, "own-1", "own-1"), "FAIL"),
    ],
)
def test_requests_of_one_trace_may_share_its_identifier(honored: bool, found: tuple[str, ...], expected: str) -> None:
    """Where the contract honors the trace; any other identifier is given once."""
    document = copy.deepcopy(OPENAPI)
    document["x-error-taxonomy"]["correlation"] = {"header": "Visit-Id", "pattern": "^[a-z0-9-]{3,64}$", "traceparent": honored}
    answers = [exchange(BOOKS, headers={"visit-id": identifier}) for identifier in found]
    traced = [
        dataclasses.replace(item, request=dataclasses.replace(item.request, headers=(("traceparent", f"00-{TRACE}-b7ad6b7169203331-01"),)))
        for item in answers[:2]
    ]

    assert verdict("COR-004", "contract", *traced, *answers[2:], contract=parse_bundle(document)) == expected


QUERY = "SELECT id FROM orders WHERE id = $1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("limit must be a number", "PASS"),
        ("Select a book from the list, or update your account, set a name and delete from the cart.", "PASS"),
        ('File "/srv/app.py", line 12, in handle', "FAIL"),
        ("TypeError: x\n    at handle (/srv/app/routes.js:12:5)", "FAIL"),
        ("goroutine 17 [running]:", "FAIL"),
        ("java.lang.IllegalStateException\n\tat com.example.Shop.find(Shop.java:31)", "FAIL"),
        (f"near WHERE: {QUERY}", "FAIL"),
        ("INSERT  INTO orders VALUES (1)", "FAIL"),
        ("SQLSTATE[42000]", "FAIL"),
    ],
)
def test_an_error_has_no_trace_and_no_query_in_it(text: str, expected: str) -> None:
    """Wherever it stands in the body."""
    assert verdict("ERR-009", "contract", error("BAD_PAGE", 400, details=[{"why": text}])) == expected


def test_what_the_request_brought_may_come_back() -> None:
    """A message that quotes a value tells nothing that the client does not know."""
    answer = error("BAD_PAGE", 400, why=f"no such book: {QUERY}")
    repeated = dataclasses.replace(answer, request=dataclasses.replace(answer.request, query=(("title", QUERY),)))

    assert verdict("ERR-009", "contract", repeated) == "PASS"
