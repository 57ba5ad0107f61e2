"""What generated clients send besides parameters, and the answers that are no single JSON schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.client_programs import run
from tests.codegen.conftest import Document, Load


def posted(document: Document, **more: Any) -> Document:
    """The document with one more operation, that creates a thing."""
    reference = {"schema": {"$ref": "#/components/schemas/Thing"}}
    document["paths"]["/things"] = {
        "post": {
            "operationId": "createThing",
            "summary": "Make a thing",
            "requestBody": {"required": True, "content": {"application/json": reference}},
            "responses": {"201": {"description": "Made.", "content": {"application/json": reference}}},
            **more,
        }
    }
    return document


def test_a_body_is_sent_by_the_names_of_the_wire_and_without_what_was_not_given(document: Document, load: Load, tmp_path: Path) -> None:
    """`class` and `madeOn`, though Python writes `class_` and `made_on`."""
    program = """
from things import Thing, ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print(client.create_thing(body=Thing(kind="small", class_="a")).class_)
"""
    lines = run(load, posted(document), tmp_path, program, (201, '{"kind": "small", "class": "b"}'))

    assert lines == [
        "POST http://host/things {'Accept': 'application/json', 'Content-Type': 'application/json'} {\"kind\":\"small\",\"class\":\"a\"}",
        "b",
    ]


def test_all_attempts_of_a_call_bear_one_idempotency_key_unless_it_was_given(document: Document, load: Load, tmp_path: Path) -> None:
    """Without a key, a request whose fate is unknown would not be sent again."""
    header = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    keyed = posted(document, parameters=[header], **{"x-idempotency": {"header": "Idempotency-Key", "conflict": "OUT_OF_TEA"}})
    program = """
from things import Thing, ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=RetryPolicy(first_pause=0.001))
thing = Thing(kind="small", class_="a")
client.create_thing(body=thing)
client.create_thing(body=thing, idempotency_key="mine")
print(len(set(keys[:2])), len(keys[0]), keys[2])
"""
    answer = (201, '{"kind": "small", "class": "b"}')
    lines = run(load, keyed, tmp_path, program, (503, '{"code": "OUT_OF_TEA"}'), answer, answer)

    assert lines[-1] == "1 36 mine"


def test_each_status_is_read_by_its_own_schema(document: Document, load: Load, tmp_path: Path) -> None:
    """200 with a thing, 202 with a ticket, 204 with nothing; headers are arguments too."""
    operation = document["paths"]["/things/{thingId}"]["get"]
    operation["parameters"].append({"name": "Prefer", "in": "header", "schema": {"type": "string"}})
    ticket = {"type": "object", "required": ["ticket"], "properties": {"ticket": {"type": "string"}}}
    operation["responses"]["202"] = {"description": "Later.", "content": {"application/json": {"schema": ticket}}}
    operation["responses"]["204"] = {"description": "Gone."}
    program = """
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
for _ in range(3):
    print(repr(client.get_thing(thing_id="a", prefer="respond-async")))
