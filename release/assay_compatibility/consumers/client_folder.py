"""What a generated client can use: the operations that its folder holds, and the properties that its models name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from assay_contracts import UsageError

from assay_compatibility.asyncapi_reading import AsyncApiReading
from assay_compatibility.consumers.recorded_usage import parameter_places
from assay_compatibility.consumers.usage import Usage, unnamed
from assay_compatibility.consumers.visiting import Visitor
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.unknown_members import METHODS


def folder_usage(document: ApiDocument, folder: Path) -> Usage:
    """What the generated client in a folder uses of a document.

    An operation counts when the folder holds its method and path; of bodies, the properties count that the code names.
    Raises `UsageError` for a folder without Python or without any operation.
    """
    calls, names = set[tuple[str, str]](), set[str]()
    files = sorted(folder.rglob("*.py"))
    for file in files:
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: cannot be read as Python: {error}") from None
        for node in ast.walk(tree):
            calls.update(_operation(node))
            names.update(_names(node))
    if not calls and document.kind == "openapi":
        raise UsageError(f"{folder}: expected the folder of a generated client, got {len(files)} Python files without an operation")
    usage = Usage(whole=True)
    sent, received = Visitor(document, usage.sent), Visitor(document, usage.received)
    if document.kind == "asyncapi":
        _declare_channels(document, usage, sent, received, names)
        return usage
    wanted = {(method, unnamed(path)) for method, path in calls}
    for path, place in document.root.child("paths").children():
        item = document.follow(place)
        for method in METHODS:
            operation = item.child(method)
            if operation.value is not None and (method.upper(), unnamed(path)) in wanted:
                usage.operations[f"{method.upper()} {unnamed(path)}"] += 1
                for pointer in (place.pointer, item.pointer, operation.pointer):
                    usage.sent.meet(pointer)
                    usage.received.meet(pointer)
                _declare_request(document, item, operation, sent, names)
                _declare_responses(document, operation, received, names)
    return usage


def _operation(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The method and path of a call that declares an operation."""
    if isinstance(node, ast.Call):
        texts = {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}
        method, path = texts.get("method"), texts.get("path")
        if isinstance(method, str) and isinstance(path, str):
            yield method.upper(), path


def _names(node: ast.AST) -> Iterator[str]:
    """What may be the name of a property: fields of classes, and every string of the code."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _declare_request(document: ApiDocument, item: Node, operation: Node, sent: Visitor, names: set[str]) -> None:
    for place in parameter_places(document, item, operation):
        parameter = document.follow(place)
        if parameter["name"] in names or parameter["in"] == "path":
            for pointer in {place.pointer, parameter.pointer}:
                sent.side.meet(pointer)
            sent.declare(parameter.child("schema"), names)
    _declare_body(document, operation.child("requestBody"), sent, names)


def _declare_responses(document: ApiDocument, operation: Node, received: Visitor, names: set[str]) -> None:
    for _, place in operation.child("responses").children():
        for _, header in document.follow(place).child("headers").children():
            received.side.meet(header.pointer)
            received.side.meet(document.follow(header).pointer)
        _declare_body(document, place, received, names)


def _declare_body(document: ApiDocument, place: Node, visitor: Visitor, names: set[str]) -> None:
    if place.value is None:
        return
    holder = document.follow(place)
    for pointer in {place.pointer, holder.pointer}:
        visitor.side.meet(pointer)
    for _, media in holder.child("content").children():
        visitor.side.meet(media.pointer)
        visitor.declare(media.child("schema"), names)


def _declare_channels(document: ApiDocument, usage: Usage, sent: Visitor, received: Visitor, names: set[str]) -> None:
    reading = AsyncApiReading(document)
    for operation, place in document.root.child("operations").children():
        followed = document.follow(place)
        visitor = sent if followed["action"] == "receive" else received
        channel = document.follow(followed.child("channel"))
        for pointer in (place.pointer, channel.pointer):
            visitor.side.meet(pointer)
        usage.operations[operation] += 1
        for name, message in channel.child("messages").children():
            usage.operations[f"{operation} {name}"] += 1
            for pointer in {message.pointer, document.follow(message).pointer}:
                visitor.side.meet(pointer)
            visitor.declare(reading.part(message, "payload"), names)
