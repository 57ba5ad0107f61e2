"""Names: each given once, whatever the document calls its things."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from assay_codegen import generate_python
from assay_codegen.errors import NotGeneratable
from assay_codegen.naming import RUNTIME_METHODS, snake
from assay_contracts import load_contract
from assay_sdk.client import AsyncClient, SyncClient

from tests.codegen.conftest import Document, Load

OK = {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}


def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, paths: dict[str, Any], schemas: dict[str, Any]) -> ModuleType:
    """The package of a document, imported."""
    source = tmp_path / "api.json"
    document = {"openapi": "3.1.0", "info": {"title": title, "version": "1.0.0"}, "paths": paths, "components": {"schemas": schemas}}
    source.write_text(json.dumps(document), encoding="utf-8")
    place = generate_python(load_contract(source)).write(tmp_path / "out")
    monkeypatch.syspath_prepend(str(place.parent))
    sys.modules.pop(place.name, None)
    return importlib.import_module(f"{place.name}.client")


def methods(module: ModuleType, name: str) -> list[str]:
    """The methods of a client."""
    return [key for key, value in vars(getattr(module, name)).items() if inspect.isfunction(value)]


def test_operations_that_become_one_name_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number tells them apart, an underscore keeps clear of the client's own methods."""
    ids = ["getA", "get_a", "get-a", "close", "with_options", "contract", "ok"]
    paths = {f"/{index}": {"get": {"operationId": id_, "responses": OK}} for index, id_ in enumerate(ids)}

    module = client(tmp_path, monkeypatch, "Names one", paths, {"Page": {"type": "object"}})

    assert methods(module, "NamesOneClient") == ["get_a", "get_a_2", "get_a_3", "close_", "with_options_", "contract_", "ok"]


def test_parameters_that_become_one_name_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the query, a header and the body."""
    parameters = [
        {"name": name, "in": place, "schema": {"type": "string"}}
        for name, place in (("page-size", "query"), ("page_size", "query"), ("id", "query"), ("id", "header"), ("body", "query"))
    ]
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    paths = {"/a": {"post": {"operationId": "send", "parameters": parameters, "requestBody": body, "responses": OK}}}

    module = client(tmp_path, monkeypatch, "Names two", paths, {"Page": {"type": "object", "properties": {"x": {"type": "string"}}}})

    arguments = list(inspect.signature(module.NamesTwoClient.send).parameters)
    assert sorted(arguments) == sorted(["self", "body_2", "page_size", "page_size_2", "id", "id_2", "body", "correlation_id"])


def test_schemas_named_like_the_runtime_are_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Page`, `Feed`, `AsyncClient` and `Model` are words of the runtime; the client of such a document works."""
    names = ["Page", "Feed", "AsyncClient", "Model", "Sequence", "Any"]
    schemas = {name: {"type": "object", "properties": {"x": {"type": "string"}}} for name in names}
    content = {name: {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}} for name in names}
    paths = {
        f"/{name}": {"get": {"operationId": f"get{name}", "responses": {"200": {"description": "ok", **content[name]}}}} for name in names
    }

    module = client(tmp_path, monkeypatch, "Names three", paths, schemas)

    models = importlib.import_module(module.__name__.replace(".client", ".models"))
    assert issubclass(module.AsyncNamesThreeClient, AsyncClient)
    assert {"Page", "Feed", "AsyncClient"} <= vars(models).keys()


