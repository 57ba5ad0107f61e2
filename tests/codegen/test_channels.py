"""A channel without annotations becomes a method: connect, read, send, with what is unknown kept."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path

import pytest
from assay_codegen import generate_python
from assay_contracts import load_contract
from assay_sdk.feed import UnknownMessage
from websockets.sync.server import ServerConnection

from tests.sdk.scripted import feed_server


def message(kind: str, **properties: object) -> dict[str, object]:
    return {
        "name": kind,
        "payload": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind, "type": "string"}, **properties}},
    }


DOCUMENT = {
    "asyncapi": "3.0.0",
    "info": {"title": "Chat", "version": "1.0.0"},
    "channels": {
        "room": {
            "address": "/rooms/{room}",
            "parameters": {"room": {"description": "Its name."}},
            "messages": {
                "joined": message("joined", who={"type": "string"}),
                "post": message("post", text={"type": "string"}),
            },
        }
    },
    "operations": {
        "receiveRoom": {
            "action": "receive",
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": "#/channels/room/messages/post"}],
        },
        "sendRoom": {"action": "send", "channel": {"$ref": "#/channels/room"}},
    },
}


def echo(connection: ServerConnection) -> None:
    assert connection.request is not None
    connection.send(json.dumps({"kind": "joined", "who": connection.request.path}))
    connection.send(connection.recv())
    connection.send('{"kind": "left"}')
    connection.close(1000)


def test_a_channel_is_a_method_of_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its messages are models, and one that a later version adds is given as it came."""
    document = tmp_path / "chat.json"
    document.write_text(json.dumps(DOCUMENT))
    place = generate_python(load_contract(str(document))).write(tmp_path / "out")
    monkeypatch.syspath_prepend(str(place.parent))
    module = importlib.import_module(f"{place.name}.client")
    models = importlib.import_module(f"{place.name}.models")

    with feed_server(echo) as feed, module.ChatClient("http://127.0.0.1:1", feed_url=feed.url) as client, client.room("a/b") as room:
        room.send(models.Post(kind="post", text="hello"))
        messages = list(room)

    assert messages[0] == models.Joined(kind="joined", who="/rooms/a%2Fb")
    assert messages[1] == models.Post(kind="post", text="hello")
    assert isinstance(messages[2], UnknownMessage)
    assert messages[2].payload == {"kind": "left"}


def test_the_query_of_a_handshake_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a parameter of the channel, and the schema of the binding as well."""
    query = {"type": "object", "required": ["since"], "properties": {"since": {"type": "integer"}}}
    messages = {"tick": {"payload": {"type": "object", "properties": {"n": {"type": "integer"}}}}}
    channel = {"address": "ticks", "bindings": {"ws": {"query": query}}, "messages": messages}
    operations = {"tick": {"action": "send", "channel": {"$ref": "#/channels/ticks"}}}
    info = {"title": "Ticks", "version": "1.0.0"}
    document = tmp_path / "ticks.json"
    document.write_text(json.dumps({"asyncapi": "3.0.0", "info": info, "channels": {"ticks": channel}, "operations": operations}))
    package = generate_python(load_contract(document))
    monkeypatch.syspath_prepend(str(package.write(tmp_path / "out").parent))

    parameters = inspect.signature(importlib.import_module(f"{package.name}.client").TicksClient.ticks).parameters

    assert list(parameters) == ["self", "since"]


def test_parameters_of_channels_are_no_imports_of_operations(tmp_path: Path) -> None:
    """Of which there are none here."""
    document = tmp_path / "chat.json"
    document.write_text(json.dumps(DOCUMENT))

    files = generate_python(load_contract(document)).files

    assert "Parameter" in files["channels.py"]
    assert "Parameter" not in files["operations.py"]


def test_the_channels_of_one_model_each_import_nothing_that_they_do_not_use(tmp_path: Path) -> None:
    """Only a choice of models is read with settings of its own."""
    messages = {"tick": {"payload": {"type": "object", "properties": {"n": {"type": "integer"}}}}}
    operations = {"tick": {"action": "send", "channel": {"$ref": "#/channels/ticks"}}}
    info = {"title": "Ticks", "version": "1.0.0"}
    channels = {"ticks": {"address": "ticks", "messages": messages}}
    document = tmp_path / "ticks.json"
    document.write_text(json.dumps({"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations}))

    source = generate_python(load_contract(document)).files["channels.py"]

    assert "STRICT" not in source
