"""The driver of near misses: values that a careless parser takes for allowed ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from assay_conformance.drivers.near_misses import drive, near_misses
from assay_conformance.evidence import Exchange
from assay_conformance.judging import judge
from assay_conformance.request_plans import stated_value
from assay_conformance.target import Target
from assay_contracts import Parameter

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter

CONTRACT = contract_of(
    {
        "/ships": {
            "get": operation(
                "listShips",
                [query_parameter("limit", type="integer", minimum=1, maximum=50), query_parameter("flag", enum=["blue", "red"])],
            )
        }
    }
)


def strict(call: Call) -> Reply:
    """Takes whole numbers and the two flags."""
    fine = re.fullmatch(r"[0-9]+", call.query.get("limit", "1")) and call.query.get("flag", "red") in ("blue", "red")
    return Reply({}) if fine else Reply({}, 400)


def parses_what_it_can(call: Call) -> Reply:
    """Reads a number as far as there are digits."""
    return strict(Call(call.method, call.path, {**call.query, "limit": re.sub("[^0-9].*", "", call.query.get("limit", "1")) or "1"}, {}))


def ignores_case(call: Call) -> Reply:
    """Flags in capital letters are flags."""
    return strict(Call(call.method, call.path, {name: value.lower() for name, value in call.query.items()}, {}))


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, 7, ["7abc", "7;", "0x7"]),
        ({"type": "string", "enum": ["asc", "ASC"]}, "asc", ["ascx", "asc,asc"]),
        ({"type": "string", "enum": ["asc", "desc"]}, "asc", ["ASC", "ascx", "asc,asc"]),
        ({"type": "string"}, "asc", []),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 7, []),
        ({"type": "boolean"}, True, []),
    ],
)
def test_a_near_miss_is_forbidden_beyond_doubt(schema: dict[str, Any], value: object, expected: list[str]) -> None:
    """What some reading of the schema allows is none."""
    assert near_misses(Parameter("x", "query", required=False, schema=schema), value) == expected


@pytest.mark.parametrize(("server", "expected"), [(strict, "PASS"), (parses_what_it_can, "FAIL"), (ignores_case, "FAIL")])
def test_a_careless_parser_is_seen(server: Any, expected: str) -> None:
    """A request that the contract forbids is refused, however near it is to a right one."""
    (row,) = judge(CONTRACT, evidence_of(drive, CONTRACT, server), only={"OP-006"}).rows

    assert row.verdict.value == expected


def test_nothing_is_sent_where_the_value_itself_is_rejected() -> None:
    """The request may be wrong for another reason."""
    sent = [item.purpose for item in evidence_of(drive, CONTRACT, lambda _: Reply({}, 400)).of(Exchange)]

    assert sent == ["limit as it is allowed", "flag as it is allowed"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"$ref": "#/$defs/Kind"}},
        {"anyOf": [{"$ref": "#/$defs/Kind"}, {"type": "null"}]},
        {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Kind"}}, {"type": "null"}]},
    ],
)
def test_a_value_is_found_behind_a_reference(schema: dict[str, Any]) -> None:
    """Documents name their enumerations, and optional parameters are choices."""
    named = {**schema, "$defs": {"Kind": {"type": "string", "enum": ["tug", "ferry"]}}}
    target = Target("harbour", "1", "http://x", "ws://x", {}, {}, {})

    assert stated_value(target, Parameter("kind", "query", required=False, schema=named)) in ("tug", ["tug"])
