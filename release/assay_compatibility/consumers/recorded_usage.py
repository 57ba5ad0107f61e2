"""The usage that recorded traffic shows: each call led to its operation, its parameters, bodies and responses to their schemas."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from assay_contracts.json_types import is_list
from assay_contracts.media_types import essence
from assay_contracts.path_templates import matchable, path_pattern
from assay_contracts.pointers import escape

from assay_compatibility.asyncapi_reading import AsyncApiReading
from assay_compatibility.consumers.calls import ABSENT, Body, Call, Recording, Session
from assay_compatibility.consumers.sent_texts import read_fields, read_parameter
from assay_compatibility.consumers.usage import Side, Usage, unnamed
from assay_compatibility.consumers.visiting import Visitor
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.unknown_members import METHODS

_NOT_SENT: Any = object()


@dataclass(frozen=True, slots=True)
class _Route:
    """One path of the document: what its requests look like, and the path item."""

    template: str
    pattern: re.Pattern[str]
    item: Node


def recorded_usage(document: ApiDocument, recording: Recording) -> Usage:
    """What a recording uses of a document; `elsewhere` counts the calls that lead to none of its operations or channels."""
    usage = Usage()
    reader = _OpenApiUsage(document, usage) if document.kind == "openapi" else None
    feeds = _AsyncApiUsage(document, usage) if document.kind == "asyncapi" else None
    for call in recording.calls:
        if reader is not None and not reader.add(call):
            usage.elsewhere += 1
    for session in recording.sessions:
        if feeds is not None and not feeds.add(session):
            usage.elsewhere += 1
    return usage


class _OpenApiUsage:
    def __init__(self, document: ApiDocument, usage: Usage) -> None:
        self._document, self._usage = document, usage
        self._sent, self._received = Visitor(document, usage.sent), Visitor(document, usage.received)
        root = document.root
        self._bases = base_paths(document)
        routes = [_Route(path, path_pattern(path), document.follow(item)) for path, item in root.child("paths").children()]
        # A literal path wins over one with a parameter in its place.
        self._routes = sorted(routes, key=lambda route: route.template.count("{"))

    def add(self, call: Call) -> bool:
        """Count one call; whether it led to an operation."""
        for route, match in self._matching(call.url):
            operation = route.item.child(call.method.lower())
            if operation.value is not None:
                names = re.findall(r"\{([^}]*)\}", route.template)
                self._count(call, route, operation, dict(zip(names, match.groups(), strict=False)))
                return True
        return False

    def _matching(self, url: str) -> Iterator[tuple[_Route, re.Match[str]]]:
        path = urlsplit(url).path
        for base in self._bases:
            start = base.match(path)
            if start is not None:
                inside = matchable(path[start.end() :]) or "/"
                for route in self._routes:
                    match = route.pattern.fullmatch(inside)
                    if match is not None:
                        yield route, match

    def _count(self, call: Call, route: _Route, operation: Node, values: dict[str, str]) -> None:
        usage = self._usage
        usage.operations[f"{call.method} {unnamed(route.template)}"] += 1
        for side in (usage.sent, usage.received):
            for pointer in {f"/paths/{escape(route.template)}", route.item.pointer, operation.pointer}:
                side.meet(pointer)
        for place in parameter_places(self._document, route.item, operation):
            self._parameter(call, place, values)
        if call.body is not None:
            body = self._meet(usage.sent, operation.child("requestBody"))
            self._content(self._sent, body, call.body)
        self._response(call, operation)

    def _parameter(self, call: Call, place: Node, values: dict[str, str]) -> None:
        parameter = self._document.follow(place)
        sent = _sent(self._sent, call, parameter, values)
        if sent is _NOT_SENT:
            return
        self._meet(self._usage.sent, place)
        schema = _schema(parameter)
        if sent is ABSENT:
            self._sent.visit_unread(schema)
        elif schema.value is not None:
            self._sent.visit(schema, sent)

    def _meet(self, side: Side, place: Node) -> Node:
        """Count a place, and what it refers to, which is returned."""
        target = self._document.follow(place)
        for pointer in {place.pointer, target.pointer}:
            side.meet(pointer)
        return target

    def _content(self, visitor: Visitor, holder: Node, body: Body) -> None:
        media = next((child for name, child in _by_closeness(holder.child("content")) if _fits(name, body.media_type)), None)
        if media is None:
            return
        visitor.side.meet(media.pointer)
        schema = media.child("schema")
        if schema.value is None:
            return
        value = read_fields(visitor, body.fields, schema) if body.fields is not None else body.value
        if value is ABSENT:
            visitor.visit_unread(schema)
        else:
            visitor.visit(schema, value)

    def _response(self, call: Call, operation: Node) -> None:
        responses = operation.child("responses")
        named = (str(call.status), f"{call.status // 100}XX", f"{call.status // 100}xx", "default")
        place = next((responses.child(name) for name in named if responses.child(name).value is not None), None)
        if place is None:
            return
        response = self._meet(self._usage.received, place)
        for name, header in response.child("headers").children():
            if name.lower() in call.answer_headers:
                self._received.visit_unread(_schema(self._meet(self._usage.received, header)))
        if call.answer is not None:
            self._content(self._received, response, call.answer)


class _AsyncApiUsage:
    """Of an AsyncAPI document the server is the owner: what it sends the consumer receives."""

    def __init__(self, document: ApiDocument, usage: Usage) -> None:
        self._reading, self._usage = AsyncApiReading(document), usage
        self._document = document
        self._channels = [document.follow(channel) for _, channel in document.root.child("channels").children()]
        self._operations = [(name, document.follow(place)) for name, place in document.root.child("operations").children()]

    def add(self, session: Session) -> bool:
        """Count one session; whether it led to a channel."""
        path = matchable(urlsplit(session.url).path)
        for channel in self._channels:
            address = urlsplit(str(channel["address"] or "")).path
            if address and re.search(path_pattern(address).pattern + r"\Z", path):
                self._count(session, channel)
                return True
        return False

    def _count(self, session: Session, channel: Node) -> None:
        for action, texts, side in (("receive", session.sent, self._usage.sent), ("send", session.received, self._usage.received)):
            side.meet(channel.pointer)
            visitor = Visitor(self._document, side)
            operations = [
                (name, place)
                for name, place in self._operations
                if place["action"] == action and self._document.follow(place.child("channel")).pointer == channel.pointer
            ]
            messages = [(name, child, self._reading.part(child, "payload")) for name, child in channel.child("messages").children()]
            for text in texts:
                self._message(visitor, text, messages, operations)

    def _message(self, visitor: Visitor, text: str, messages: list[tuple[str, Node, Node]], operations: list[tuple[str, Node]]) -> None:
        try:
            value: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        fitting = [message for message in messages if visitor.may_be(message[2], value)] or messages
        for name, message, payload in fitting:
            for pointer in {message.pointer, self._document.follow(message).pointer}:
                visitor.side.meet(pointer)
            visitor.visit(payload, value)
            for operation, place in operations:
                visitor.side.meet(place.pointer)
                self._usage.operations[f"{operation} {name}"] += 1
                self._usage.operations[operation] += 1


def base_paths(document: ApiDocument) -> list[re.Pattern[str]]:
    """What may stand before the paths of a document, longest first: the base path of every server it names, and nothing."""
    root = document.root
    items = [document.follow(item) for _, item in root.child("paths").children()]
    holders = [root, *items, *(item.child(method) for item in items for method in METHODS)]
    servers = [server for holder in holders for _, server in holder.child("servers").children()]
    found = {_base_path(server) for server in servers}
    return [re.compile(f"{base}(?=/|$)") for base in sorted(found | {""}, key=len, reverse=True)]


def _base_path(server: Node) -> str:
    """The pattern of a server's base path; a variable is one of its values, else its default or any one segment."""
    # Scheme and host may hold variables, and one variable may stand for both.
    url = re.sub(r"^(?:[^/?#]*:)?//[^/]*", "", str(server["url"] or ""))
    first = re.match(r"\{([^}]*)\}", url)
    path = url[first.end() :] if first and "//" in str(server.child("variables", first[1])["default"]) else url
    normal = posixpath.normpath("/" + path.partition("?")[0]).strip("/")
    parts = re.split(r"(\{[^}]*\})", normal)
    pattern = "".join(_values(server.child("variables", part[1:-1])) if part.startswith("{") else re.escape(part) for part in parts)
    return f"/{pattern}" if pattern else ""