"""
    lines = run(load, document, tmp_path, program, (200, '{"kind": "small", "class": "b"}'), (202, '{"ticket": "t"}'), (204, ""))

    assert lines[0] == "GET http://host/things/a {'Accept': 'application/json', 'Prefer': 'respond-async'} "
    assert lines[1::2] == ["Thing(kind='small', class_='b', made_on=None)", "GetThingAnswer202(ticket='t')", "None"]


def test_text_is_a_string(document: Document, load: Load, tmp_path: Path) -> None:
    """A table goes up and comes down."""
    table: dict[str, Any] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
    raw = posted(document, requestBody=table, responses={"200": {"description": "The table.", **table}})
    program = """
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print(client.create_thing(body="a;b"))
"""
    lines = run(load, raw, tmp_path, program, (200, "c;d"))

    assert lines == ["POST http://host/things {'Accept': 'text/csv', 'Content-Type': 'text/csv'} a;b", "c;d"]


@pytest.mark.parametrize("total", [{"total": "/total"}, {}])
def test_a_list_by_offset_is_read_to_its_end(document: Document, load: Load, tmp_path: Path, total: dict[str, str]) -> None:
    """As far as the total says, or until a page is empty."""
    page = {
        "type": "object",
        "required": ["things"],
        "properties": {
            "things": {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}},
            "total": {"type": "integer"},
        },
    }
    document["paths"]["/things"] = {
        "get": {
            "operationId": "listThings",
            "summary": "All things",
            "parameters": [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("offset", "limit")],
            "responses": {"200": {"description": "A page.", "content": {"application/json": {"schema": page}}}},
            "x-pagination": {
                "style": "offset",
                "items": "/things",
                "identity": "id",
                "offset": {"parameter": "offset", **total},
                "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 9},
            },
        }
    }
    program = """
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print([thing.id for thing in client.list_things(offset=1, limit=2)])
"""
    pages = [{"things": [{"id": 1}, {"id": 2}], "total": 4}, {"things": [{"id": 3}], "total": 4}, {"things": []}]
    lines = run(load, document, tmp_path, program, *((200, json.dumps(page)) for page in pages))

    queries = [line.split()[1].partition("?")[2] for line in lines[:-1]]
    assert lines[-1] == "[1, 2, 3]"
    assert queries == ["offset=1&limit=2", "offset=3&limit=2"] + ([] if total else ["offset=4&limit=2"])


def test_a_contract_without_a_taxonomy_has_errors_by_status(document: Document, load: Load, tmp_path: Path) -> None:
    """Anyone's document, with nothing of the vocabulary in it."""
    del document["x-error-taxonomy"], document["paths"]["/things/{thingId}"]["get"]["x-error-codes"]
    program = """
from assay_sdk import ApiError
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
try:
    client.get_thing(thing_id="a")
except ApiError as error:
    print(error.code, error.status)
"""
    lines = run(load, document, tmp_path, program, (404, "gone"))

    assert lines[-1] == "HTTP_404 404"


def test_an_operation_without_an_id_and_schemas_with_odd_names_get_names_of_their_own(
    document: Document, load: Load, tmp_path: Path
) -> None:
    """Both are legal in OpenAPI and neither is a name of Python; a schema may even be called as the runtime's own classes are."""
    del document["paths"]["/things/{thingId}"]["get"]["operationId"]
    schemas = document["components"]["schemas"]
    for odd in ("Thing_Like", "a.b-c", "aBC", "2nd", "Model", "class"):
        schemas[odd] = {"type": "object", "properties": {"n": {"type": "integer"}, odd[0]: {"type": "string"}}}
        schemas["Thing"]["properties"][f"of_{odd}"] = {"$ref": f"#/components/schemas/{odd}"}
    program = """
import things
client = things.ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print(client.get_things_by_thing_id(thing_id="a").of_model.n)
print(sorted(set(things.__all__) & {"ThingLike", "ABC", "ABC2", "Model2nd", "ModelModel", "Class"}))
"""
    lines = run(load, document, tmp_path, program, (200, '{"kind": "small", "class": "b", "of_Model": {"n": 3}}'))

    assert lines[1:] == ["3", "['ABC', 'ABC2', 'Class', 'Model2nd', 'ModelModel', 'ThingLike']"]


def test_an_object_that_may_be_null_is_read_and_sent_as_one(document: Document, load: Load, tmp_path: Path) -> None:
    """By name or in place; a map that may be null keeps the type of its values."""
    thing = document["components"]["schemas"]["Thing"]
    values = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/components/schemas/Thing"}}
    box = {"type": "object", "properties": {"map": values}}
    document["components"]["schemas"] |= {"Thing": {**thing, "type": ["object", "null"]}, "Box": box}
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}}
    document["paths"]["/boxes"] = {"get": {"operationId": "getBox", "responses": {"200": {"description": "It.", **content}}}}
    program = """
from things import ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
print(client.get_thing(thing_id="a"), type(client.get_thing(thing_id="a")).__name__)
client.create_thing(body=None)
print(client.get_box().map, type(client.get_box().map["x"]).__name__)
"""
    small = '{"kind": "small", "class": "b"}'
    answers = [(200, "null"), (200, small), (201, small), (200, '{"map": null}'), (200, f'{{"map": {{"x": {small}}}}}')]
    lines = run(load, posted(document), tmp_path, program, *answers)

    assert [lines[2], lines[3].rpartition(" ")[2], lines[6]] == ["None Thing", "null", "None Thing"]
