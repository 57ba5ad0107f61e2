"""Whom a change concerns: the findings about what one consumer sends and reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import yaml
from assay_compatibility.diff_commands import diff
from assay_contracts import pointers
from click.testing import CliRunner

HOST = "https://api.example.com/v1"


def _document(version: str, paths: dict[str, Any], **components: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": version},
        "servers": [{"url": HOST}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _entry(method: str, path: str, status: int, answer: Any = None, body: Any = None) -> dict[str, Any]:
    content = {} if answer is None else {"mimeType": "application/json; charset=utf-8", "text": json.dumps(answer)}
    request: dict[str, Any] = {"method": method, "url": f"{HOST}{path}", "headers": [{"name": "X-Secret", "value": "do-not-keep"}]}
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {"request": request, "response": {"status": status, "headers": [], "content": content}}


def _used(tmp_path: Path, old: Any, new: Any, consumer: list[dict[str, Any]] | Path, *more: str) -> tuple[int, Any]:
    """The exit code, and the machine form of the comparison for one consumer."""
    for name, document in (("old", old), ("new", new)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document))
    source = consumer if isinstance(consumer, Path) else tmp_path / "web.har"
    if not isinstance(consumer, Path):
        source.write_text(json.dumps({"log": {"entries": consumer}}))
    arguments = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"), "--used-by", str(source), "--format", "json", *more]
    result = CliRunner().invoke(diff, arguments, standalone_mode=True)
    return result.exit_code, orjson.loads(result.stdout) if result.stdout.startswith("{") else result.output + str(result.exception)


def _hits(report: Any) -> set[str]:
    return {f"{finding['rule']} {finding['pointer'].rpartition('/')[2]}" for finding in report["findings"] if finding["uses"]}


PROPERTIES = [f"p{number}" for number in range(8)]


@pytest.mark.parametrize("used", [["p0"], ["p1", "p5"], PROPERTIES[2:7], PROPERTIES])
def test_exactly_the_findings_on_used_properties_concern_a_consumer(tmp_path: Path, used: list[str]) -> None:
    """Every property changes its type; a consumer that reads k of them is concerned by k findings."""

    def document(version: str, kind: str) -> dict[str, Any]:
        answer = {"type": "object", "properties": {name: {"type": kind} for name in PROPERTIES}}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
        parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        item = {"parameters": parameters, "get": {"responses": {"200": {"description": "ok", "content": content}}}}
        return _document(version, {"/things/{id}": item}, Thing=answer)

    answer = dict.fromkeys(used, "text")
    code, report = _used(tmp_path, document("1.0.0", "string"), document("2.0.0", "integer"), [_entry("GET", "/things/7", 200, answer)])
    changed = {finding["pointer"].split("/")[5] for finding in report["findings"] if finding["uses"] and finding["class"] == "major"}
    assert (code, changed, report["usedBy"]["class"]) == (1, set(used), "major")
    assert [bool(finding["uses"]) for finding in report["findings"]] == sorted(
        (bool(finding["uses"]) for finding in report["findings"]), reverse=True
    )


def _orders(version: str, **order: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"color": {"enum": ["red", "blue", "green"]}, "weight": {"type": "number"}}} | order
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    return _document(version, {"/orders": {"post": {"requestBody": body, "responses": {"201": {"description": "ok"}}}}}, Order=schema)


@pytest.mark.parametrize(("sent", "code"), [("green", 1), ("red", 0)])
def test_a_removed_enum_value_concerns_only_who_sends_it(tmp_path: Path, sent: str, code: int) -> None:
    """The property alone is no reason: the value is."""
    narrowed = _orders("2.0.0", properties={"color": {"enum": ["red", "blue"]}, "weight": {"type": "number"}})
    got, report = _used(tmp_path, _orders("1.0.0"), narrowed, [_entry("POST", "/orders", 201, body={"color": sent})])
    assert (got, bool(report["findings"][0]["uses"])) == (code, sent == "green")


@pytest.mark.parametrize(
    ("removed", "sent", "code"), [(3, 3.0, 1), (3, 3, 1), (3, 1.0, 0), ({"a": 1}, {"a": 1}, 1)], ids=["3.0", "3", "1.0", "an object"]
)
def test_equal_numbers_are_one_value_and_an_object_may_be_any(tmp_path: Path, removed: Any, sent: Any, code: int) -> None:
    """In JSON 3.0 is 3; of objects no value is kept, so whoever sends one may send the removed one."""
    wide, narrow = ({"color": {"enum": values}, "weight": {"type": "number"}} for values in ([1, 2, removed], [1, 2]))
    old, new = _orders("1.0.0", properties=wide), _orders("2.0.0", properties=narrow)
    assert _used(tmp_path, old, new, [_entry("POST", "/orders", 201, body={"color": sent})])[0] == code


@pytest.mark.parametrize(("bodies", "uses"), [([{"weight": 1}], 0), ([{}], 1), ([{"weight": 1}, {}, {}], 2)])
def test_a_property_that_became_required_concerns_who_leaves_it_out(tmp_path: Path, bodies: list[Any], uses: int) -> None:
    """Who always sends it has nothing to change."""
    calls = [_entry("POST", "/orders", 201, body=body) for body in bodies]
    code, report = _used(tmp_path, _orders("1.0.0"), _orders("2.0.0", required=["weight"]), calls)
    assert [finding["uses"] for finding in report["findings"] if finding["rule"] == "member-became-required"] == [uses]
    assert code == (1 if uses else 0)


def _lists(version: str, parameters: list[dict[str, Any]], *, without_toys: bool = False) -> dict[str, Any]:
    operation = {"parameters": parameters, "responses": {"200": {"description": "ok"}}}
    return _document(
        version, {"/pets": {"get": operation}} | ({} if without_toys else {"/toys": {"get": {"responses": {"200": {"description": "ok"}}}}})
    )


def test_parameters_and_operations_concern_who_uses_them(tmp_path: Path) -> None:
    """A removed parameter by its name, a required one by its absence, a removed path by its calls."""
    first: list[dict[str, Any]] = [
        {"name": "sort", "in": "query", "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    ]
    second = [first[1] | {"schema": {"type": "integer", "maximum": 10}}, {"name": "zone", "in": "query", "required": True, "schema": {}}]
    old, new = _lists("1.0.0", first), _lists("2.0.0", second, without_toys=True)
    _, report = _used(tmp_path, old, new, [_entry("GET", "/pets?sort=name", 200)])
    rules = {finding["rule"]: finding["uses"] for finding in report["findings"]}
    assert rules["path-removed"] == 0
    assert rules["required-parameter-added"] == 1
    assert rules["maximum-set"] == 0
    assert rules["parameter-removed"] == 1
    _, other = _used(tmp_path, old, new, [_entry("GET", "/toys", 200)])
    assert _hits(other) == {"path-removed ~1toys"}


def test_values_choose_their_alternative(tmp_path: Path) -> None:
    """Of two variants of a union only the one that was received concerns its reader."""

    def document(version: str, mail: str) -> dict[str, Any]:
        cat = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "mail": {"type": mail}}}
        dog = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "mail": {"type": mail}}}
        answer = {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}
        content = {"application/json": {"schema": {"type": "array", "items": answer}}}
        paths = {"/pets": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}}
        return _document(version, paths, Cat=cat, Dog=dog)

    calls = [_entry("GET", "/pets", 200, [{"kind": "dog", "mail": "a"}])]
    _, report = _used(tmp_path, document("1.0.0", "string"), document("2.0.0", "integer"), calls)
    hit = {finding["pointer"] for finding in report["findings"] if finding["uses"] and "mail" in finding["pointer"]}
    assert hit == {"/components/schemas/Dog/properties/mail/type"}


def test_what_was_added_and_asks_nothing_concerns_nobody(tmp_path: Path) -> None:
    """A new optional property is not something that a consumer uses."""
    wider = {"color": {"enum": ["red", "blue", "green"]}, "weight": {"type": "number"}, "note": {"type": "string"}}
    code, report = _used(
        tmp_path, _orders("1.0.0"), _orders("1.1.0", properties=wider), [_entry("POST", "/orders", 201, body={"weight": 1})]
    )
    assert (code, _hits(report)) == (0, set())


def test_evidence_is_read_as_a_recording(tmp_path: Path) -> None:
    """What the conformance kit writes shows a consumer too: exchanges, and the sessions of feeds."""
    from assay_conformance.evidence import Evidence, Exchange, Request, Response
    from assay_conformance.evidence.journal import Provenance, write_evidence

    headers = (("content-type", "application/json"),)
    exchange = Exchange(
        id="x1", subject="s", purpose="p", request=Request("POST", "/orders", (), headers, '{"color": "green"}'), response=Response(201)
    )
    provenance = Provenance("t@1.0.0", "", "", "", "0", {}, "2026-01-01T00:00:00Z")
    write_evidence(tmp_path / "evidence.ndjson.gz", Evidence(provenance, (exchange,)))
    narrowed = _orders("2.0.0", properties={"color": {"enum": ["red", "blue"]}, "weight": {"type": "number"}})
    code, report = _used(tmp_path, _orders("1.0.0"), narrowed, tmp_path / "evidence.ndjson.gz")
    assert (code, report["usedBy"]["operations"]) == (1, {"POST /orders": 1})


def test_a_generated_client_is_a_consumer(tmp_path: Path) -> None:
    """The operations that its folder holds, and the properties that its code names."""
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "operations.py").write_text('ADD = Operation(id="add", method="POST", path="/orders")\n')
    (folder / "models.py").write_text("class Order:\n    color: str\n")
    narrowed = _orders("2.0.0", properties={"color": {"enum": ["red", "blue"]}, "weight": {"type": "integer"}})
    _, report = _used(tmp_path, _orders("1.0.0"), narrowed, folder)
    assert {finding["pointer"].split("/")[5] for finding in report["findings"] if finding["uses"]} == {"color"}


FEED_URL = "wss://api.example.com/feed"


def test_messages_of_a_feed_concern_who_receives_them(tmp_path: Path) -> None:
    """Of two messages of a channel only the one that came concerns its reader."""

    def document(version: str, kind: str) -> dict[str, Any]:
        def message(name: str) -> dict[str, Any]:
            properties = {"type": {"const": name}, "value": {"type": kind}}
            return {"payload": {"type": "object", "required": ["type"], "properties": properties}}

        channel = {"address": "/feed", "messages": {"opened": message("opened"), "closed": message("closed")}}
        operation = {"action": "send", "channel": {"$ref": "#/channels/feed"}}
        return {
            "asyncapi": "3.0.0",
            "info": {"title": "T", "version": version},
            "channels": {"feed": channel},
            "operations": {"publish": operation},
        }

    frames = [{"type": "receive", "opcode": 1, "time": 1.0, "data": '{"type": "opened", "value": "x"}'}]
    entry = {"request": {"method": "GET", "url": FEED_URL}, "response": {"status": 101}, "_webSocketMessages": frames}
    _, report = _used(tmp_path, document("1.0.0", "string"), document("2.0.0", "integer"), [entry])
    assert {finding["pointer"].split("/")[4] for finding in report["findings"] if finding["uses"] and finding["class"] == "major"} == {
        "opened"
    }


def test_a_source_that_uses_nothing_of_the_document_is_an_error(tmp_path: Path) -> None:
    """A recording of another API says nothing, and silence would read as safety."""
    code, output = _used(tmp_path, _orders("1.0.0"), _orders("2.0.0"), [_entry("GET", "/elsewhere", 200)])
    assert code != 0
    assert "1 that lead to none of its operations" in output
    (tmp_path / "broken.har").write_text("not json")
    code, output = _used(tmp_path, _orders("1.0.0"), _orders("2.0.0"), tmp_path / "broken.har")
    assert code != 0
    assert "expected a HAR file" in output


def test_no_secret_of_a_recording_is_shown(tmp_path: Path) -> None:
    """Of header fields the names alone are kept."""
    narrowed = _orders("2.0.0", properties={"color": {"enum": ["red"]}, "weight": {"type": "number"}})
    _, report = _used(tmp_path, _orders("1.0.0"), narrowed, [_entry("POST", "/orders", 201, body={"color": "green"})])
    assert "do-not-keep" not in json.dumps(report)


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def _pets(*changes: tuple[str, Any]) -> dict[str, Any]:
    """A document whose requests have every shape of parameter and form; a change names the keys to a place, and its value."""
    text = {"type": "string"}
    tags = {"type": "array", "items": {"enum": ["a", "b"]}}
    item = {
        "parameters": [{"name": "X-Trace", "in": "header", "schema": text}, {"name": "sid", "in": "cookie", "schema": text}],
        "get": {
            "parameters": [
                {"name": "filter", "in": "query", "style": "deepObject", "schema": {"properties": {"kind": {"enum": ["cat", "dog"]}}}},
                {"name": "ids", "in": "query", "schema": {"anyOf": [{"type": "array", "items": {"enum": [1, 2], "type": "integer"}}]}},
            ],
            "responses": {
                "200": {
                    "description": "ok",
                    "headers": {"ETag": {"schema": {"enum": ["1", "2"]}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                }
            },
        },
        "post": {
            "requestBody": {
                "content": {
                    URLENCODED: {"schema": {"properties": {"tags": tags, "size": {"enum": [1, 2], "type": "integer"}}}},
                    MULTIPART: {"schema": {"properties": {"caption": {"enum": ["x", "y"]}, "photo": text}}},
                }
            },
            "responses": {"201": {"description": "ok"}},
        },
    }  # fmt: skip
    kinds = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind"},
    }
    pet = {"type": "object", "properties": {"kind": text, "name": text}}
    document = _document("1.0.0", {"/pets": item}, Pet=kinds, Cat=pet, Dog=pet)
    document["servers"] = [
        {"url": "https://{region}.example.com/api/{v}", "variables": {"region": {"default": "eu"}, "v": {"default": "v1"}}}
    ]
    # A round trip, so that no two places share one object.
    document = cast("dict[str, Any]", orjson.loads(orjson.dumps(document)))
    for place, value in changes:
        *keys, last = place.split()
        pointers.follow(document, "".join(f"/{pointers.escape(key)}" for key in keys))[last] = value
    return document


def _pet_call(method: str, query: str = "", **more: Any) -> dict[str, Any]:
    url = f"https://us.example.com/api/v2/pets{query}"
    headers = [{"name": "x-trace", "value": "1"}, {"name": "Cookie", "value": "sid=1; other=2"}]
    answer = {"status": 200 if method == "GET" else 201, "headers": [{"name": "etag", "value": "1"}], "content": more.pop("content", {})}
    return {"request": {"method": method, "url": url, "headers": headers, **more}, "response": answer}


GET, SCHEMAS = "paths /pets get", "components schemas"
FORM, PARTS = (f"paths /pets post requestBody content {media} schema properties" for media in (URLENCODED, MULTIPART))
GET_FILTERED = _pet_call("GET", "?filter%5Bkind%5D=cat&ids=1")
CAT = _pet_call("GET", content={"mimeType": "application/json", "text": '{"kind": "Cat", "name": "Tom"}'})
UNRECORDED = _pet_call("GET", content={"mimeType": "application/json", "size": 120})
FORM_TEXT = _pet_call("POST", postData={"mimeType": f"{URLENCODED}; charset=UTF-8", "text": "tags=a&tags=b&size=1"})
FORM_FIELDS = _pet_call(
    "POST", postData={"mimeType": URLENCODED, "params": [{"name": "tags", "value": "a"}, {"name": "size", "value": "1"}]}
)
UPLOADED = '--q\r\nContent-Disposition: form-data; name="caption"\r\n\r\nx\r\n--q--\r\n'
UPLOAD = _pet_call("POST", postData={"mimeType": f"{MULTIPART}; boundary=q", "text": UPLOADED})


@pytest.mark.parametrize(
    ("call", "place", "concerning", "foreign"),
    [
        (GET_FILTERED, f"{GET} parameters 0 schema properties kind enum", ["dog"], ["cat"]),
        (GET_FILTERED, f"{GET} parameters 1 schema anyOf 0 items enum", [2], [1]),
        (FORM_TEXT, f"{FORM} tags items enum", ["a"], ["a", "b", "c"]),
        (FORM_TEXT, f"{FORM} size enum", [2], [1]),
        (FORM_FIELDS, f"{FORM} size enum", [2], [1]),
        (UPLOAD, f"{PARTS} caption enum", ["y"], ["x"]),
    ],
)
def test_texts_of_parameters_and_forms_are_read_by_their_schemas(
    tmp_path: Path, call: dict[str, Any], place: str, concerning: list[Any], foreign: list[Any]
) -> None:
    """Whatever the style: repeated fields, `a[b]`, numbers, and parts of a multipart body."""
    assert [_used(tmp_path, _pets(), _pets((place, values)), [call])[0] for values in (concerning, foreign)] == [1, 0]


@pytest.mark.parametrize(("kind", "code"), [("Cat", 1), ("Dog", 0)])
def test_a_discriminator_chooses_the_alternative(tmp_path: Path, kind: str, code: int) -> None:
    """Both alternatives would fit the value; its tag names one."""
    assert _used(tmp_path, _pets(), _pets((f"{SCHEMAS} {kind} properties name type", "integer")), [CAT])[0] == code


@pytest.mark.parametrize(
    ("call", "place", "value"),
    [
        (GET_FILTERED, "paths /pets parameters 0 schema maxLength", 5),
        (GET_FILTERED, "paths /pets parameters 1 schema enum", ["z"]),
        (GET_FILTERED, f"{GET} responses 200 headers ETag schema enum", ["1", "2", "3"]),
        (UNRECORDED, f"{SCHEMAS} Dog properties name type", "integer"),
    ],
)
def test_what_was_sent_but_not_recorded_may_be_anything(tmp_path: Path, call: dict[str, Any], place: str, value: Any) -> None:
    """The value of a header or cookie is not kept, and a recording may leave bodies out: no breaking change there is hidden."""
    assert _used(tmp_path, _pets(), _pets((place, value)), [call])[0] == 1


@pytest.mark.parametrize(
    ("server", "path", "led"),
    [
        ({"url": "https://{r}.example.com:{port}/api/{v}"}, "/api/v7/pets", True),
        ({"url": "{origin}/api", "variables": {"origin": {"default": "https://example.com"}}}, "/api/pets", True),
        ({"url": "{base}/api", "variables": {"base": {"default": "x/y"}}}, "/x/y/api/pets", True),
        ({"url": "./api/"}, "/api/pets", True),
        ({"url": "/{v}", "variables": {"v": {"default": "v1", "enum": ["v1", "v2"]}}}, "/v3/pets", False),
    ],
)
def test_a_base_path_may_hold_variables(tmp_path: Path, server: dict[str, Any], path: str, led: bool) -> None:
    """A variable is one of its values, or any one segment where they are not listed."""
    old = _pets(("servers", [server]))
    call = _pet_call("GET")
    call["request"]["url"] = f"https://example.com{path}"
    _, report = _used(tmp_path, old, old, [call])
    assert (report["usedBy"]["operations"] == {"GET /pets": 1}) if led else ("lead to none" in report)


def test_callbacks_concern_who_calls_their_operation(tmp_path: Path) -> None:
    """No recording of a consumer holds what the server calls back, so every breaking change there concerns it."""

    def document(kind: str) -> dict[str, Any]:
        body = {"content": {"application/json": {"schema": {"properties": {"done": {"type": kind}}}}}}
        called = {"{$request.query.to}": {"post": {"requestBody": body, "responses": {"200": {"description": "ok"}}}}}
        jobs = {"post": {"responses": {"201": {"description": "ok"}}, "callbacks": {"ended": called}}}
        return _document("1.0.0", {"/jobs": jobs, "/other": {"get": {"responses": {"200": {"description": "ok"}}}}})

    calls = (_entry("POST", "/jobs", 201), _entry("GET", "/other", 200))
    assert [_used(tmp_path, document("string"), document("integer"), [call])[0] for call in calls] == [1, 0]
