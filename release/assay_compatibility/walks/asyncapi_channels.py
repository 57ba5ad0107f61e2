"""The channels of two AsyncAPI documents: which is which, where they are found, and how a session on one is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.asyncapi_reading import AsyncApiReading, as_object
from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.walks.annotations import AnnotationWalk
from assay_compatibility.walks.schema_walk import Walk

REQUEST, BOTH = Direction.REQUEST, Direction.BOTH
SUBPROTOCOL = "sec-websocket-protocol"


class ChannelWalk:
    """What changed of the channels themselves; their messages belong to operations."""

    def __init__(self, walk: Walk, old: AsyncApiReading, new: AsyncApiReading, annotations: AnnotationWalk) -> None:
        self.walk = walk
        self.old, self.new, self.annotations = old, new, annotations
        self.pairs: dict[str, str] = {}
        self.on_old, self.on_new = _operations(old), _operations(new)
        self.servers: Mapping[str, str] = {}
        self.removed: set[str] = set()
        self.added: set[str] = set()

    def run(self, servers: Mapping[str, str]) -> None:
        """Compare the channels by name, then by address, then by the operations that are on them."""
        self.servers = servers
        olds, news = _channels(self.old), _channels(self.new)
        match = self._matched(olds, news)
        self.pairs = {olds[one].pointer: news[other].pointer for one, other in match.items()}
        for name, place in olds.items():
            if name in match:
                other = news[match[name]]
                for reach in self.on_new.get(other.pointer) or (match[name],):
                    if match[name] != name:
                        self.walk.report("channel-renamed", Change(name, match[name]), BOTH, other.pointer, reach)
                    self._channel(place, other, reach)
            else:
                self.removed.add(place.pointer)
                for reach in self.on_old.get(place.pointer) or (name,):
                    self.walk.report("channel-removed", Change(name, None), BOTH, place.pointer, reach)
        for name, place in news.items():
            if name not in match.values():
                self.added.add(place.pointer)
                for reach in self.on_new.get(place.pointer) or (name,):
                    self.walk.report("channel-added", Change(None, name), BOTH, place.pointer, reach)

    def paired(self, old: Node, new: Node) -> bool:
        """Whether two channels are the same one, before and now."""
        return self.pairs.get(old.pointer) == new.pointer or (old.pointer not in self.pairs and old.pointer == new.pointer)

    def silent(self) -> dict[str, tuple[Node, Node]]:
        """The channels on which no operation is told, so that anybody may send."""
        olds, news = _channels(self.old), _channels(self.new)
        by_pointer = {place.pointer: place for place in news.values()}
        paired = {name: (place, by_pointer[self.pairs[place.pointer]]) for name, place in olds.items() if place.pointer in self.pairs}
        return {name: pair for name, pair in paired.items() if pair[0].pointer not in self.on_old and pair[1].pointer not in self.on_new}

    def _matched(self, olds: dict[str, Node], news: dict[str, Node]) -> dict[str, str]:
        found = {name: name for name in olds if name in news}
        for alike in (self._same_address, self._same_operations):
            for name in olds:
                if name not in found:
                    free = [new for new in news if new not in found.values()]
                    twin = next((candidate for candidate in free if alike(olds[name], news[candidate])), None)
                    if twin is not None:
                        found[name] = twin
        return found

    def _same_address(self, old: Node, new: Node) -> bool:
        return old["address"] is not None and _template(old["address"]) == _template(new["address"])

    def _same_operations(self, old: Node, new: Node) -> bool:
        return bool(set(self.on_old.get(old.pointer, ())) & set(self.on_new.get(new.pointer, ())))

    def _channel(self, old: Node, new: Node, reach: str) -> None:
        first, second = self.old.bindings(old), self.new.bindings(new)
        extra = {"bindings": (first, second), "addresses": (_template(old["address"]), _template(new["address"]))}
        self.walk.apply("channel", ObjectPair(old, new, extra), BOTH, new.pointer, reach)
        self.annotations.compare(old, new, reach)
        self._servers(old, new, reach)
        self._parameters(old, new, reach)
        self._handshake(self.old.binding(old, "ws"), self.new.binding(new, "ws"), reach)

    def _servers(self, old: Node, new: Node, reach: str) -> None:
        """On which of the servers that stayed a channel is found; a channel that names none is on all of them."""
        stayed = set(self.servers.values())
        before = {self.servers[name] for name in _named(old) & self.servers.keys()} if _named(old) else stayed
        after = _named(new) or stayed
        for name in sorted(before - after):
            self.walk.report("channel-left-server", Change(name, None), BOTH, f"{new.pointer}/servers", reach)
        for name in sorted(after & stayed - before):
            self.walk.report("channel-joined-server", Change(None, name), BOTH, f"{new.pointer}/servers", reach)

    def _parameters(self, old: Node, new: Node, reach: str) -> None:
        olds = {name: self.old.document.follow(parameter) for name, parameter in old.child("parameters").children()}
        news = {name: self.new.document.follow(parameter) for name, parameter in new.child("parameters").children()}
        rename = dict(zip(_names(old["address"]), _names(new["address"]), strict=False))
        for name, place in olds.items():
            other = news.get(rename.get(name, name))
            if other is not None:
                self.walk.apply("channel-parameter", ObjectPair(place, other), REQUEST, other.pointer, reach)
                self.annotations.compare(place, other, reach)
                self._texts(place, other, reach)
            elif name in rename:
                self._texts(place, new.child("parameters", rename[name]), reach)
        for name, place in news.items():
            before = next((one for one, other in rename.items() if other == name), name)
            if before not in olds and name in _names(new["address"]) and before in rename:
                self._texts(old.child("parameters", before), place, reach)

    def _texts(self, old: Node, new: Node, reach: str) -> None:
        first, second = (Node(parameter.pointer, _as_schema(parameter)) for parameter in (old, new))
        if first.value != second.value:
            self.walk.schema(first, second, REQUEST, reach)

    def _handshake(self, old: Node, new: Node, reach: str) -> None:
        """What a client sends to open a session: its query, its headers, the protocol that it asks for."""
        if old.value is None and new.value is None:
            return
        self.walk.apply("handshake", ObjectPair(old, new), REQUEST, new.pointer, reach)
        for key in ("query", "headers"):
            first, second = self.old.document.follow(old.child(key)), self.new.document.follow(new.child(key))
            if first.value is not None or second.value is not None:
                if key == "headers":
                    self._subprotocol(first, second, reach)
                    first, second = _lowered(first, aside=SUBPROTOCOL), _lowered(second, aside=SUBPROTOCOL)
                self.walk.schema(as_object(first), as_object(second), REQUEST, reach)

    def _subprotocol(self, old: Node, new: Node, reach: str) -> None:
        (first, needed_before), (second, needed) = _offered(old), _offered(new)
        at = next((place for place, _ in (_header(new, SUBPROTOCOL), _header(old, SUBPROTOCOL)) if place is not None), new)
        if needed and not needed_before:
            self.walk.report("subprotocol-became-required", Change(before=False, after=True), REQUEST, at.pointer, reach)
        elif needed_before and not needed:
            self.walk.report("subprotocol-became-optional", Change(before=True, after=False), REQUEST, at.pointer, reach)
        if first is None or second is None:
            if first != second:
                rule = "subprotocol-removed" if first is None else "subprotocol-added"
                self.walk.report(rule, Change(first, second), REQUEST, at.pointer, reach)
            return
        for name in sorted(set(first) - set(second)):
            self.walk.report("subprotocol-removed", Change(name, None), REQUEST, at.pointer, reach)
        for name in sorted(set(second) - set(first)):
            self.walk.report("subprotocol-added", Change(None, name), REQUEST, at.pointer, reach)


def _channels(reading: AsyncApiReading) -> dict[str, Node]:
    found = {name: reading.document.follow(channel) for name, channel in reading.document.root.child("channels").children()}
    return {name: channel for name, channel in found.items() if is_mapping(channel.value)}


def _operations(reading: AsyncApiReading) -> dict[str, tuple[str, ...]]:
    """The operations on each channel by its pointer, those that answer on it among them."""
    found: dict[str, tuple[str, ...]] = {}
    for name, place in reading.document.root.child("operations").children():
        operation = reading.merged(place)
        ends = (operation.child("channel"), reading.document.follow(operation.child("reply")).child("channel"))
        for pointer in sorted({reading.document.follow(end).pointer for end in ends if end.value is not None}):
            found[pointer] = (*found.get(pointer, ()), name)
    return found


def _template(address: Any) -> str | None:
    """An address without the names of its parameters, which are never sent."""
    return re.sub(r"\{[^}]*\}", "{}", address) if isinstance(address, str) else None


def _names(address: Any) -> list[str]:
    return re.findall(r"\{([^}]*)\}", address) if isinstance(address, str) else []


def _named(channel: Node) -> set[str]:
    servers = channel["servers"]
    return {str(server["$ref"]).rsplit("/", 1)[-1] for _, server in channel.child("servers").children()} if is_list(servers) else set()


def _as_schema(parameter: Node) -> dict[str, object]:
    kept = ("enum", "default", "description", "examples")
    return {"type": "string", **{key: parameter[key] for key in kept if parameter[key] is not None}}


def _header(headers: Node, name: str) -> tuple[Node | None, bool]:
    """A header of the handshake, whatever its case, and whether it must be sent."""
    needed = {str(needed_name).lower() for needed_name in headers["required"] or ()}
    for written, place in headers.child("properties").children():
        if written.lower() == name:
            return place, name in needed
    return None, name in needed


def _offered(headers: Node) -> tuple[list[str] | None, bool]:
    """The protocols that a client may ask for, None standing for any."""
    place, needed = _header(headers, SUBPROTOCOL)
    if place is None:
        return None, needed
    offered = place["enum"] if is_list(place["enum"]) else [place["const"]] if place["const"] is not None else None
    return ([str(value) for value in offered] if offered is not None else None), needed


def _lowered(headers: Node, *, aside: str) -> Node:
    """The headers with names in lower case, in which they are compared, and without one that has rules of its own."""
    return Node(headers.pointer, _lowered_schema(headers.value, aside)) if is_mapping(headers.value) else headers


def _lowered_schema(schema: Mapping[str, Any], aside: str) -> dict[str, Any]:
    lowered = dict(schema)
    if is_mapping(lowered.get("properties")):
        lowered["properties"] = {name.lower(): value for name, value in lowered["properties"].items() if name.lower() != aside}
    if is_list(lowered.get("required")):
        lowered["required"] = [str(name).lower() for name in lowered["required"] if str(name).lower() != aside]
    for keyword in ("allOf", "anyOf"):
        if is_list(lowered.get(keyword)):
            lowered[keyword] = [_lowered_schema(option, aside) if is_mapping(option) else option for option in lowered[keyword]]
    return lowered
