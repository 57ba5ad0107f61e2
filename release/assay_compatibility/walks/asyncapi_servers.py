"""Where the servers of an AsyncAPI document are, how they are spoken to, and what lets a client in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.asyncapi_reading import AsyncApiReading
from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.schemas.normal_form import canonical
from assay_compatibility.walks.annotations import AnnotationWalk
from assay_compatibility.walks.schema_walk import Walk

REQUEST, BOTH = Direction.REQUEST, Direction.BOTH
_NOTES = ("description", "bearerFormat")


class ServerWalk:
    """What changed of the servers, and of what they ask of a client."""

    def __init__(self, walk: Walk, old: AsyncApiReading, new: AsyncApiReading, annotations: AnnotationWalk) -> None:
        self.walk = walk
        self.old, self.new, self.annotations = old, new, annotations
        # The servers on both sides: what each was called, and what it is called now.
        self.stayed: dict[str, str] = {}

    def run(self) -> None:
        """Compare the servers by name; one under another name at the same place is renamed."""
        olds, news = _servers(self.old), _servers(self.new)
        removed, added = [name for name in olds if name not in news], [name for name in news if name not in olds]
        for name in removed:
            twin = next((candidate for candidate in added if _address(olds[name]) == _address(news[candidate])), None)
            if twin is None:
                self.walk.report("server-removed", Change(name, None), BOTH, olds[name].pointer, f"server {name}")
            else:
                added.remove(twin)
                self.stayed[name] = twin
                self.walk.report("server-renamed", Change(name, twin), BOTH, news[twin].pointer, f"server {twin}")
                self._server(olds[name], news[twin], f"server {twin}")
        for name in added:
            self.walk.report("server-added", Change(None, name), BOTH, news[name].pointer, f"server {name}")
        for name in olds:
            if name in news:
                self.stayed[name] = name
                self._server(olds[name], news[name], f"server {name}")

    def _server(self, old: Node, new: Node, reach: str) -> None:
        one, other = ({"bindings": reading.bindings(place)} for reading, place in ((self.old, old), (self.new, new)))
        self.walk.apply("server", ObjectPair(Node(old.pointer, {**old.value, **one}), Node(new.pointer, {**new.value, **other})), BOTH,
                        new.pointer, reach)  # fmt: skip
        self.annotations.compare(old, new, reach)
        self._variables(old.child("variables"), new.child("variables"), reach)
        self.security(old, new, (reach,))

    def _variables(self, old: Node, new: Node, reach: str) -> None:
        olds, news = dict(old.children()), dict(new.children())
        for name in {**olds, **news}:
            # A variable that is not described is one of which nothing is said.
            first = self.old.document.follow(olds[name]) if name in olds else Node(old.child(name).pointer, {})
            second = self.new.document.follow(news[name]) if name in news else Node(new.child(name).pointer, {})
            self.walk.apply("server-variable", ObjectPair(first, second), BOTH, second.pointer, reach)

    def security(self, old: Node, new: Node, reaches: Iterable[str]) -> None:
        """A client that was let in must be let in now; each entry of the list is one way in."""
        before, after = self._ways(self.old, old), self._ways(self.new, new)
        for reach in reaches:
            for name in before.keys() & after.keys():
                first, second = before[name].value, after[name].value
                if _kept(first) != _kept(second):
                    change = Change(_kept(first), _kept(second))
                    self.walk.report("security-scheme-changed", change, REQUEST, after[name].pointer, reach)
                elif first != second:
                    self.walk.report("document-described-differently", Change(first, second), BOTH, after[name].pointer, reach)
            difference = Change(sorted(before), sorted(after), f"{new.pointer}/security")
            if (before and any(name not in after for name in before) and after) or (after and not before):
                self.walk.report("security-tightened", difference, REQUEST, new.pointer, reach)
            elif before.keys() != after.keys():
                self.walk.report("security-loosened", difference, REQUEST, new.pointer, reach)

    def _ways(self, reading: AsyncApiReading, holder: Node) -> dict[str, Node]:
        security = holder.child("security")
        if not is_list(security.value):
            return {}
        return {_name(scheme): reading.document.follow(scheme) for _, scheme in security.children()}


def _servers(reading: AsyncApiReading) -> dict[str, Node]:
    found = {name: reading.document.follow(server) for name, server in reading.document.root.child("servers").children()}
    return {name: server for name, server in found.items() if is_mapping(server.value)}


def _address(server: Node) -> str:
    return canonical([server["host"], server["protocol"], server["pathname"]])


def _name(entry: Node) -> str:
    """What a way in is called: the name of its scheme, or all that it says."""
    reference = entry["$ref"]
    return str(reference).rsplit("/", 1)[-1] if isinstance(reference, str) else canonical(_kept(entry.value))


def _kept(scheme: Any) -> Any:
    return {key: value for key, value in scheme.items() if key not in _NOTES} if is_mapping(scheme) else scheme
