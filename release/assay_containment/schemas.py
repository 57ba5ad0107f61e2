"""Schemas where they stand: a document, a place in it, and what a reference there means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import unquote, urldefrag, urljoin

import jsonschema_rs

Json: TypeAlias = Any
# How `format` is read: as an annotation, or as an assertion about strings. None: as an annotation, where that makes no difference.
Formats: TypeAlias = Literal["annotate", "assert"] | None

LATEST = "https://json-schema.org/draft/2020-12/schema"
DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DRAFT_04 = "http://json-schema.org/draft-04/schema#"
DRAFT_NUMBERS = {"draft-04": 4, "draft-06": 6, "draft-07": 7, "2019-09": 19, "2020-12": 20}

ONE = (
    "not",
    "if",
    "then",
    "else",
    "additionalProperties",
    "propertyNames",
    "contains",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
)
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions")


class SchemaInvalid(ValueError):
    """A value is not a JSON Schema of its dialect.

    The message says which of the two schemas, and why; `side` is `a` or `b`, or empty where only one schema is in question.
    """

    def __init__(self, message: str, *, side: str = "") -> None:
        super().__init__(message)
        self.side = side


class NestedTooDeeply(ValueError):
    """A schema nested deeper than validators go."""


class Unresolved(LookupError):
    """A reference that leads nowhere that can be read here."""


@dataclass(frozen=True, slots=True, eq=False)
class SchemaDocument:
    """A whole schema with everything that its references lead to."""

    root: Json
    dialect: str
    names: Mapping[str, tuple[str, ...]]
    dynamic: frozenset[str]
    draft: int = 20
    formats: Formats = None
    validators: dict[Any, Any] = field(default_factory=dict[Any, Any])
    keywords: dict[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict[tuple[str, ...], Mapping[str, Any]])
    seen: dict[tuple[str, ...], bool] = field(default_factory=dict[tuple[str, ...], bool])
    near: dict[tuple[str, ...], tuple[SchemaNode, ...]] = field(default_factory=dict[tuple[str, ...], "tuple[SchemaNode, ...]"])

    def at(self, pointer: tuple[str, ...]) -> Json:
        """What stands at a pointer."""
        value: Any = self.root
        for part in pointer:
            try:
                value = _part(value, part)
            except (KeyError, IndexError, ValueError, TypeError):
                raise Unresolved(
                    f"expected something at #/{'/'.join(pointer)}, there is nothing; the reference needs another target"
                ) from None
        return value


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """One schema inside a document."""

    document: SchemaDocument
    pointer: tuple[str, ...]

    @property
    def schema(self) -> Json:
        """The schema itself: a mapping, or a boolean."""
        return self.document.at(self.pointer)

    @property
    def keywords(self) -> Mapping[str, Any]:
        """The keywords that hold here; a boolean schema has none or a `not` that refuses everything."""
        known = self.document.keywords.get(self.pointer)
        if known is None:
            known = self.document.keywords[self.pointer] = self._read_keywords()
        return known

    def _read_keywords(self) -> Mapping[str, Any]:
        schema = self.schema
        if isinstance(schema, dict):
            found = cast("dict[str, Any]", schema)
            return {"$ref": found["$ref"]} if "$ref" in found and self.document.draft <= 7 else found
        return {} if schema is True else {"enum": []}

    def __truediv__(self, part: str) -> SchemaNode:
        return SchemaNode(self.document, (*self.pointer, part))

    def listed(self, keyword: str) -> list[SchemaNode]:
        """The schemas that a keyword lists."""
        schemas = self.keywords.get(keyword)
        if not isinstance(schemas, list):
            return []
        above = self / keyword
        return [above / str(index) for index in range(len(cast("Sequence[Any]", schemas)))]

    def named(self, keyword: str) -> dict[str, SchemaNode]:
        """The schemas that a keyword holds by name."""
        value = self.keywords.get(keyword)
        if not isinstance(value, dict):
            return {}
        above = self / keyword
        return {name: above / name for name in cast("dict[str, Any]", value)}

    def declared(self, name: str) -> list[SchemaNode]:
        """The schema of a property, alone in a list; an empty one where the place does not name it."""
        properties = self.keywords.get("properties")
        return [self / "properties" / name] if isinstance(properties, dict) and name in properties else []

    def target(self) -> SchemaNode:
        """Where the reference here leads."""
        keywords = self.keywords
        reference = keywords.get("$ref")
        if not isinstance(reference, str):
            raise Unresolved("expected a $ref that is a string")
        return self._follow(reference)

    def dynamic_target(self) -> SchemaNode:
        """Where a dynamic reference leads, when every scope agrees on it."""
        reference = self.keywords.get("$dynamicRef", self.keywords.get("$recursiveRef"))
        if not isinstance(reference, str) or "$recursiveRef" in self.keywords:
            raise Unresolved("a recursive reference depends on the scope")
        if urldefrag(reference)[1] in self.document.dynamic:
            raise Unresolved(f"the dynamic reference {reference} depends on the scope")
        return self._follow(reference)

    def _follow(self, reference: str) -> SchemaNode:
        if reference == "#" and "#" not in self.document.names:
            return SchemaNode(self.document, ())
        if reference.startswith("#/") and not self.document.names:
            return SchemaNode(self.document, split_pointer(reference[1:]))
        address = urljoin(self._base(), reference)
        whole, fragment = urldefrag(address)
        if fragment and not fragment.startswith("/"):
            found = self.document.names.get(address)
        else:
            found = self.document.names.get(whole, () if whole == "" else None)
            if found is not None and fragment:
                found = (*found, *split_pointer(unquote(fragment)))
        if found is None:
            raise Unresolved(f"expected {reference} to lead somewhere inside the schema; bundle the schema first")
        return SchemaNode(self.document, found)

    def _base(self) -> str:
        value, base = self.document.root, ""
        for part in ("", *self.pointer):
            if part:
                value = _part(value, part)
            identity = (
                cast("dict[str, Any]", value).get("$id", cast("dict[str, Any]", value).get("id")) if isinstance(value, dict) else None
            )
            if isinstance(identity, str) and not identity.startswith("#"):
                base = urljoin(base, identity)
        return urldefrag(base)[0]


def read(schema: Json, document: Json = None, *, formats: Formats = None) -> SchemaNode:
    """A schema as a place; with a document around it, its references are those of the document."""
    whole = schema if document is None else embedded(schema, document)
    return SchemaNode(document_of(whole, formats=formats), ())


def document_of(root: Json, dialect: str | None = None, *, formats: Formats = None) -> SchemaDocument:
    """A document, with its names found and its dialect told or guessed."""
    if not isinstance(root, dict | bool):
        raise SchemaInvalid(f"expected a schema, an object or a boolean; this is {type(root).__name__}")
    names: dict[str, tuple[str, ...]] = {}
    dynamic: list[str] = []
    identified = False
    for pointer, schema, base in _named(root, (), ""):
        identity = schema.get("$id", schema.get("id"))
        if isinstance(identity, str) and (pointer or not identity.startswith("#")):
            names.setdefault(urldefrag(base)[0], pointer)
            identified = True
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = schema.get(keyword)
            if isinstance(anchor, str):
                names[f"{urldefrag(base)[0]}#{anchor}"] = pointer
                if keyword == "$dynamicAnchor":
                    dynamic.append(anchor)
    if names and not identified:
        names.setdefault("", ())
    chosen = dialect or dialect_of(root)
    draft = next((number for name, number in DRAFT_NUMBERS.items() if name in chosen), 20)
    return SchemaDocument(root, chosen, names, frozenset(dynamic), draft, formats)


def dialect_of(root: Json) -> str:
    """The dialect that a schema names; without a name, the newest that its spelling fits."""
    if isinstance(root, dict):
        declared = cast("dict[str, Any]", root).get("$schema")
        if isinstance(declared, str) and any(name in declared for name in DRAFT_NUMBERS):
            return declared
    spelled = [schema for _, schema, _ in _named(root, (), "")]
    if any(isinstance(schema.get(word), bool) for schema in spelled for word in ("exclusiveMinimum", "exclusiveMaximum")):
        return DRAFT_04
    if any(isinstance(schema.get("items"), list) for schema in spelled):
        return DRAFT_07
    return LATEST


def embedded(schema: Json, document: Json) -> Json:
    """A schema with just those parts of a document that its references reach."""
    if not isinstance(schema, dict):
        return schema
    source = SchemaDocument(document, LATEST, {}, frozenset())
    root: dict[str, Any] = dict(cast("dict[str, Any]", schema))
    waiting, seen = [cast("Json", schema)], set[tuple[str, ...]]()
    while waiting:
        for reference in _references(waiting.pop()):
            pointer = split_pointer(unquote(reference[1:]))
            if pointer in seen or not pointer:
                continue
            seen.add(pointer)
            found = source.at(pointer)
            _plant(root, pointer, found)
            waiting.append(found)
    return root


def split_pointer(text: str) -> tuple[str, ...]:
    """The parts of a JSON pointer."""
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def write_pointer(pointer: tuple[str, ...]) -> str:
    """A pointer as the fragment of a reference."""
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1").replace("%", "%25") for part in pointer)


def built(document: SchemaDocument, *, formats: bool | None = None) -> Any:
    """The validator of a whole document, or SchemaInvalid; formats are asserted as told, else as the document is read."""
    formats = document.formats == "assert" if formats is None else formats
    key = f"root {formats}"
    if key not in document.validators:
        schema: Json = document.root
        if isinstance(schema, dict):
            schema = {**cast("dict[str, Any]", schema), "$schema": document.dialect}
        try:
            document.validators[key] = jsonschema_rs.validator_for(schema, validate_formats=formats, offline=True)
        except (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError) as error:
            if "not present in a registry" in str(error) or isinstance(error, jsonschema_rs.ReferencingError):
                raise Unresolved(f"{error}".splitlines()[0]) from None
            raise SchemaInvalid(f"{error}".splitlines()[0]) from None
        except (ValueError, TypeError, OverflowError) as error:
            if "Recursion limit" in str(error):
                raise NestedTooDeeply("the schema is nested deeper than its validator goes") from None
            raise SchemaInvalid(f"{error}".splitlines()[0]) from None
    return document.validators[key]


def _part(value: Any, part: str) -> Any:
    return cast("Sequence[Any]", value)[int(part)] if isinstance(value, list) else value[part]


def _named(value: Json, pointer: tuple[str, ...], base: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any], str]]:
    if not isinstance(value, dict):
        return
    schema = cast("dict[str, Any]", value)
    identity = schema.get("$id", schema.get("id"))
    if isinstance(identity, str):
        base = urljoin(base, identity)
    yield pointer, schema, base
    for keyword, schemas in schema.items():
        if keyword in ONE or (keyword == "items" and isinstance(schemas, dict | bool)):
            yield from _named(schemas, (*pointer, keyword), base)
        elif (keyword in MANY or keyword == "items") and isinstance(schemas, list):
            for index, below in enumerate(cast("Sequence[Any]", schemas)):
                yield from _named(below, (*pointer, keyword, str(index)), base)
        elif keyword in NAMED and isinstance(schemas, dict):
            for name, below in cast("dict[str, Any]", schemas).items():
                yield from _named(below, (*pointer, keyword, name), base)


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for keyword, inner in cast("dict[str, Any]", value).items():
            if keyword in ("$ref", "$dynamicRef") and isinstance(inner, str) and inner.startswith("#/"):
                yield inner
            elif keyword not in ("const", "enum", "default", "example", "examples"):
                yield from _references(inner)
    elif isinstance(value, list):
        for below in cast("Sequence[Any]", value):
            yield from _references(below)


def _plant(root: dict[str, Any], pointer: tuple[str, ...], value: Json) -> None:
    """Put a part of a document where references look for it, inside containers of its own."""
    branch = root
    for part in pointer[:-1]:
        inner = branch.get(part)
        # Containers are copied, never shared: the document given is left as it was.
        branch[part] = branch = dict(cast("dict[str, Any]", inner)) if isinstance(inner, dict) else {}
    branch.setdefault(pointer[-1], value)
