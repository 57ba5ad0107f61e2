"""The ledger: which operation an exchange is of, and what of it counts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from assay_conformance.evidence import Exchange, Request, Response
from assay_drift.findings import Finding, Kind, Report, Side, ordered
from assay_drift.ledger import Ledger
from assay_drift.output import FORMATS, render
from assay_drift.server_commands import FORMATS as OFFERED

from .scripted import shop_contract

JSON = (("content-type", "application/json"),)
PAGE = (("content-type", "application/json; charset=utf-8"), ("etag", '"p1"'), ("cache-control", "private, max-age=1"))
PROBLEM = (("content-type", "application/problem+json"),)


def exchange(
    path: str, status: int, body: str = "", *, method: str = "GET", headers: Any = PAGE, subject: str = "", expected: str = "any"
) -> Exchange:
    """One exchange with the shop."""
    return Exchange(
        id="x", subject=subject, purpose="", request=Request(method, path), response=Response(status, headers, body), expected=expected
    )  # fmt: skip


def findings(*exchanges: Exchange, side: Side = Side.UNDOCUMENTED) -> set[tuple[Kind, str, str]]:
    """What a ledger of these says stands alone on one side."""
    ledger = Ledger(shop_contract())
    ledger.extend(exchanges)
    return {(finding.kind, finding.subject, finding.name) for finding in ledger.findings() if finding.side is side}


def test_what_was_broken_on_purpose_says_nothing() -> None:
    """The kit has a server break its schema, and then its evidence is no drift."""
    broken = exchange("/products", 200, '{"products": 1}', expected="broken")

    assert findings(broken, side=Side.CONTRADICTING) == set()
    assert findings(dataclasses.replace(broken, expected="any"), side=Side.CONTRADICTING) != set()


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([exchange("/products", 200, '{"products": [], "total": 0}')], set()),
        ([exchange("/products/", 200, '{"products": [], "total": 0}')], set()),
        ([exchange("/other", 404)], set()),
        ([exchange("/other", 200)], {(Kind.OPERATION, "GET /other", "GET /other")}),
        ([exchange("/products", 204, method="DELETE")], {(Kind.OPERATION, "DELETE /products", "DELETE /products")}),
        ([exchange("/products", 200, method="OPTIONS")], set()),
        ([exchange("/products", 405, method="DELETE"), exchange("/products", 304)], {(Kind.STATUS, "listProducts", "405")}),
        ([exchange("/nowhere", 400, subject="listProducts", headers=PROBLEM)], set()),
        ([exchange("/products", 302), exchange("/products", 304)], {(Kind.STATUS, "listProducts", "302")}),
        (
            [exchange("/products", 200, "<p>", headers=(*PAGE[1:], ("content-type", "text/html")))],
            {(Kind.MEDIA_TYPE, "listProducts", "text/html")},
        ),
    ],
)
def test_each_exchange_is_of_its_operation(exchanges: list[Exchange], expected: set[Any]) -> None:
    """By method and path, else by what it was meant for; a refusal of what nobody knows is no finding."""
    assert findings(*exchanges) == expected


def test_a_code_with_another_status_contradicts() -> None:
    """The taxonomy says which status a code has."""
    refused = exchange("/products", 400, '{"code": "NO_TOKEN"}', headers=PROBLEM)

    assert (Kind.CODE, "listProducts", "NO_TOKEN") in findings(refused, side=Side.CONTRADICTING)


def test_an_answer_without_a_body_where_one_is_declared_contradicts() -> None:
    """An empty 200 is no page; an empty 304 is right."""
    assert (Kind.VALUE, "listProducts", "/") in findings(exchange("/products", 200), side=Side.CONTRADICTING)
    assert (Kind.VALUE, "listProducts", "/") not in findings(exchange("/products", 304), side=Side.CONTRADICTING)


def test_a_request_without_an_answer_is_counted() -> None:
    """It says nothing of the contract."""
    ledger = Ledger(shop_contract())
    ledger.add(Exchange(id="x", subject="", purpose="", request=Request("GET", "/products"), response=None, failure="refused"))

    assert (ledger.seen["exchanges"], ledger.seen["unanswered"]) == (0, 1)


FINDING = Finding(Side.UNDOCUMENTED, Kind.HEADER, "listProducts", "x-debug", "200", 3)


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("header:x-debug", True),
        ("header:x-*", True),
        ("header:listProducts/200/x-debug", True),
        ("header:listProducts/*", True),
        ("header:y-*", False),
        ("member:x-debug", False),
    ],
)
def test_a_finding_is_ignored_by_kind_and_name(pattern: str, ignored: bool) -> None:
    """By its name alone, or by where it stands."""
    assert FINDING.ignored([pattern]) is ignored


def test_a_report_reads_the_same_for_the_same_findings() -> None:
    """Whatever the order in which traffic came, in every form that the command offers."""
    other = dataclasses.replace(FINDING, side=Side.NEVER_SEEN, name="<b>&", count=0)
    reports = [Report("c", "s", ordered(found), {"exchanges": 1}) for found in ([FINDING, other], [other, FINDING])]

    assert OFFERED == FORMATS
    for form in FORMATS:
        assert render(reports[0], form) == render(reports[1], form)
        assert "<b>&" not in render(reports[0], form) or form in ("text", "json", "github")
