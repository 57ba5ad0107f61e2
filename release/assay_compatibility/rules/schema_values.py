"""Types, listed values, patterns, formats and encodings of single values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import SchemaPair
from assay_compatibility.schemas.normal_form import TYPES, NormalSchema, canonical
from assay_compatibility.schemas.patterns import pattern_order

NULL = frozenset({"null"})
REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def kinds(schema: NormalSchema) -> frozenset[str]:
    """The allowed types, integers told from numbers; what an enum leaves out is left out."""
    types = frozenset[str]() if schema.rejects_all else schema.types
    found = set(types)
    if "number" in types:
        found.add("integer")
        if schema.keywords.get("integers"):
            found.discard("number")
    return frozenset(found)


def _as_written(schema: NormalSchema) -> object:
    found = kinds(schema)
    if schema.types == TYPES and not schema.rejects_all:
        return None
    return sorted(found - ({"integer"} if "number" in found else set()))


def _typed(pair: SchemaPair) -> tuple[frozenset[str], frozenset[str]]:
    old, new = kinds(pair.old), kinds(pair.new)
    if pair.textual and not ("string" in old and "string" in new):
        # Where both sides name strings, the other types that they name tell how a text is read.
        old, new = _as_text(old, pair.old), _as_text(new, pair.new)
    return old, new


def _as_text(found: frozenset[str], schema: NormalSchema) -> frozenset[str]:
    """As text, a plain string takes in every other type that is written as one."""
    if "string" in found and not ({"pattern", "enum", "format", "maxLength", "minLength"} & schema.keywords.keys()):
        return found | {"integer", "number", "boolean", "object", "array", "null"}
    return found


def _type_change(pair: SchemaPair) -> Change:
    return Change(_as_written(pair.old), _as_written(pair.new), pair.where("type", "never", "integers"))


@rule("type-changed", "schema", Effect.REPLACES)
def type_changed(pair: SchemaPair) -> Iterator[Change]:
    """The type changed, and neither the old nor the new types include the other."""
    old, new = _typed(pair)
    if not old <= new and not new <= old and not _as_list(pair):
        yield _type_change(pair)


@rule("type-narrowed", "schema", Effect.NARROWS)
def type_narrowed(pair: SchemaPair) -> Iterator[Change]:
    """An allowed type was removed."""
    old, new = _typed(pair)
    if new < old and old - new != NULL and not _as_list(pair):
        yield _type_change(pair)


@rule("type-widened", "schema", Effect.WIDENS)
def type_widened(pair: SchemaPair) -> Iterator[Change]:
    """An allowed type was added."""
    old, new = _typed(pair)
    if (old < new and new - old != NULL) or _as_list(pair) or (old == new and kinds(pair.old) != kinds(pair.new)):
        yield _type_change(pair)


def _as_list(pair: SchemaPair) -> bool:
    """One value as text is also a list of one, so a parameter may become a list; a text with commas would fall apart."""
    old, new = kinds(pair.old), kinds(pair.new)
    alone = pair.parameter == "apart" or (pair.parameter == "together" and "string" not in old)
    if not alone or new - NULL != frozenset({"array"}) or {"array", "object"} & old:
        return False
    items = pair.new.subschemas.get("items")
    return items is None or _takes_one(old - NULL, items.value)


def _takes_one(old: frozenset[str], items: Any) -> bool:
    """Whether one value of the old types is also an item, as far as the types of items say."""
    raw = items.get("type") if is_mapping(items) else None
    if raw is None:
        return items is not False
    names = {str(name) for name in raw} if is_list(raw) else {str(raw)}
    return "string" in names or old <= names | ({"integer"} if "number" in names else set())


@rule("became-nullable", "schema", Effect.WIDENS)
def became_nullable(pair: SchemaPair) -> Iterator[Change]:
    """`null` became an allowed value."""
    old, new = kinds(pair.old), kinds(pair.new)
    if old < new and new - old == NULL:
        yield _type_change(pair)


@rule("became-not-nullable", "schema", Effect.NARROWS)
def became_not_nullable(pair: SchemaPair) -> Iterator[Change]:
    """`null` is no longer an allowed value."""
    old, new = kinds(pair.old), kinds(pair.new)
    if new < old and old - new == NULL:
        yield _type_change(pair)


@rule("enum-added", "schema", Effect.NARROWS)
def enum_added(pair: SchemaPair) -> Iterator[Change]:
    """`enum` was added."""
    yield from pair.added("enum")


@rule("enum-removed", "schema", Effect.WIDENS, policy="enum-value-in-response", only=(RESPONSE,))
def enum_removed(pair: SchemaPair) -> Iterator[Change]:
    """`enum` was removed."""
    yield from pair.removed("enum")


def _values(schema: NormalSchema) -> dict[str, object]:
    nullable = "null" in schema.types
    return {canonical(value): value for value in schema.keywords.get("enum", ()) if value is not None or nullable}


@rule("enum-value-removed", "schema", Effect.NARROWS)
def enum_value_removed(pair: SchemaPair) -> Iterator[Change]:
    """A value was removed from `enum`."""
    if "enum" in pair.old.keywords and "enum" in pair.new.keywords:
        old, new = _values(pair.old), _values(pair.new)
        # A null that goes, or comes, is what became-not-nullable and became-nullable tell.
        removed = [value for key, value in old.items() if key not in new and (value is not None or "null" in pair.new.types)]
        if removed:
            yield Change(pair.old.keywords["enum"], pair.new.keywords["enum"], pair.where("enum"))


@rule("enum-value-added", "schema", Effect.WIDENS, policy="enum-value-in-response", only=(RESPONSE,))
def enum_value_added(pair: SchemaPair) -> Iterator[Change]:
    """A value was added to `enum`."""
    if "enum" in pair.old.keywords and "enum" in pair.new.keywords:
        old, new = _values(pair.old), _values(pair.new)
        if [value for key, value in new.items() if key not in old and (value is not None or "null" in pair.old.types)]:
            yield Change(pair.old.keywords["enum"], pair.new.keywords["enum"], pair.where("enum"))


@rule("pattern-added", "schema", Effect.NARROWS)
def pattern_added(pair: SchemaPair) -> Iterator[Change]:
    """`pattern` was added."""
    for change in pair.added("pattern"):
        if pattern_order(".*", str(change.after)) != "equal":
            yield change


@rule("pattern-removed", "schema", Effect.WIDENS, policy="response-pattern", only=(RESPONSE,))
def pattern_removed(pair: SchemaPair) -> Iterator[Change]:
    """`pattern` was removed."""
    for change in pair.removed("pattern"):
        if pattern_order(str(change.before), ".*") != "equal":
            yield change


@rule("pattern-narrowed", "schema", Effect.NARROWS)
def pattern_narrowed(pair: SchemaPair) -> Iterator[Change]:
    """`pattern` became stricter: every string that matches the new one matched the old one."""
    yield from pair.changed("pattern", when=lambda old, new: pattern_order(old, new) == "narrowed")


@rule("pattern-widened", "schema", Effect.WIDENS, policy="response-pattern", only=(RESPONSE,))
def pattern_widened(pair: SchemaPair) -> Iterator[Change]:
    """`pattern` became looser: every string that matched the old one matches the new one."""
    yield from pair.changed("pattern", when=lambda old, new: pattern_order(old, new) == "widened")


@rule("pattern-changed", "schema", Effect.REPLACES, policy="response-pattern", only=(RESPONSE,))
def pattern_changed(pair: SchemaPair) -> Iterator[Change]:
    """`pattern` changed: some strings match only the old one, others only the new one."""
    yield from pair.changed("pattern", when=lambda old, new: pattern_order(old, new) in ("changed", "undecided"))


# The formats that somebody can check: those of JSON Schema, and those of OpenAPI that bound a number or encode bytes.
_CHECKED = frozenset(
    (
        "date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
        "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex", "byte",
        "binary", "int32", "int64", "float", "double",
    )
)  # fmt: skip


def _checked(schema: NormalSchema) -> str | None:
    """The format of a schema where it constrains anything: `double` takes every number, `int64` what bounds keep in its range."""
    format = schema.keywords.get("format")
    if format not in _CHECKED or (format == "double" and "number" in kinds(schema)):
        return None
    if format == "int64" and schema.keywords.get("integers"):
        low, high = schema.keywords.get("minimum"), schema.keywords.get("maximum")
        if low is not None and high is not None and low >= -(2**63) and high < 2**63:
            return None
    return str(format)


def _format_sides(pair: SchemaPair) -> tuple[str | None, str | None]:
    """The formats to compare: as written where one takes in the other, else only those that constrain anything."""
    written = (pair.old.keywords.get("format"), pair.new.keywords.get("format"))
    if written in _WIDER or written[::-1] in _WIDER:
        return written
    return _checked(pair.old), _checked(pair.new)


def _formats(pair: SchemaPair, when: Callable[[str | None, str | None], bool]) -> Iterator[Change]:
    old, new = _format_sides(pair)
    if old != new and when(old, new):
        yield Change(pair.old.keywords.get("format"), pair.new.keywords.get("format"), pair.where("format"))


@rule("unchecked-format-changed", "schema", Effect.ANNOTATES, policy="unchecked-format")
def unchecked_format_changed(pair: SchemaPair) -> Iterator[Change]:
    """A `format` that constrains no value was added, removed or changed."""
    old, new = pair.old.keywords.get("format"), pair.new.keywords.get("format")
    before, after = _format_sides(pair)
    if old != new and before == after:
        yield Change(old, new, pair.where("format"))


@rule("format-added", "schema", Effect.NARROWS, policy="format")
def format_added(pair: SchemaPair) -> Iterator[Change]:
    """`format` was added."""
    if kinds(pair.old) == kinds(pair.new):
        yield from _formats(pair, lambda old, new: old is None and new is not None)


@rule("format-removed", "schema", Effect.WIDENS, policy="format")
def format_removed(pair: SchemaPair) -> Iterator[Change]:
    """`format` was removed."""
    if kinds(pair.old) == kinds(pair.new):
        yield from _formats(pair, lambda old, new: old is not None and new is None)


_WIDER = {
    ("int32", "int64"),
    ("float", "double"),
    ("int32", "double"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("uri", "iri"),
    ("uri", "uri-reference"),
    ("iri", "iri-reference"),
}


@rule("format-widened", "schema", Effect.WIDENS, policy="format")
def format_widened(pair: SchemaPair) -> Iterator[Change]:
    """`format` changed to one that includes the old one."""
    yield from _formats(pair, lambda old, new: (old, new) in _WIDER)


@rule("format-narrowed", "schema", Effect.NARROWS, policy="format")
def format_narrowed(pair: SchemaPair) -> Iterator[Change]:
    """`format` changed to one that the old one includes."""
    yield from _formats(pair, lambda old, new: (new, old) in _WIDER)


@rule("format-changed", "schema", Effect.REPLACES, policy="format")
def format_changed(pair: SchemaPair) -> Iterator[Change]:
    """`format` changed to an unrelated one."""
    yield from _formats(
        pair, lambda old, new: old is not None and new is not None and (old, new) not in _WIDER and (new, old) not in _WIDER
    )


@rule("content-encoding-changed", "schema", Effect.REPLACES)
def content_encoding_changed(pair: SchemaPair) -> Iterator[Change]:
    """`contentEncoding` changed."""
    if pair.old.keywords.get("contentEncoding") != pair.new.keywords.get("contentEncoding"):
        yield Change(pair.old.keywords.get("contentEncoding"), pair.new.keywords.get("contentEncoding"), pair.where("contentEncoding"))


@rule("content-media-type-changed", "schema", Effect.REPLACES)
def content_media_type_changed(pair: SchemaPair) -> Iterator[Change]:
    """`contentMediaType` changed."""
    if pair.old.keywords.get("contentMediaType") != pair.new.keywords.get("contentMediaType"):
        yield Change(pair.old.keywords.get("contentMediaType"), pair.new.keywords.get("contentMediaType"), pair.where("contentMediaType"))
