"""Every place of a host document where an object of the standard stands, and in which direction its values go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assay_compatibility.classes import Direction
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import split

from compatibility_audit.objects import REFERENCES, Described, Json, Node, described

Pointer = tuple[str, ...]
REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH


@dataclass(frozen=True, slots=True)
class Site:
    """One object in its place."""

    pointer: Pointer
    description: Described
    direction: Direction
    value: Json
    # The annotation it is a part of, and where that stands; the official schema says nothing about its inside.
    annotation: str = ""

    @property
    def name(self) -> str:
        """The name of its type."""
        return self.description.name


@dataclass(slots=True)
class Sites:
    """The walk over one host document by its official schema."""

    host: Json
    root: Node
    annotations: Mapping[str, Node] = field(default_factory=dict[str, Node])
    seen: set[tuple[Pointer, Direction]] = field(default_factory=set[tuple[Pointer, Direction]])

    def all(self) -> Iterator[Site]:
        """Every site, each once for a direction; what is never referred to comes last and has none."""
        yield from self._visit((), [self.root], BOTH, "")

    def _visit(self, pointer: Pointer, nodes: list[Node], direction: Direction, annotation: str) -> Iterator[Site]:
        value = at(self.host, pointer)
        while is_mapping(value) and isinstance(value.get("$ref"), str):
            pointer = split(value["$ref"])
            value = at(self.host, pointer)
            if all(node.target is not None and node.target.name in REFERENCES for node in nodes):
                nodes = self._nodes_at(pointer)
        known = {one for one in Direction if (pointer, one) in self.seen}
        if direction in known or (direction is BOTH and known):
            return
        self.seen.add((pointer, direction))
        description = described(nodes, value)
        if is_mapping(value) and not annotation:
            description.annotated = {name for name in value if name in self.annotations}
            description.fields.update({name: [self.annotations[name]] for name in sorted(description.annotated)})
        if description.schema and not description.fields:
            yield Site(pointer, description, direction, value)
            return
        if is_mapping(value):
            yield Site(pointer, description, direction, value, annotation)
            for name in _ordered(value):
                yield from self._below(pointer, description, name, direction, annotation)
        elif is_list(value):
            yield Site(pointer, description, direction, value, annotation)
            for index in range(len(value)):
                yield from self._visit((*pointer, str(index)), description.items, direction, annotation)

    def _nodes_at(self, pointer: Pointer) -> list[Node]:
        """What the official schema says about a place that a bare reference leads to."""
        nodes, value = [self.root], self.host
        for part in pointer:
            description = described(nodes, value)
            nodes = description.fields.get(part) or [child for _, child in description.entries]
            value = at(value, (part,))
        return nodes

    def _below(self, pointer: Pointer, description: Described, name: str, direction: Direction, annotation: str) -> Iterator[Site]:
        nodes = description.fields.get(name) or [child for _, child in description.entries]
        inside = name if name in self.annotations and not annotation else annotation
        if not nodes or (name.startswith("x-") and not inside):
            return
        below = (*pointer, name)
        way = turned(below, direction, self.host)
        if way is not None:
            yield from self._visit(below, nodes, way, inside)


def _ordered(value: dict[str, Json]) -> list[str]:
    """What says a direction comes before what is only kept to be referred to."""
    last = ("channels", "components")
    return [*(item for item in value if item not in last), *(item for item in last if item in value)]


def turned(pointer: Pointer, direction: Direction, host: Json) -> Direction | None:
    """The direction below a place, told by the standard's own words; None where another way leads there."""
    first, *rest = pointer
    if "openapi" in host:
        if len(pointer) == 1:
            return {"paths": REQUEST, "webhooks": RESPONSE}.get(first, BOTH)
        if pointer[-1] == "responses" and direction is not BOTH and _in_operation(pointer):
            return direction.turned
        return direction.turned if pointer[-1] == "callbacks" and direction is not BOTH and _in_operation(pointer) else direction
    if first == "operations" and len(rest) == 1:
        return REQUEST if host["operations"][rest[0]]["action"] == "receive" else RESPONSE
    if first == "operations" and len(rest) >= 2 and rest[-1] == "reply":
        return direction.turned
    if first == "channels" and direction is not BOTH and len(rest) == 2:
        if rest[1] in ("parameters", "bindings"):
            return REQUEST
        # An operation that names its messages has them from there; one that names none has all of the channel.
        return direction if rest[1] != "messages" or rest[0] in _unnamed(host) else None
    return direction


def _unnamed(host: Json) -> set[str]:
    """The channels that an operation without a list of messages works on."""
    return {operation["channel"]["$ref"].rsplit("/", 1)[-1] for operation in host["operations"].values() if "messages" not in operation}


def _in_operation(pointer: Pointer) -> bool:
    return len(pointer) > 2 and pointer[-2] in ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def at(value: Json, pointer: Pointer) -> Json:
    """What stands at a pointer."""
    for part in pointer:
        value = value[int(part)] if is_list(value) else value[part]
    return value


def put(value: Json, pointer: Pointer, what: Json) -> Json:
    """The value with something else at a pointer, everything beside the way there shared; MISSING takes it away."""
    if not pointer:
        return what
    first, rest = pointer[0], pointer[1:]
    if is_list(value):
        index = int(first)
        return [*value[:index], put(value[index], rest, what), *value[index + 1 :]]
    if not rest and what is MISSING:
        return {key: item for key, item in value.items() if key != first}
    below = value.get(first) if is_mapping(value) else None
    return {**value, first: put({} if below is None and rest else below, rest, what)}


class Missing:
    """The value of a field that is not there."""

    def __repr__(self) -> str:
        return "absent"


MISSING = Missing()
