"""Schemas on their way to models."""

from __future__ import annotations

import pytest
from assay_codegen.naming import attribute, constant, pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.rendering import literal


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tenantId", ("tenant_id", "TenantId", "TENANT_ID")),
        ("from", ("from_", "From", "FROM")),
        ("p95SubmitLatencyMs", ("p95_submit_latency_ms", "P95SubmitLatencyMs", "P95_SUBMIT_LATENCY_MS")),
        ("INVALID_WINDOW", ("invalid_window", "InvalidWindow", "INVALID_WINDOW")),
        ("incident-feed", ("incident_feed", "IncidentFeed", "INCIDENT_FEED")),
        ("HTTPStatus", ("http_status", "HttpStatus", "HTTP_STATUS")),
        ("24h", ("field_24_h", "24H", "FIELD_24_H")),
    ],
)
def test_names_become_names_of_python(name: str, expected: tuple[str, str, str]) -> None:
    """An attribute, a class, a constant."""
    assert (snake(name), pascal(name), constant(name)) == expected


def test_a_pointer_becomes_an_attribute() -> None:
    """Step by step, keywords among them."""
    assert attribute("answer", "/window/from") == "answer.window.from_"


def test_an_enumeration_of_text_is_opened_and_examples_go() -> None:
    """A value that a later version adds is text."""
    pool = Pool(None)
    pool.take({"type": "string", "enum": ["a", "b"], "description": "A or b.", "examples": ["a"]}, "Letter")

    assert pool.schemas == {"Letter": {"description": "A or b.", "anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "string"}]}}


def test_the_constant_that_names_a_message_stays_closed() -> None:
    """Messages are told apart by it."""
    pool = Pool(None)
    pool.take({"type": "object", "properties": {"type": {"type": "string", "const": "beat"}}}, "Beat")

    assert pool.schemas["Beat"]["properties"]["type"] == {"type": "string", "const": "beat"}


def test_a_member_may_bear_the_name_of_a_keyword() -> None:
    """`enum`, `examples` and `format` are data inside `properties`."""
    schema = {"type": "object", "properties": {"enum": {"type": "string"}, "examples": {"type": "integer"}, "format": {"type": "string"}}}
    pool = Pool(None)
    pool.take(schema, "Odd")

    assert pool.schemas["Odd"] == schema


def test_a_schema_version_loses_its_pattern_wherever_it_is_stated() -> None:
    """Only its major counts, and the runtime looks at that."""
    version = {"type": "string", "pattern": "^1\\.0\\.[0-9]+$", "description": "The version."}
    pool = Pool("/schemaVersion")
    pool.take({"type": "object", "properties": {"schemaVersion": version}}, "Answer")

    assert pool.schemas["Answer"]["properties"]["schemaVersion"] == {"type": "string", "description": "The version."}


def test_the_same_schema_of_two_documents_is_one_model() -> None:
    """Their words may differ."""
    pool = Pool(None)
    pool.take({"$ref": "#/$defs/Size", "$defs": {"Size": {"type": "integer", "description": "One."}}}, "A")

    assert pool.take({"$ref": "#/$defs/Size", "$defs": {"Size": {"type": "integer", "description": "Two."}}}, "B", "feed") == "Size"
    assert pool.schemas == {"Size": {"type": "integer", "description": "One."}}


def test_another_schema_of_the_same_name_is_a_model_of_its_own_and_so_is_what_refers_to_it() -> None:
    """Both take the name of where they come from in front."""
    box = {"type": "object", "properties": {"size": {"$ref": "#/$defs/Size"}}}
    pool = Pool(None)
    pool.take({"$ref": "#/$defs/Box", "$defs": {"Box": box, "Size": {"type": "integer"}}}, "A")
    name = pool.take({"$ref": "#/$defs/Box", "$defs": {"Box": dict(box), "Size": {"type": "string"}}}, "B", "itemFeed")

    assert name == "ItemFeedBox"
    assert pool.schemas["ItemFeedBox"]["properties"] == {"size": {"$ref": "#/$defs/ItemFeedSize"}}
    assert (pool.schemas["Size"], pool.schemas["ItemFeedSize"]) == ({"type": "integer"}, {"type": "string"})


@pytest.mark.parametrize("value", ['say "hi"', "back\\slash", "two\nlines", ("a",), ("a", "b"), (), None, 3, True])
def test_a_value_is_written_as_python_reads_it(value: object) -> None:
    """Whatever is in a text."""
    assert eval(literal(value)) == value


def test_a_reference_into_a_schema_is_a_model_of_its_own() -> None:
    """It goes by the name of who refers to it."""
    pool = Pool(None)
    inner = {"type": "object", "properties": {"x": {"type": "integer"}}}
    schema = {"$ref": "#/$defs/T/properties/inner", "$defs": {"T": {"type": "object", "properties": {"inner": inner}}}}

    assert pool.take(schema, "Answer") == "Answer"
    assert pool.resolve(pool.schemas["Answer"]) == inner
