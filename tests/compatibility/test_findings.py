"""One finding per root cause, and a fingerprint that stays."""

from __future__ import annotations

import copy
from typing import Any

from assay_compatibility.comparing import compare_inline
from assay_compatibility.findings import Finding

THING: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}, "kind": {"enum": ["a", "b"]}}}


def sharing(operations: int, thing: Any = THING, *, deep: int = 0) -> dict[str, Any]:
    """A document whose operations all send and receive one component, through others that hold it."""
    schemas: dict[str, Any] = {"Level0": thing}
    for level in range(1, deep + 1):
        schemas[f"Level{level}"] = {"type": "object", "properties": {"inner": {"$ref": f"#/components/schemas/Level{level - 1}"}}}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Level{deep}"}}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "fine", "content": content}}}
    paths = {f"/things{number:03}": {"post": copy.deepcopy(operation)} for number in range(operations)}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}


def with_shorter_names() -> Any:
    """The component with one change."""
    thing = copy.deepcopy(THING)
    thing["properties"]["name"]["maxLength"] = 8
    return thing


def findings(old: Any, new: Any) -> tuple[Finding, ...]:
    """The findings."""
    return compare_inline(old, new).findings


def test_a_component_of_many_operations_is_one_finding_a_direction() -> None:
    """Not one per path through references, but each with everything that it reaches."""
    found = findings(sharing(50, deep=3), sharing(50, with_shorter_names(), deep=3))

    assert [(finding.rule, finding.direction, finding.level.value) for finding in found] == [
        ("max-length-decreased", "request", "major"),
        ("max-length-decreased", "response", "minor"),
    ]
    assert {finding.pointer for finding in found} == {"/components/schemas/Level0/properties/name/maxLength"}
    assert {finding.reaches for finding in found} == {tuple(f"POST /things{number:03}" for number in range(50))}


def test_two_changes_of_one_component_are_two_root_causes() -> None:
    """What is shared is the component, not the finding."""
    new = with_shorter_names()
    new["properties"]["kind"]["enum"] = ["a"]

    assert len(findings(sharing(3), sharing(3, new))) == 4


def test_shared_parameters_answers_and_headers_are_one_finding_each() -> None:
    """Every kind of component is looked at once."""

    def document(least: int) -> dict[str, Any]:
        operation = {
            "parameters": [{"$ref": "#/components/parameters/size"}],
            "responses": {"200": {"$ref": "#/components/responses/fine"}},
        }
        parts = {
            "parameters": {"size": {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": least}}},
            "responses": {"fine": {"description": "fine", "headers": {"Left": {"$ref": "#/components/headers/left"}}}},
            "headers": {"left": {"required": least == 1, "schema": {"type": "integer"}}},
        }
        paths = {f"/{name}": {"get": operation} for name in "abc"}
        return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": parts}

    found = findings(document(1), document(2))

    assert [(finding.rule, finding.pointer.rpartition("/")[0], finding.reaches) for finding in found] == [
        ("parameter-became-optional", "/components/headers", ("GET /a", "GET /b", "GET /c")),
        ("minimum-increased", "/components/parameters/size/schema", ("GET /a", "GET /b", "GET /c")),
    ]


def test_messages_that_share_a_payload_are_reached_by_one_finding() -> None:
    """In AsyncAPI documents too, each message by its operation and its name."""

    def document(thing: Any) -> dict[str, Any]:
        messages = {name: {"payload": {"$ref": "#/components/schemas/Thing"}} for name in ("made", "mended")}
        operation = {"action": "send", "channel": {"$ref": "#/channels/things"}}
        return {
            "asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "operations": {"tell": operation},
            "channels": {"things": {"address": "/things", "messages": messages}}, "components": {"schemas": {"Thing": thing}},
        }  # fmt: skip

    found = findings(document(with_shorter_names()), document(THING))

    assert [(finding.rule, finding.reaches) for finding in found] == [("max-length-increased", ("tell made", "tell mended"))]


def test_an_unrelated_operation_changes_no_fingerprint() -> None:
    """Only what a finding reaches may grow."""
    few = findings(sharing(2), sharing(2, with_shorter_names()))
    more = sharing(2, with_shorter_names())
    more["paths"] = {"/another": {"get": {"responses": {"200": {"description": "fine"}}}}, **more["paths"]}
    many = findings(sharing(2), more)

    assert {finding.fingerprint for finding in few} < {finding.fingerprint for finding in many}


def test_a_fingerprint_is_that_of_rule_pointer_and_direction() -> None:
    """Whatever the values are, and whatever else it reaches."""
    shorter = with_shorter_names()
    shorter["properties"]["name"]["maxLength"] = 5
    first, second = findings(sharing(2), sharing(2, with_shorter_names())), findings(sharing(7), sharing(7, shorter))

    assert [finding.fingerprint for finding in first] == [finding.fingerprint for finding in second]
    assert len({finding.fingerprint for finding in first}) == len(first)


def test_several_changes_of_one_place_by_one_rule_have_fingerprints_of_their_own() -> None:
    """Two members that are required without being declared stand in one list."""
    old = sharing(1)
    new = sharing(1, {**THING, "required": ["one", "two"]})
    found = [finding for finding in findings(old, new) if finding.direction == "request"]

    assert [finding.after for finding in found] == ["one", "two"]
    assert len({finding.fingerprint for finding in found}) == 2


def test_the_order_of_operations_changes_nothing() -> None:
    """Findings come in one order, with the same bytes."""
    new = sharing(9, with_shorter_names())
    turned = {**new, "paths": dict(reversed(new["paths"].items()))}

    assert compare_inline(sharing(9), new).as_json() == compare_inline(sharing(9), turned).as_json()
