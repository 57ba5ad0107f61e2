"""The driver of persistence: things are written, and read before and afterwards."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import orjson
from assay_conformance.corpus import CorpusCase
from assay_conformance.corpus.cases import CorpusRequest, Slot
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.persistence import drive_changing
from assay_conformance.evidence import Write
from assay_conformance.fixture_values import FixtureValues

from .harbour import Call, Reply, contract_of, evidence_of

SHIP = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}}
PROPERTIES: dict[str, Any] = {"flag": {"type": "string"}, "crew": {"type": "integer"}}
SHOWN = {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}, **PROPERTIES}}}}
FINE = {"200": {"description": "Fine.", "content": SHOWN}}
BODY = {"content": {"application/json": {"schema": {"type": "object", "properties": PROPERTIES}}}}
CONTRACT = contract_of(
    {
        "/ships": {"post": {"operationId": "build", "requestBody": BODY, "responses": FINE}},
        "/ships/{ship}": {
            "get": {"operationId": "look", "parameters": [SHIP], "responses": FINE},
            "patch": {"operationId": "refit", "parameters": [SHIP], "requestBody": BODY, "responses": FINE},
        },
    }
)


def case(operation: str, method: str, path: str, body: dict[str, Any]) -> CorpusCase:
    """A request that the contract allows."""
    places = (("ship", Slot("parameter:ship")),) if "{ship}" in path else ()
    request = CorpusRequest(method, path, places, headers=(("content-type", "application/json"),), body=orjson.dumps(body).decode())
    return CorpusCase(operation, request, "positive", "examples", "accepted", (), "by hand")


CASES = (
    case("build", "POST", "/ships", {"flag": "green", "crew": 3}),
    case("refit", "PATCH", "/ships/{ship}", {"flag": "red", "crew": 4}),
)


class Yard:
    """Ships that are kept."""

    def __init__(self) -> None:
        self.ships: dict[str, dict[str, Any]] = {}
        self.names = itertools.count(1)

    def answer(self, call: Call) -> Reply:
        """Build, refit and show ships."""
        name = call.path.rpartition("/")[2] if call.method != "POST" else f"s{next(self.names)}"
        ship = self.ships.setdefault(name, {"id": name})
        ship.update(orjson.loads(call.body) if call.body else {})
        return Reply(dict(ship))


async def with_fixtures(context: DriverContext) -> None:
    """Drive with ships of the run's own."""
    fixtures = FixtureValues(context.contract, context.wire, context.target, context.cases)
    await drive_changing(dataclasses.replace(context, fixtures=fixtures))


def writes() -> list[Write]:
    """What the driver records of a yard that keeps its ships."""
    return list(evidence_of(with_fixtures, CONTRACT, Yard().answer, cases=CASES, parameters={"ship": "aurora"}).of(Write))


def test_what_is_created_is_read() -> None:
    """By the name that the response gives."""
    built, another = [item for item in writes() if item.subject == "build"]

    assert built.before is None
    assert built.after is not None
    assert built.after.answer.json == {"id": built.written.answer.json["id"], "flag": "green", "crew": 3}
    assert another.after is not None
    assert another.after.answer.json == {"id": another.written.answer.json["id"], "flag": "greenx", "crew": 4}


def test_a_thing_is_changed_by_whole_bodies_and_by_one_property_alone() -> None:
    """Each change has what was read before and afterwards, and one ship takes all of them."""
    changes = [item for item in writes() if item.subject == "refit"]
    sent = [sorted(orjson.loads(item.written.request.body or "")) for item in changes]

    assert sent == [["crew", "flag"], ["crew"], ["crew", "flag"], ["flag"], ["crew", "flag"]]
    assert len({item.written.request.path for item in changes}) == 1
    assert all(item.before is not None and item.after is not None for item in changes)
    assert [item.before for item in changes[1:]] == [item.after for item in changes[:-1]]


def test_each_property_is_changed() -> None:
    """A server that keeps one of them alone is not taken for a right one."""
    whole = [item for item in writes() if item.subject == "refit" and len(orjson.loads(item.written.request.body or "")) == len(PROPERTIES)]

    for name in PROPERTIES:
        assert len({orjson.loads(item.written.request.body or "")[name] for item in whole}) > 1
