"""The set that is kept aside: operators of response mutation for any contract, their miss rate and its interval."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.evidence import Evidence, Exchange, Provenance, Request, Response
from assay_contracts import parse_bundle
from assay_mutants.aside import AsideFigures, aside_mutants, drawn, try_aside, wilson
from assay_mutants.roster import all_mutants

LAMPS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Lamps", "version": "1.0.0"},
    "paths": {
        "/lamps": {
            "get": {
                "operationId": "listLamps",
                "responses": {
                    "200": {
                        "description": "Lamps.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["lamps", "count"],
                                    "properties": {
                                        "lamps": {"type": "array", "items": {"type": "string", "enum": ["red", "green"]}},
                                        "count": {"type": "integer", "minimum": 0},
                                    },
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}
CONTRACT = parse_bundle(LAMPS)
REQUEST = Request("GET", "/lamps", (), (), None, "primary")
RESPONSE = Response(200, (("content-type", "application/json"),), '{"lamps":["red","green"],"count":2}')
EXCHANGE = Exchange(id="x1", subject="listLamps", purpose="read", request=REQUEST, response=RESPONSE, expected="accepted")
EVIDENCE = Evidence(Provenance("lamps@1.0.0", CONTRACT.digest, "", "", "", {"name": "lamps", "version": "1"}, ""), (EXCHANGE,))


def changed(operator: str, place: str = "") -> Response:
    """The response as one mutant of the set gives it."""
    ending = "-".join(part for part in (place, operator) if part)
    item = next(item for item in aside_mutants(CONTRACT) if item.mutant.id == f"aside-list-lamps-{ending}")
    return item.mutant.change(EXCHANGE, CONTRACT, {})


@pytest.mark.parametrize(
    ("operator", "place", "body"),
    [
        ("left-out", "count", '{"lamps":["red","green"]}'),
        ("null", "count", '{"lamps":["red","green"],"count":null}'),
        ("another-type", "count", '{"lamps":["red","green"],"count":"2"}'),
        ("number-zero", "count", '{"lamps":["red","green"],"count":0}'),
        ("number-negated", "count", '{"lamps":["red","green"],"count":-2}'),
        ("list-empty", "lamps", '{"lamps":[],"count":2}'),
        ("list-of-one", "lamps", '{"lamps":["red"],"count":2}'),
        ("list-item-twice", "lamps", '{"lamps":["red","green","green"],"count":2}'),
        ("list-reversed", "lamps", '{"lamps":["green","red"],"count":2}'),
        ("list-two-swapped", "lamps", '{"lamps":["green","red"],"count":2}'),
        ("other-enum-value", "lamps-item", '{"lamps":["red","red"],"count":2}'),
        ("string-other-case", "lamps-item", '{"lamps":["red","GREEN"],"count":2}'),
        ("body-half", "", '{"lamps":["red","'),
        ("body-none", "", ""),
    ],
)
def test_an_operator_changes_one_thing(operator: str, place: str, body: str) -> None:
    """Of the body, and nothing else."""
    found = changed(operator, place)

    assert (found.status, found.body) == (200, body)


def test_statuses_and_headers_change_too() -> None:
    """Within the class and to another one; a header is gone or altered."""
    assert changed("status-within-its-class").status in (201, 202, 203)
    assert {changed("status-of-another-class", str(status)).status for status in (302, 404, 500)} == {302, 404, 500}
    assert changed("header-left-out", "content-type").header("content-type") is None
    assert changed("header-altered", "content-type").header("content-type") == "application/jsonx"


def test_the_set_is_kept_aside() -> None:
    """None of it is among the mutants that checks are written against."""
    assert not {item.mutant.id for item in aside_mutants(CONTRACT)} & {mutant.id for mutant in all_mutants(CONTRACT)}


def test_what_the_contract_forbids_is_killed_and_what_it_leaves_open_survives() -> None:
    """The types are promised; the order of lamps is not. A mutant that changes nothing is not counted."""
    figures = try_aside(CONTRACT, EVIDENCE, aside_mutants(CONTRACT))

    assert figures.killed["another-type"] == figures.fired["another-type"] == 3
    assert figures.killed["status-of-another-class"] == 3
    assert "aside-list-lamps-lamps-list-reversed" in figures.survivors
    assert "boolean-negated" not in figures.fired
    assert figures.tried == sum(figures.killed.values()) + len(figures.survivors)


def test_the_interval_is_that_of_wilson() -> None:
    """Values from Newcombe (1998): 15 of 148, and none of 20."""
    assert [round(bound, 4) for bound in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(bound, 4) for bound in wilson(0, 20)] == [0.0, 0.1611]
    assert wilson(0, 0) == (0.0, 1.0)
    assert AsideFigures("lamps@1.0.0", {"null": 20}, {"null": 20}, ()).as_json()["interval"] == [0.0, 0.1611]


def test_a_draw_is_the_same_for_the_same_seed() -> None:
    """So many, all when there are fewer."""
    everything = aside_mutants(CONTRACT)

    assert drawn(everything, 5, 1) == drawn(everything, 5, 1) != drawn(everything, 5, 2)
    assert len(drawn(everything, 5, 1)) == 5
    assert drawn(everything, 10_000, 1) == drawn(everything, None, 1) == everything