def _values(variable: Node) -> str:
    listed, default = variable["enum"], variable["default"]
    values = [str(value).strip("/") for value in (*(listed if is_list(listed) else ()), *(() if default is None else (default,)))]
    return "(?:" + "|".join([*(re.escape(value) for value in values), *(() if is_list(listed) else ("[^/]+",))]) + ")"


def parameter_places(document: ApiDocument, item: Node, operation: Node) -> list[Node]:
    """The parameters of an operation: its own, and those of its path that it does not replace."""
    found: dict[tuple[Any, Any], Node] = {}
    for holder in (item, operation):
        for _, place in holder.child("parameters").children():
            parameter = document.follow(place)
            found[parameter["in"], parameter["name"]] = place
    return list(found.values())


def _schema(holder: Node) -> Node:
    """The schema of a parameter or header, its own or that of its one media type."""
    return next((media.child("schema") for _, media in holder.child("content").children()), holder.child("schema"))


def _sent(visitor: Visitor, call: Call, parameter: Node, values: dict[str, str]) -> Any:
    """The value of a parameter in a call; `ABSENT` where it is not kept, in headers and cookies."""
    name, schema = str(parameter["name"]), _schema(parameter)
    match parameter["in"]:
        case "path":
            return read_parameter(visitor, parameter, [values[name]], schema) if name in values else ABSENT
        case "header":
            return ABSENT if name.lower() in call.headers else _NOT_SENT
        case "cookie":
            return ABSENT if name in call.cookies else _NOT_SENT
        case "querystring":
            return read_fields(visitor, call.query, schema) if call.query else _NOT_SENT
        case _:
            texts = [text for key, text in call.query if key == name]
            if texts:
                return read_parameter(visitor, parameter, texts, schema)
            # `filter[kind]=cat` and `ids[]=1` are fields of the parameter.
            nested = [(key, text) for key, text in call.query if key.startswith(f"{name}[")]
            if nested:
                return read_fields(visitor, nested, Node("", {"properties": {name: schema.value}})).get(name)
            fields = [(key, text) for key, text in call.query if visitor.property_of(schema, key) is not None]
            return read_fields(visitor, fields, schema) if fields else _NOT_SENT


def _by_closeness(content: Node) -> list[tuple[str, Node]]:
    """The media types of a body, exact ones before ranges."""
    return sorted(content.children(), key=lambda pair: pair[0].count("*"))


def _fits(declared: str, media_type: str) -> bool:
    wanted = essence(declared)
    pattern = re.escape(wanted).replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, media_type or wanted) is not None
