"""Clients that are used once: every model completed, every operation called, a message received."""

from __future__ import annotations

import importlib
import json
import pkgutil
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_codegen.views import ContractView, OperationView
from assay_contracts import Contract, Operation, Response
from assay_packaging.required_parts import required_parts
from assay_packaging.samples import call_arguments, sample
from assay_sdk import Answer
from pydantic import BaseModel
from responder import Responder
from websockets.sync.server import ServerConnection, serve


@dataclass(slots=True)
class Calls:
    """How many operations were called and how many answered as they should; `unknown` counts those without a known request or response."""

    made: int = 0
    right: int = 0
    unknown: int = 0
    failures: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        without = f" ({self.unknown} without a sample)" if self.unknown else ""
        return f"{self.right}/{self.made}{without}"


def completed_models(module: str) -> int:
    """Import every module of a client and complete every model of it; the number of models."""
    package = importlib.import_module(module)
    found = 0
    for part in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{module}.{part.name}")
        for value in list(vars(loaded).values()):
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == loaded.__name__:
                value.model_rebuild()
                found += 1
    return found


def called_operations(contract: Contract, view: ContractView, module: str) -> Calls:
    """Call every operation once against a responder that gives it a response that the contract allows."""
    responder = Responder()
    client: Any = getattr(importlib.import_module(module), view.client)("http://foreign.test", transport=responder)
    grouped = {name: (group.name, method) for group in view.groups for method, name in group.methods}
    calls = Calls()
    kinds: Counter[str] = Counter()
    for operation in view.operations:
        declared = contract.operation(operation.id)
        arguments, answer = call_arguments(operation, declared), _answer(declared)
        if arguments is None or answer is None:
            calls.unknown += 1
            continue
        responder.answer, responder.request = answer, None
        calls.made += 1
        try:
            _call(client, grouped.get(operation.name), operation, arguments)
            if responder.request is None:
                raise LookupError("no request was sent")
            calls.right += 1
        except Exception as error:
            # Whatever a client of anybody's document raises is a line of the report.
            kind = type(error).__name__
            kinds[kind] += 1
            if kinds[kind] <= 3:
                calls.failures.append(f"operation {operation.id}: {kind}: {' '.join(str(error).split())[:200]}")
    return calls


def _call(client: Any, place: tuple[str, str] | None, operation: OperationView, arguments: Mapping[str, Any]) -> None:
    method = getattr(client, operation.name) if place is None else getattr(getattr(client, place[0]), place[1])
    found = method(**arguments)
    if operation.pages or isinstance(found, Iterator):
        next(iter(found), None)


def _answer(operation: Operation) -> Answer | None:
    """A success response, of JSON where there is one; None where no body is known."""
    successes = {status: response for status, response in sorted(operation.responses.items()) if status[0] in "2d"}
    for status, response in successes.items():
        for media, schema in response.content.items():
            # The parts that every body has are enough, and a large schema as a whole takes seconds.
            if "json" in media and (found := sample(required_parts(schema))) is not None:
                return Answer(_status(status), {"content-type": media, **_headers(response)}, json.dumps(found.value).encode())
    for status, response in successes.items():
        if not response.content:
            return Answer(_status(status), _headers(response), b"")
        media = next((media for media in response.content if "json" not in media), None)
        if media is not None:
            return Answer(
                _status(status), {"content-type": media, **_headers(response)}, b"data: {}\n\n" if "event-stream" in media else b"x"
            )
    return None


def _headers(response: Response) -> dict[str, str]:
    found = {header.name.lower(): sample(header.schema) for header in response.headers.values() if header.required}
    return {name: str(value.value) for name, value in found.items() if value is not None}


def _status(status: str) -> int:
    return 200 if status == "default" else int(status.replace("X", "0"))


def received_messages(contract: Contract, view: ContractView, module: str) -> Calls:
    """Receive one message of each channel."""
    calls = Calls()
    for channel in view.channels:
        declared = contract.channel(channel.id)
        schemas = {parameter.name: parameter.schema for parameter in declared.parameters}
        values = {
            argument.name: sample({"minLength": 1, **schemas.get(argument.wire, {})}) for argument in channel.arguments if argument.required
        }
        found = next((value for name in declared.sent if (value := sample(declared.messages[name].payload)) is not None), None)
        if found is None or None in values.values():
            calls.unknown += 1
            continue
        calls.made += 1
        arguments = {name: value.value for name, value in values.items() if value is not None}
        try:
            _receive(getattr(importlib.import_module(module), view.client), channel.name, arguments, json.dumps(found.value))
            calls.right += 1
        except Exception as error:
            calls.failures.append(f"channel {channel.id}: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
    return calls


def _receive(client: Any, channel: str, arguments: Mapping[str, Any], text: str) -> None:
    def send(connection: ServerConnection) -> None:
        connection.send(text)

    with serve(send, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = {
            "feed_url": f"ws://127.0.0.1:{server.socket.getsockname()[1]}",
            "token": "token",
            "transport": Responder(),
        }
        with client("http://foreign.test", **options) as opened, getattr(opened, channel)(**arguments) as session:
            next(iter(session))