def test_a_response_that_may_be_null_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a schema is a name for a type, and no class."""
    thing = {"type": "object", "properties": {"x": {"type": "string"}}}
    maybe = {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}
    paths = {"/a": {"get": {"operationId": "get", "responses": OK}}}

    module = client(tmp_path, monkeypatch, "Names four", paths, {"Page": maybe, "Thing": thing})

    operations = importlib.import_module(module.__name__.replace(".client", ".operations"))
    assert operations.GET.decode(b"null") is None
    assert operations.GET.decode(b'{"x": "1"}').x == "1"


def test_the_words_of_the_runtime_are_those_that_clients_have() -> None:
    """A method that the runtime gains is reserved for it."""
    public = {name for kind in (AsyncClient, SyncClient) for name in (*vars(kind), *kind.__annotations__) if not name.startswith("_")}

    assert public == RUNTIME_METHODS


def test_a_schema_keeps_its_name_beside_a_property_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An inline schema that would be named after its property takes another."""
    inline = {"anyOf": [{"type": "string", "maxLength": 50}, {"type": "object", "properties": {"x": {"type": "integer"}}}]}
    schemas = {
        "Page": {"type": "object", "properties": {"shipping_rate": inline}},
        "shipping_rate": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    }
    rate = {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/shipping_rate"}}}}}
    paths = {"/a": {"get": {"operationId": "getA", "responses": OK}}, "/b": {"get": {"operationId": "getB", "responses": rate}}}

    models = importlib.import_module(f"{client(tmp_path, monkeypatch, 'Names six', paths, schemas).__package__}.models")

    assert list(models.ShippingRate.model_fields) == ["id"]
    assert "shipping_rate" in models.Page.model_fields
    assert [name for name in vars(models) if name.startswith("All")] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("größeTotal", "größe_total"),
        ("获取", "获取"),
        ("ÉtatCivil", "état_civil"),
        ("--", "field"),
        ("ﬁlter", "filter"),
    ],
)
def test_letters_of_every_language_are_letters_of_names(name: str, expected: str) -> None:
    """Python's own are normalized (PEP 3131)."""
    assert snake(name) == expected


def test_operations_without_a_letter_get_names_all_the_same(document: Document, load: Load) -> None:
    """One each, and a constant that Python reads."""
    operation = document["paths"]["/things/{thingId}"]["get"]
    operations: list[Document] = [{**operation, "operationId": name, "parameters": []} for name in ("--", "++", "获取")]
    document["paths"] = {f"/{number}": {"get": operation} for number, operation in enumerate(operations)}

    files = generate_python(load(document)).files

    for name in ("operation", "operation_2", "获取"):
        assert f"def {name}(" in files["client.py"]
    compile(files["operations.py"], "operations.py", "exec")


def test_schemas_and_parameters_in_any_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas keep their letters; a parameter without any has a name that a caller can write."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("ключ", "🐞", "$")]
    schemas = {"数据": {"type": "object", "required": ["データ"], "properties": {"データ": {"type": "string"}}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/数据"}}}
    operation = {"operationId": "list", "parameters": parameters, "responses": {"200": {"description": "ok", "content": content}}}

    module = client(tmp_path, monkeypatch, "Any script", {"/列": {"get": operation}}, schemas)

    assert list(inspect.signature(module.AnyScriptClient.list).parameters) == ["self", "ключ", "field", "field_2", "correlation_id"]
    models = importlib.import_module(f"{module.__package__}.models")
    assert models.数据.model_validate_json('{"データ": "x"}').データ == "x"


@pytest.mark.parametrize("reference", ["#", ""])
def test_a_reference_to_the_whole_document_is_no_schema(tmp_path: Path, reference: str) -> None:
    """It would be read as the schema itself; the message says how to refer to one."""
    schema = {"type": "object", "properties": {"child": {"$ref": reference}}}
    source = tmp_path / "api.json"
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1.0.0"}, "paths": {"/a": {"get": {"responses": OK}}}}
    source.write_text(json.dumps({**document, "components": {"schemas": {"Page": schema}}}), encoding="utf-8")

    with pytest.raises(NotGeneratable, match="expected a reference to a schema, got the whole document"):
        generate_python(load_contract(source))


@pytest.mark.parametrize("title", ["Async", "Sync"])
def test_a_client_may_have_the_name_of_the_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    """Then that one comes under another name."""
    package = client(
        tmp_path, monkeypatch, title, {"/a": {"get": {"operationId": "getPage", "responses": OK}}}, {"Page": {"type": "object"}}
    )

    name, runtime = ("AsyncSyncClient", AsyncClient) if title == "Sync" else ("AsyncClient", SyncClient)
    assert issubclass(getattr(package, name), runtime)
    assert f"{title}Client as _{title}Client" in Path(str(package.__file__)).read_text()
