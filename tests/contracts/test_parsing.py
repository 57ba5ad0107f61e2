"""Parsing: what a Contract says is what its documents say."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Contract, ContractError, ContractId, DocumentMalformed, UnknownContract, load_contract, parse_bundle

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


@pytest.fixture
def contract(openapi: Document, asyncapi: Document, write: Write) -> Contract:
    """The small contract."""
    return load_contract(write("api.yaml", openapi), asyncapi=write("feed.yaml", asyncapi))


def test_an_operation_says_what_its_document_says(contract: Contract) -> None:
    """Method, path, parameters, answers, codes and scopes are all there."""
    operation = contract.operation("listItems")

    assert (operation.method, operation.path, operation.summary) == ("GET", "/items", "The items")
    assert [parameter.name for parameter in operation.parameters] == ["cursor", "size", "sort"]
    assert operation.parameter("size").schema == {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}
    assert (operation.parameter("sort").style, operation.parameter("sort").explode) == ("form", True)
    assert operation.error_codes == ("INVALID_CURSOR", "INVALID_SORT")
    assert operation.scopes == ("read",)
    assert operation.responses["200"].headers["X-Total"].required
    assert sorted(operation.annotations) == ["x-error-codes", "x-order", "x-pagination"]


def test_an_answer_is_found_by_its_status_or_its_class(openapi: Document, write: Write) -> None:
    """The exact status comes before its class, and an undeclared one is none."""
    responses = openapi["paths"]["/items"]["get"]["responses"]
    responses["4XX"] = {"description": "Another bad request."}
    operation = load_contract(write("api.yaml", openapi)).operation("listItems")

    found = [operation.response(status) for status in (200, 400, 404, 500)]

    assert [response.status if response else None for response in found] == ["200", "400", "4XX", None]


def test_a_schema_stands_alone_with_all_it_reaches(contract: Contract) -> None:
    """A recursive schema brings itself along once, and nothing that it does not reach."""
    schema = dict(contract.operation("listItems").responses["200"].content["application/json"])

    assert sorted(schema["$defs"]) == ["Item", "Owner", "Page"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    nested = {"id": "a", "owner": {"items": [{"id": "b"}]}}
    assert validator.is_valid({"items": [nested], "next": None})
    nested["owner"] = {"items": [{"id": 1}]}
    assert not validator.is_valid({"items": [nested], "next": None})


def test_a_schema_is_found_by_its_pointer(contract: Contract) -> None:
    """Any schema of the document can be asked for, and one that is not there is named."""
    assert sorted(contract.schema("/components/schemas/Page")["$defs"]) == ["Item", "Owner"]

    with pytest.raises(ContractError, match="/components/schemas/Moon"):
        contract.schema("/components/schemas/Moon")


def test_a_channel_says_what_its_document_says(contract: Contract) -> None:
    """What the server sends and what a client may send are told apart; the handshake gives parameters."""
    channel = contract.channel("feed")

    assert (channel.sent, channel.received) == (("snapshot", "delta"), ("resume",))
    assert [(parameter.name, parameter.location, parameter.required) for parameter in channel.parameters] == [
        ("room", "path", True),
        ("tenant", "query", True),
    ]
    assert channel.parameters[0].schema == {"type": "string", "enum": ["red", "blue"]}
    assert channel.messages["delta"].examples == ({"type": "delta", "seq": 1, "changes": []},)
    assert list(channel.messages["delta"].payload["$defs"]) == ["Entity"]


def test_traits_stand_below_what_a_message_says_itself(asyncapi: Document, write: Write) -> None:
    """A trait fills in what is missing, of messages and of operations."""
    asyncapi["components"]["messageTraits"] = {"common": {"title": "From the trait", "examples": []}}
    asyncapi["components"]["operationTraits"] = {"coded": {"x-error-codes": ["A"]}}
    asyncapi["components"]["messages"]["resume"]["traits"] = [{"$ref": "#/components/messageTraits/common"}]
    asyncapi["operations"]["takeResume"]["traits"] = [{"$ref": "#/components/operationTraits/coded"}]

    channel = load_contract(write("feed.yaml", asyncapi)).channel("feed")

    assert channel.messages["resume"].title == "From the trait"
    assert channel.messages["resume"].examples == ({"type": "resume", "seq": 1},)
    assert channel.error_codes == ("A",)


def test_a_payload_may_name_the_format_of_its_schema(asyncapi: Document, write: Write) -> None:
    """A wrapped JSON Schema is read; anything else is refused by name."""
    wrapped = {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": {"type": "string"}}
    asyncapi["components"]["messages"]["resume"]["payload"] = wrapped
    channel = load_contract(write("feed.yaml", asyncapi)).channel("feed")
    assert channel.messages["resume"].payload == {"type": "string"}

    wrapped["schemaFormat"] = "application/vnd.apache.avro;version=1.9.0"
    with pytest.raises(DocumentMalformed, match=r"expected a JSON Schema, got application/vnd\.apache\.avro"):
        load_contract(write("feed.yaml", asyncapi))


def test_an_operation_without_messages_means_all_of_its_channel(asyncapi: Document, write: Write) -> None:
    """AsyncAPI says so, and an operation on a shared channel finds it too."""
    asyncapi["components"]["channels"] = {"feed": asyncapi["channels"].pop("feed")}
    asyncapi["channels"]["feed"] = {"$ref": "#/components/channels/feed"}
    del asyncapi["operations"]["takeResume"]
    send = asyncapi["operations"]["sendChanges"]
    del send["messages"]
    send["channel"] = {"$ref": "#/components/channels/feed"}

    channel = load_contract(write("feed.yaml", asyncapi)).channel("feed")

    assert channel.sent == ("delta", "resume", "snapshot")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f["operations"]["sendChanges"].update(action="shout"), "expected send or receive"),
        (lambda f: f["operations"]["sendChanges"].update(channel={"$ref": "#/components"}), "#/channels/NAME"),
        (
            lambda f: f["operations"]["sendChanges"].update(messages=[{"$ref": "#/components/messages/delta"}]),
            "#/channels/feed/messages/NAME",
        ),
    ],
)  # fmt: skip
def test_a_stream_that_makes_no_sense_is_refused(
    change: Callable[[Document], object], message: str, asyncapi: Document, write: Write
) -> None:
    """An operation has to do something, on a channel, with messages of that channel."""
    change(asyncapi)

    with pytest.raises(ContractError) as caught:
        load_contract(write("feed.yaml", asyncapi))

    assert message in str(caught.value)


def test_the_id_of_a_contract_comes_from_its_path_or_its_title(openapi: Document, write: Write) -> None:
    """In a folder of contracts the path is the name; elsewhere the title is."""
    named, loose = write("small/1.0.0.yaml", openapi), write("api.yaml", openapi)

    assert load_contract(named).id == ContractId("small", "1.0.0")
    assert load_contract(loose).id == ContractId("small-things", "1.0.0")


def test_a_contract_comes_back_from_its_bundle(contract: Contract) -> None:
    """With the same operations, promises and digest, in whatever order its keys come."""
    bundle = json.loads(json.dumps([contract.openapi, contract.asyncapi], sort_keys=True))

    assert contract == parse_bundle(bundle[0], bundle[1])


def test_a_contract_may_be_a_stream_alone(asyncapi: Document, write: Write) -> None:
    """Its digest and its bundle work without an HTTP half."""
    contract = load_contract(write("feed.yaml", asyncapi))

    assert (contract.operations, contract.openapi) == ((), {})
    assert contract == parse_bundle({}, contract.asyncapi)


def test_what_is_not_there_is_named_with_what_is(contract: Contract) -> None:
    """Asking for an unknown operation or channel lists the known ones."""
    with pytest.raises(UnknownContract, match="'nobody': expected one of listItems"):
        contract.operation("nobody")
    with pytest.raises(UnknownContract, match="'nobody': expected one of feed"):
        contract.channel("nobody")


def test_every_difference_shows_in_the_digest(openapi: Document, write: Write) -> None:
    """A description is part of the contract as much as a schema is."""
    before = load_contract(write("api.yaml", openapi)).digest
    openapi["paths"]["/items"]["get"]["summary"] = "The things"

    assert before != load_contract(write("api.yaml", openapi)).digest


@pytest.mark.parametrize("collecting", [True, False])
def test_loading_leaves_garbage_collection_as_it_was(openapi: Document, write: Write, *, collecting: bool) -> None:
    """Also when it fails: it pauses the collection of the whole process."""
    good, bad = write("api.yaml", openapi), write("bad.yaml", {"openapi": "2.0"})
    enabled = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        load_contract(good)
        with pytest.raises(DocumentMalformed):
            load_contract(bad)
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if enabled else gc.disable)()


def test_schemas_that_use_the_same_definitions_share_them(openapi: Document, write: Write) -> None:
    """A large document would hold most of its schemas once for every response otherwise."""
    response = {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    openapi["paths"]["/items"]["get"]["responses"] |= {"201": response, "202": response}
    operation = load_contract(write("api.yaml", openapi)).operation("listItems")

    first, second = (operation.responses[status].content["application/json"] for status in ("201", "202"))

    assert first == second
    assert first["$defs"] is second["$defs"]
