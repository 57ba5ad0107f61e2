"""The object model of a document, read from the JSON Schema that its standard publishes.

Nothing is told here about OpenAPI or AsyncAPI: which fields an object has, and of what kind, is what the official schema says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, cast

import jsonschema_rs
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import split

Json: TypeAlias = Any
# The places where a standard says "here stands a JSON Schema"; what may be in one is told by the vocabularies.
SCHEMA_OBJECTS = frozenset({"schema", "json-schema-draft-07-schema"})
REFERENCES = frozenset({"Reference", "reference"})


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One place of an official schema: what it says about a value, and the whole that its references are read in."""

    schema: Json
    root: Json
    name: str = ""

    def to(self, schema: Json, name: str = "") -> Node:
        """Another place of the same official schema."""
        return Node(schema, self.root, name or self.name)

    @property
    def keywords(self) -> dict[str, Any]:
        """Its keywords."""
        return self.schema if is_mapping(self.schema) else {}

    @property
    def target(self) -> Node | None:
        """What its reference leads to, if it has one."""
        reference = self.keywords.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        value = self.root
        for key in split(reference):
            value = value[key]
        return self.to(value, reference.rsplit("/", 1)[-1])

    @property
    def is_schema(self) -> bool:
        """Whether a JSON Schema stands here."""
        return self.keywords.get("$dynamicRef") == "#meta" or self.name in SCHEMA_OBJECTS


@dataclass(slots=True)
class Described:
    """What an official schema says about one object or array."""

    name: str = ""
    fields: dict[str, list[Node]] = field(default_factory=dict[str, list[Node]])
    entries: list[tuple[str, Node]] = field(default_factory=list[tuple[str, Node]])
    items: list[Node] = field(default_factory=list[Node])
    required: set[str] = field(default_factory=set[str])
    # The fields that are annotations of ours, of which the official schema knows nothing.
    annotated: set[str] = field(default_factory=set[str])
    schema: bool = False
    refers: bool = False


def described(nodes: Iterable[Node], value: Json = None) -> Described:
    """Everything that some places of the official schema say together about a value."""
    found = Described()
    for node in nodes:
        _gather(node, value, found, ())
    found.name = found.name or next((_named(node) for node in nodes), "")
    return found


def _named(node: Node) -> str:
    target = node.target
    return node.name if target is None or target.name in REFERENCES else target.name


def spread(node: Node, value: Json = None) -> Iterator[Node]:
    """The place itself and every place that holds beside it."""
    yield from _spread(node, value, ())


def _spread(node: Node, value: Json, trail: tuple[int, ...]) -> Iterator[Node]:
    if id(node.schema) in trail or node.name in REFERENCES:
        return
    yield node
    if node.is_schema:
        return
    trail = (*trail, id(node.schema))
    if (target := node.target) is not None:
        yield from _spread(target, value, trail)
    keywords = node.keywords
    for word in ("allOf", "oneOf", "anyOf"):
        for child in keywords.get(word, ()):
            if not _contradicts(node.to(child), value):
                yield from _spread(node.to(child), value, trail)
    for consequence in _consequences(keywords, value):
        yield from _spread(node.to(consequence), value, trail)
    dependent = keywords.get("dependentSchemas")
    for name, child in (dependent if is_mapping(dependent) else {}).items():
        if not is_mapping(value) or name in value:
            yield from _spread(node.to(child), value, trail)


def _contradicts(branch: Node, value: Json) -> bool:
    """Whether a member of an object names another branch than this one."""
    if not is_mapping(value):
        return False
    for node in _spread(branch, None, ()):
        properties = node.keywords.get("properties")
        for name, schema in (properties if is_mapping(properties) else {}).items():
            constants = schema if is_mapping(schema) else {}
            listed = [constants["const"]] if "const" in constants else constants.get("enum")
            if is_list(listed) and name in value and value[name] not in listed:
                return True
    return False


def _consequences(keywords: dict[str, Any], value: Json) -> Sequence[Json]:
    if "if" not in keywords:
        return ()
    if value is None or "$ref" in repr(keywords["if"]):
        return [keywords[word] for word in ("then", "else") if word in keywords]
    word = "then" if _holds(repr(keywords["if"]), keywords["if"], value) else "else"
    return [keywords[word]] if word in keywords else ()


_BUILT: dict[str, Any] = {}


def _holds(key: str, condition: Json, value: Json) -> bool:
    if key not in _BUILT:
        _BUILT[key] = jsonschema_rs.Draft202012Validator(condition)
    return cast("bool", _BUILT[key].is_valid(value))


def _gather(start: Node, value: Json, found: Described, trail: tuple[int, ...]) -> None:
    for node in _spread(start, value, trail):
        if node.is_schema:
            found.schema = True
            continue
        keywords = node.keywords
        if node.target is not None and node.target.name in REFERENCES:
            found.refers = True
        properties = keywords.get("properties")
        if is_mapping(properties):
            found.name = found.name or node.name
            for name, property_ in properties.items():
                found.fields.setdefault(name, []).append(node.to(property_, f"{node.name}/{name}"))
        patterns = keywords.get("patternProperties")
        for pattern, child in (patterns if is_mapping(patterns) else {}).items():
            if not pattern.startswith("^x-") and child is not False:
                found.entries.append((pattern, node.to(child)))
        extra = keywords.get("additionalProperties")
        if is_mapping(extra):
            names = keywords.get("propertyNames")
            pattern = names.get("format", names.get("pattern", "")) if is_mapping(names) else ""
            found.entries.append((str(pattern), node.to(extra)))
        items = keywords.get("items")
        if is_mapping(items):
            found.items.append(node.to(items))
        elif is_list(items):
            found.items.extend(node.to(item) for item in items)
        found.required.update(str(name) for name in keywords.get("required", ()))


@lru_cache(maxsize=64)
def vocabulary(address: str) -> Any:
    """A vocabulary of JSON Schema as its standard publishes it."""
    return jsonschema_rs.dereference({"$ref": address})
