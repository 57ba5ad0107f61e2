"""The driver of own clauses: the requests that they name, twice each."""

from __future__ import annotations

from typing import Any

from assay_conformance.drivers.own_clauses import drive
from assay_conformance.evidence import ClauseResponses
from assay_contracts import parse_bundle

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter

SHIP = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}}
PLAIN = contract_of(
    {
        "/ships": {"get": operation("listShips", (query_parameter("flag"), query_parameter("year", required=True, enum=["2026", "2027"])))},
        "/ships/{ship}": {"get": operation("getShip", (SHIP,))},
    }
)
CLAUSE: dict[str, Any] = {
    "id": "SHP-001",
    "level": "MUST",
    "sentence": "A ship is in the list of its flag.",
    "subjects": ["listShips", "getShip"],
    "requests": {"all": {"operation": "listShips", "with": {"flag": "red"}}, "one": {"operation": "getShip", "with": {"ship": "aurora"}}},
    "holds": "one.name in all.names",
}
CONTRACT = parse_bundle({**PLAIN.openapi, "x-clauses": [CLAUSE]})


def test_every_request_is_sent_twice_for_each_subject() -> None:
    """With the values that the clause states, and one that the contract allows for what is required."""
    found = evidence_of(drive, CONTRACT, lambda call: Reply({"path": call.path, "query": dict(call.query)})).of(ClauseResponses)

    assert [(item.subject, item.clause, item.names) for item in found] == [
        ("listShips", "SHP-001", ("all", "one")),
        ("getShip", "SHP-001", ("all", "one")),
    ]
    assert [exchange.answer.json for exchange in found[0].first] == [
        {"path": "/ships", "query": {"flag": "red", "year": "2026"}},
        {"path": "/ships/aurora", "query": {}},
    ]
    assert [exchange.request for exchange in found[0].again] == [exchange.request for exchange in found[0].first]
    assert dict(found[0].tenants)["primary"] == "primary-quay"


def test_a_clause_without_an_expression_sends_nothing() -> None:
    """Nobody could judge the responses."""
    bare = parse_bundle({**PLAIN.openapi, "x-clauses": [{name: CLAUSE[name] for name in ("id", "level", "sentence", "subjects")}]})

    def answer(call: Call) -> Reply:
        return Reply({})

    assert evidence_of(drive, bare, answer).records == ()
