"""What a number rests on is asked of the other operations: with the right parameters, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson
import pytest
from assay_conformance.check import Violation
from assay_conformance.checks.derived import a_sum_equals_its_numbers
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers import derived
from assay_conformance.evidence import Derivation, Evidence, Exchange, Journal, Provenance, Request, Response
from assay_conformance.target import Target
from assay_contracts import Contract, Operation, parse_bundle

NUMBER = {"type": "integer"}


def operation(id: str, parameters: Iterable[str], **annotations: Any) -> dict[str, Any]:
    """An operation with query parameters of strings; a name in braces is one of the path."""
    declared = [
        {
            "name": name.strip("{}"),
            "in": "path" if name.startswith("{") else "query",
            "required": name.startswith("{"),
            "schema": {"type": "string"},
        }
        for name in parameters
    ]
    content = {"application/json": {"schema": {"type": "object"}}}
    responses = {"200": {"description": "Fine.", "content": content}}
    return {"operationId": id, "parameters": declared, "responses": responses, **annotations}


RULE = {"value": "/rooms/*/visits", "sum": {"operation": "listVisits", "with": {"room": "/rooms/*/name"}, "at": "/items/*/count"}}
PAGES = {
    "style": "cursor", "items": "/items", "identity": "id", "cursor": {"parameter": "after", "next": "/next"},
    "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 2},
}  # fmt: skip
PATHS = {
    "/rooms": {"get": operation("listRooms", ["season"], **{"x-derived": [RULE]})},
    "/rooms/{room}/visits": {"get": operation("listVisits", ["{room}", "season", "after", "limit"], **{"x-pagination": PAGES})},
}
HOUSE = parse_bundle({"openapi": "3.1.0", "info": {"title": "House", "version": "1.0.0"}, "paths": PATHS})
VISITS = {"red": [1, 2, 4], "blue": [8]}


class Rooms:
    """A wire to a house whose rooms were visited so often; `wrong` is what it adds to the visits of a room."""

    def __init__(self, journal: Journal, *, wrong: int = 0) -> None:
        self._journal, self._wrong = journal, wrong
        self.requests: list[tuple[str, Mapping[str, Any], Mapping[str, str]]] = []

    async def ask(
        self, called: Operation, query: Mapping[str, Any], *, purpose: str, expected: str, path: Mapping[str, str] | None = None
    ) -> Exchange:
        """Answer one question of the house."""
        self.requests.append((called.id, {name: value for name, value in query.items() if value is not None}, path or {}))
        if called.id == "listRooms":
            body: dict[str, Any] = {"rooms": [{"name": name, "visits": sum(counts) + self._wrong} for name, counts in VISITS.items()]}
        else:
            counts, start = VISITS.get((path or {})["room"], []), int(query.get("after") or 0)
            following = str(start + 2) if start + 2 < len(counts) else None
            body = {
                "items": [{"id": start + place, "count": count} for place, count in enumerate(counts[start : start + 2])],
                "next": following,
            }
        response = Response(200, (("content-type", "application/json"),), orjson.dumps(body).decode())
        request = Request("GET", called.path)
        exchange = Exchange(
            id=self._journal.name("x"), subject=called.id, purpose=purpose, request=request, response=response, expected=expected
        )
        return self._journal.add(exchange)


def driven(contract: Contract = HOUSE, *, wrong: int = 0) -> tuple[Evidence, Rooms]:
    """What the driver wrote down, and what it asked."""
    journal = Journal()
    rooms, target = Rooms(journal, wrong=wrong), Target("house", "1", "http://x", "ws://x", {}, {}, {})
    context = DriverContext(contract, target, journal, cast(Wire, rooms), HookClient(target))
    asyncio.run(derived.drive(context))
    return journal.close(Provenance(str(contract.id), contract.digest, "", "", "", {}, "")), rooms


def test_each_number_is_asked_for_where_it_comes_from() -> None:
    """The parameter of the path is that of the item, and all pages are read."""
    evidence, rooms = driven()

    assert [(found.rule, found.indexes, len(found.sources[0].pages)) for found in evidence.of(Derivation)] == [(0, (0,), 2), (0, (1,), 1)]
    assert [(query, path) for id, query, path in rooms.requests if id == "listVisits"] == [
        ({"limit": 2}, {"room": "red"}),
        ({"limit": 2, "after": "2"}, {"room": "red"}),
        ({"limit": 2}, {"room": "blue"}),
    ]


def test_what_was_collected_shows_a_wrong_sum() -> None:
    """A right one passes."""
    right, _ = driven()
    a_sum_equals_its_numbers(right, HOUSE, "listRooms")

    wrong, _ = driven(wrong=1)
    with pytest.raises(Violation, match="expected 7"):
        a_sum_equals_its_numbers(wrong, HOUSE, "listRooms")


def test_a_rule_of_zero_has_another_thing_asked_about() -> None:
    """It may be one about which there is nothing; a rule without zero has not."""
    rooms_per_walk: list[list[str]] = []
    for rule in ({"value": "/share", "zeroWhen": "/visits"}, {"value": "/share", "atMost": "/visits"}):
        room = operation("getRoom", ["{room}"], **{"x-derived": [rule]})

        document = {"openapi": "3.1.0", "info": {"title": "House", "version": "1.0.0"}, "paths": {"/rooms/{room}": {"get": room}}}
        _, rooms = driven(parse_bundle(document))
        rooms_per_walk.append([path["room"] for _, _, path in rooms.requests if "room" in path])

    assert [len(paths) for paths in rooms_per_walk] == [1, 0]
