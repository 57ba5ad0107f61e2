"""What a change of an AsyncAPI document means: servers, channels, operations, messages, replies, and telling messages apart."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from assay_compatibility.comparing import compare_inline
from assay_compatibility.findings import Comparison

TEXT: dict[str, Any] = {"type": "string"}


def named(name: str, **members: Any) -> dict[str, Any]:
    """The payload of a message that says its own name."""
    return {"type": "object", "required": ["type"], "properties": {"type": {"const": name}, **members}}


ROOM: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Room", "version": "1.0.0"},
    "defaultContentType": "application/json",
    "servers": {
        "main": {"host": "example.com", "protocol": "wss", "security": [{"$ref": "#/components/securitySchemes/token"}]},
        "spare": {"host": "example.net", "protocol": "wss"},
    },
    "channels": {
        "room": {
            "address": "/rooms/{room}",
            "parameters": {"room": {"enum": ["hall", "attic"]}},
            "messages": {"said": {"$ref": "#/components/messages/said"}, "left": {"payload": named("left")}},
            "bindings": {
                "ws": {
                    "query": {"type": "object", "properties": {"since": TEXT}},
                    "headers": {
                        "type": "object",
                        "properties": {"X-Name": TEXT, "Sec-WebSocket-Protocol": {"enum": ["room.v1", "room.v2"]}},
                    },
                }
            },
        },
        "answers": {"address": None, "messages": {"heard": {"payload": TEXT}}},
    },
    "operations": {
        "hear": {
            "action": "receive",
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": "#/channels/room/messages/said"}],
            "reply": {"address": {"location": "$message.header#/replyTo"}, "channel": {"$ref": "#/channels/answers"}},
        },
        "tell": {"action": "send", "channel": {"$ref": "#/channels/room"}},
    },
    "components": {
        "messages": {
            "said": {
                "payload": named("said", text=TEXT),
                "correlationId": {"$ref": "#/components/correlationIds/thread"},
                "traits": [{"headers": {"type": "object", "properties": {"trace": TEXT}}}],
            }
        },
        "correlationIds": {"thread": {"location": "$message.payload#/thread"}},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> dict[str, Any]:
    """The document after an edit of it."""
    document = copy.deepcopy(ROOM)
    edit(document)
    return document


def after(edit: Edit) -> Comparison:
    """What that edit changed."""
    return compare_inline(ROOM, edited(edit))


def room(document: dict[str, Any]) -> dict[str, Any]:
    """The channel of the room."""
    found: dict[str, Any] = document["channels"]["room"]
    return found


def message_of(document: dict[str, Any]) -> dict[str, Any]:
    """The message that is said."""
    found: dict[str, Any] = document["components"]["messages"]["said"]
    return found


def handshake(document: dict[str, Any], key: str) -> dict[str, Any]:
    """What is sent to open a session."""
    found: dict[str, Any] = room(document)["bindings"]["ws"][key]
    return found


def protocols(document: dict[str, Any]) -> dict[str, Any]:
    """The protocols that a client may ask for."""
    found: dict[str, Any] = handshake(document, "headers")["properties"]["Sec-WebSocket-Protocol"]
    return found


REPLY = {"messages": [{"$ref": "#/channels/answers/messages/heard"}], "channel": {"$ref": "#/channels/answers"}}
ANSWER: dict[str, Any] = {"payload": {"type": "integer"}}
EDITS: list[tuple[str, str, Edit]] = [
    ("server-removed", "major", lambda doc: doc["servers"].pop("spare")),
    ("server-added", "minor", lambda doc: doc["servers"].update(third={"host": "example.org", "protocol": "wss"})),
    ("server-renamed", "patch", lambda doc: doc["servers"].update(other=doc["servers"].pop("spare"))),
    ("server-host-changed", "major", lambda doc: doc["servers"]["spare"].update(host="example.org")),
    ("server-protocol-changed", "major", lambda doc: doc["servers"]["spare"].update(protocol="mqtt")),
    ("security-tightened", "major", lambda doc: doc["servers"]["spare"].update(security=doc["servers"]["main"]["security"])),
    ("security-loosened", "minor", lambda doc: doc["servers"]["main"].pop("security")),
    ("security-scheme-changed", "major", lambda doc: doc["components"]["securitySchemes"]["token"].update(scheme="basic")),
    ("channel-removed", "major", lambda doc: (doc["channels"].pop("room"), doc["operations"].clear())),
    ("channel-added", "minor", lambda doc: doc["channels"].update(attic={"address": "/attic"})),
    ("channel-address-changed", "major", lambda doc: room(doc).update(address="/halls/{room}")),
    ("channel-left-server", "major", lambda doc: room(doc).update(servers=[{"$ref": "#/servers/main"}])),
    ("enum-value-removed", "major", lambda doc: room(doc)["parameters"]["room"].update(enum=["hall"])),
    ("channel-parameter-moved", "major", lambda doc: room(doc)["parameters"]["room"].update(location="$message.payload#/room")),
    ("channel-operation-removed", "major", lambda doc: doc["operations"].pop("tell")),
    ("channel-operation-added", "minor", lambda doc: doc["operations"].update(more=doc["operations"]["tell"])),
    ("channel-operation-renamed", "patch", lambda doc: doc["operations"].update(speak=doc["operations"].pop("tell"))),
    ("channel-operation-turned", "major", lambda doc: doc["operations"]["tell"].update(action="receive")),
    ("channel-of-operation-changed", "major", lambda doc: doc["operations"]["tell"].update(channel={"$ref": "#/channels/answers"})),
    ("message-renamed", "patch", lambda doc: room(doc)["messages"].update(gone=room(doc)["messages"].pop("left"))),
    ("sent-message-removed", "minor", lambda doc: room(doc)["messages"].pop("left")),
    ("sent-message-added", "major", lambda doc: room(doc)["messages"].update(came={"payload": named("came")})),
    ("correlation-changed", "major", lambda doc: doc["components"]["correlationIds"]["thread"].update(location="$message.header#/x")),
    ("message-content-type-changed", "major", lambda doc: doc.update(defaultContentType="application/cbor")),
    ("member-removed", "major", lambda doc: message_of(doc)["traits"][0]["headers"].update(properties={}, additionalProperties=False)),
    ("reply-removed", "major", lambda doc: doc["operations"]["hear"].pop("reply")),
    ("reply-added", "minor", lambda doc: doc["operations"]["tell"].update(reply=REPLY)),
    ("reply-address-changed", "major", lambda doc: doc["operations"]["hear"]["reply"]["address"].update(location="$message.header#/to")),
    ("sent-message-added", "major", lambda doc: doc["channels"]["answers"]["messages"].update(refused=ANSWER)),
    ("subprotocol-removed", "major", lambda doc: protocols(doc).update(enum=["room.v1"])),
    ("subprotocol-became-required", "major", lambda doc: handshake(doc, "headers").update(required=["sec-websocket-protocol"])),
    ("member-became-required", "major", lambda doc: handshake(doc, "query").update(required=["since"])),
    ("handshake-method-changed", "major", lambda doc: room(doc)["bindings"]["ws"].update(method="POST")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "level", "edit"), EDITS, ids=[f"{rule}-{index}" for index, (rule, _, _) in enumerate(EDITS)])
def test_each_edit_is_told_by_its_rule(rule: str, level: str, edit: Edit) -> None:
    """An edit has the class of its rule, and the rule tells it."""
    found = after(edit)

    assert rule in {finding.rule for finding in found.findings}
    assert level == found.level.value, [(finding.rule, finding.level.value) for finding in found.findings]


def moved_content_type(document: dict[str, Any]) -> None:
    """Every message says for itself what the document said for all of them."""
    media_type = document.pop("defaultContentType")
    for message in (message_of(document), room(document)["messages"]["left"], document["channels"]["answers"]["messages"]["heard"]):
        message["contentType"] = media_type


def lowered_headers(document: dict[str, Any]) -> None:
    """Names of headers are the same in any case."""
    headers = handshake(document, "headers")
    headers["properties"] = {name.lower(): property_ for name, property_ in headers["properties"].items()}


def chosen_headers(document: dict[str, Any], *names: str) -> None:
    """A handshake needs one of several headers."""
    handshake(document, "headers").update(required=[], anyOf=[{"required": [name]} for name in names])


def other_names(document: dict[str, Any]) -> None:
    """The parameter of an address under another name."""
    room(document).update(address="/rooms/{name}", parameters={"name": room(document)["parameters"]["room"]})


EQUAL: list[tuple[str, Edit]] = [
    ("a content type told by each message", moved_content_type),
    ("headers in lower case", lowered_headers),
    ("another name of a parameter", other_names),
    ("headers of a trait in the message", lambda doc: message_of(doc).update(headers=message_of(doc).pop("traits")[0]["headers"])),
    ("a trait that repeats the message", lambda doc: message_of(doc)["traits"].append({"payload": TEXT})),
    ("a message told by reference", lambda doc: doc["operations"]["tell"].update(
        messages=[{"$ref": "#/channels/room/messages/said"}, {"$ref": "#/channels/room/messages/left"}])),
    ("the method that every handshake has", lambda doc: room(doc)["bindings"]["ws"].update(method="GET")),
    ("a channel on every server", lambda doc: room(doc).update(servers=[{"$ref": "#/servers/main"}, {"$ref": "#/servers/spare"}])),
    ("the servers in another order", lambda doc: doc.update(servers=dict(reversed(doc["servers"].items())))),
]  # fmt: skip


@pytest.mark.parametrize("edit", [edit for _, edit in EQUAL], ids=[name for name, _ in EQUAL])
def test_two_ways_to_write_one_thing_differ_in_nothing(edit: Edit) -> None:
    """What means the same is the same, whichever side it is on."""
    assert after(edit).findings == ()
    assert compare_inline(edited(edit), ROOM).findings == ()


def test_a_channel_that_is_gone_is_one_finding_for_all_its_operations() -> None:
    """One root cause, one finding."""
    found = after(lambda doc: (doc["channels"].pop("room"), doc["operations"].clear())).findings

    assert [(finding.rule, finding.reaches) for finding in found] == [("channel-removed", ("hear", "tell"))]


def test_a_subprotocol_instead_of_a_header_breaks_nobody() -> None:
    """Header names are the same in any case inside a choice too, and whoever sent the header still does."""
    old = edited(lambda doc: handshake(doc, "headers").update(required=["X-Name"]))
    new = edited(lambda doc: chosen_headers(doc, "x-name", "Sec-WebSocket-Protocol"))

    assert compare_inline(old, new).level.value == "minor"
    assert compare_inline(new, edited(lambda doc: chosen_headers(doc, "X-NAME", "sec-websocket-protocol"))).findings == ()


@pytest.mark.parametrize(("operation", "level"), [("hear", "minor"), ("tell", "major")])
def test_an_answer_goes_the_other_way(operation: str, level: str) -> None:
    """A server that receives answers, so what narrows is received by clients; one that sends is answered by them."""
    old = edited(lambda doc: doc["operations"][operation].update(reply=REPLY))
    if operation == "tell":
        old["operations"]["hear"].pop("reply")
    new = copy.deepcopy(old)
    new["channels"]["answers"]["messages"]["heard"]["payload"] = {"type": "string", "maxLength": 5}

    assert level == compare_inline(old, new).level.value


def test_messages_that_can_no_longer_be_told_apart_come_with_a_value_that_is_both() -> None:
    """The value is valid against the two payloads, as they are now."""
    new = edited(lambda doc: room(doc)["messages"]["left"].update(payload={"type": "object", "properties": {"text": TEXT}}))
    found = [finding for finding in compare_inline(ROOM, new).findings if finding.rule == "messages-became-alike"]

    assert [(finding.level.value, finding.reaches) for finding in found] == [("major", ("tell",))]
    assert found[0].has_witness
    for payload in (message_of(new)["payload"], room(new)["messages"]["left"]["payload"]):
        assert jsonschema_rs.is_valid(payload, found[0].witness)


def test_messages_that_never_could_be_told_apart_are_no_news() -> None:
    """Only what could be told apart before can be lost."""
    old = edited(lambda doc: room(doc)["messages"]["left"].update(payload={"type": "object"}))
    new = copy.deepcopy(old)
    room(new)["messages"]["left"]["payload"]["properties"] = {"text": TEXT}

    assert "messages-became-alike" not in {finding.rule for finding in compare_inline(old, new).findings}


def test_messages_told_apart_by_their_headers_stay_so() -> None:
    """The headers tell as well as the payload."""

    def headed(kind: str, payload: Any) -> dict[str, Any]:
        return {"payload": payload, "headers": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}}}}

    def talking(payload: Any) -> dict[str, Any]:
        channel = {"address": "/talk", "messages": {"one": headed("one", payload), "two": headed("two", {"type": "object"})}}
        operation = {"action": "send", "channel": {"$ref": "#/channels/talk"}}
        info = {"title": "Talk", "version": "1.0.0"}
        return {"asyncapi": "3.0.0", "info": info, "channels": {"talk": channel}, "operations": {"talk": operation}}

    assert compare_inline(talking({"type": "array"}), talking({"type": "object"})).level.value == "major"
    assert "messages-became-alike" not in {
        finding.rule for finding in compare_inline(talking({"type": "array"}), talking({"type": "object"})).findings
    }


def test_a_message_more_that_looks_like_another_is_told() -> None:
    """Where every message could be told apart, one that cannot is a loss."""
    new = edited(lambda doc: room(doc)["messages"].update(any={"payload": {"type": "object"}}))

    assert "messages-became-alike" in {finding.rule for finding in compare_inline(ROOM, new).findings}


@pytest.mark.parametrize("payloads", [({"type": "number"}, {"type": "integer"}), ({"type": "integer"}, {"type": "number"})])
def test_on_a_channel_without_operations_anybody_may_send(payloads: tuple[Any, Any]) -> None:
    """Without an operation nobody knows the direction, so both must hold."""

    def open_to_all(payload: Any) -> dict[str, Any]:
        channel = {"address": "/open", "messages": {"any": {"payload": payload}}}
        return {"asyncapi": "3.0.0", "info": {"title": "Open", "version": "1.0.0"}, "channels": {"open": channel}}

    found = compare_inline(*(open_to_all(payload) for payload in payloads))

    assert (sorted(finding.direction for finding in found.findings), found.level.value) == (["request", "response"], "major")


def test_a_schema_in_a_language_that_is_not_read_is_undecided() -> None:
    """A change of an Avro schema is told, and judged by nobody here."""

    def avro(kind: str) -> Any:
        return {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": {"type": kind}}

    def left_with(kind: str) -> Any:
        return edited(lambda doc: room(doc)["messages"]["left"].update(payload=avro(kind)))

    old, new = left_with("string"), left_with("int")

    assert compare_inline(old, new).level.value == "undecided"
    assert compare_inline(old, old).findings == ()


def test_a_document_of_the_next_minor_version_is_read() -> None:
    """AsyncAPI 3.1 is read like 3.0."""
    assert after(lambda doc: doc.update(asyncapi="3.1.0")).level.value in ("none", "patch")
