"""Members of objects, subschemas that apply in one place, and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import escape

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import SchemaPair
from assay_compatibility.schemas.normal_form import LOWER, SINGLE, SINGLE_UNEVALUATED, UPPER, NormalSchema

REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def hidden(place: Node | None, direction: Direction) -> bool:
    """Whether a member is not part of this direction: read-only in requests, write-only in responses."""
    key = "readOnly" if direction is REQUEST else "writeOnly"
    return place is not None and is_mapping(place.value) and place.value.get(key) is True


def _required(schema: NormalSchema, direction: Direction) -> dict[str, str]:
    return {name: at for name, at in schema.required.items() if not hidden(schema.properties.get(name), direction)}


def _newly(pair: SchemaPair) -> Iterator[tuple[str, str]]:
    old, new = _required(pair.old, pair.direction), _required(pair.new, pair.direction)
    for name, at in new.items():
        # A member that was required all along and is only no longer hidden has not changed its being required.
        if name not in old and name not in pair.old.required:
            yield name, at


def _written(pair: SchemaPair, name: str, at: str) -> str:
    """The member, where it is declared beside the list that requires it, else that list."""
    beside = f"{at}/properties/{escape(name)}"
    declared = (side.properties.get(name) for side in (pair.new, pair.old))
    return beside if any(place is not None and place.pointer == beside for place in declared) else f"{at}/required"


def _has_default(pair: SchemaPair, name: str) -> bool:
    place = pair.new.properties.get(name)
    return place is not None and is_mapping(place.value) and place.value.get("default") is not None


@rule("required-member-added", "schema", Effect.NARROWS)
def required_member_added(pair: SchemaPair) -> Iterator[Change]:
    """A required property was added."""
    for name, at in _newly(pair):
        if name not in pair.old.properties and not _has_default(pair, name):
            yield Change(None, name, _written(pair, name, at))


@rule("required-member-with-default-added", "schema", Effect.NARROWS, policy="required-with-default", only=(REQUEST,))
def required_member_with_default_added(pair: SchemaPair) -> Iterator[Change]:
    """A required property with a default was added."""
    for name, at in _newly(pair):
        if name not in pair.old.properties and _has_default(pair, name):
            yield Change(None, name, _written(pair, name, at))


@rule("member-became-required", "schema", Effect.NARROWS)
def member_became_required(pair: SchemaPair) -> Iterator[Change]:
    """An optional property became required."""
    for name, at in _newly(pair):
        if name in pair.old.properties and not _has_default(pair, name):
            yield Change(None, name, _written(pair, name, at))


@rule("member-with-default-became-required", "schema", Effect.NARROWS, policy="required-with-default", only=(REQUEST,))
def member_with_default_became_required(pair: SchemaPair) -> Iterator[Change]:
    """An optional property with a default became required."""
    for name, at in _newly(pair):
        if name in pair.old.properties and _has_default(pair, name):
            yield Change(None, name, _written(pair, name, at))


@rule("member-no-longer-required", "schema", Effect.WIDENS)
def member_no_longer_required(pair: SchemaPair) -> Iterator[Change]:
    """A property is no longer required, or was removed."""
    new = pair.new.required
    for name, at in _required(pair.old, pair.direction).items():
        if name not in new and not hidden(pair.new.properties.get(name), pair.direction):
            yield Change(name, None, _written(pair, name, at))


def _both_objects(pair: SchemaPair) -> bool:
    """Members only come and go between schemas that describe objects."""
    return all("object" in side.types and not side.rejects_all for side in (pair.old, pair.new))


def _newly_optional(pair: SchemaPair) -> Iterator[tuple[str, Node]]:
    for name, place in pair.new.properties.items():
        if name not in pair.old.properties and name not in _required(pair.new, pair.direction) and _both_objects(pair):
            yield name, place


@rule("optional-member-added", "schema", Effect.ADDS)
def optional_member_added(pair: SchemaPair) -> Iterator[Change]:
    """An optional property was added."""
    yield from (Change(None, name, place.pointer) for name, place in _newly_optional(pair) if not _was_forbidden(pair, place))


@rule("forbidden-member-added", "schema", Effect.WIDENS, policy="member-of-closed-object", directions=(RESPONSE,))
def forbidden_member_added(pair: SchemaPair) -> Iterator[Change]:
    """A property was added to an object that allowed no other properties."""
    for name, place in pair.new.properties.items():
        if name not in pair.old.properties and _both_objects(pair) and _was_forbidden(pair, place):
            yield Change(None, name, place.pointer)


def _was_forbidden(pair: SchemaPair, place: Node) -> bool:
    """Whether a value that is sent now has a property that the old schema rejects by any name that it does not list."""
    sent = place.value is not False and not hidden(place, pair.direction)
    return pair.direction is RESPONSE and sent and _closed(pair.old) and not pair.old.named_subschemas.get("patternProperties")


@rule("required-member-described", "schema", Effect.NARROWS)
def required_member_described(pair: SchemaPair) -> Iterator[Change]:
    """A schema was added for a property that was already required."""
    for name, place in pair.new.properties.items():
        required = name in pair.old.required and name in _required(pair.new, pair.direction)
        if required and name not in pair.old.properties and place.value not in (True, {}) and _both_objects(pair):
            yield Change(None, place.value, place.pointer)


@rule("member-removed", "schema", Effect.ADDS, policy="response-member-removed", directions=(RESPONSE,))
def response_member_removed(pair: SchemaPair) -> Iterator[Change]:
    """A property was removed from the response."""
    if pair.direction is RESPONSE and _both_objects(pair):
        for name, place in pair.old.properties.items():
            if name not in pair.new.properties and not hidden(place, pair.direction):
                yield Change(name, None, place.pointer)


@rule("request-member-removed", "schema", Effect.NARROWS, policy="request-member-removed", directions=(REQUEST,))
def request_member_removed(pair: SchemaPair) -> Iterator[Change]:
    """A property was removed from the request, and the schema still allows it."""
    if pair.direction is REQUEST and _both_objects(pair) and pair.new.open:
        for name, place in pair.old.properties.items():
            if name not in pair.new.properties and not hidden(place, pair.direction):
                yield Change(name, None, place.pointer)


@rule("request-member-forbidden", "schema", Effect.NARROWS, directions=(REQUEST,))
def request_member_forbidden(pair: SchemaPair) -> Iterator[Change]:
    """A property was removed from the request, and the schema allows no other properties."""
    if pair.direction is REQUEST and _both_objects(pair) and _closed(pair.new):
        for name, place in pair.old.properties.items():
            if name not in pair.new.properties and not pair.new.named_subschemas.get("patternProperties"):
                yield Change(name, None, place.pointer)


def _closed(schema: NormalSchema) -> bool:
    return any(
        keyword in schema.subschemas and schema.subschemas[keyword].value is False
        for keyword in ("additionalProperties", "unevaluatedProperties")
    )


_NAMES = {
    "additionalProperties": "additional-members",
    "propertyNames": "member-names",
    "items": "items",
    "contains": "contains",
    "not": "exclusion",
    "if": "condition",
    "then": "consequence",
    "else": "alternative",
    "contentSchema": "content-schema",
    "unevaluatedProperties": "unevaluated-members",
    "unevaluatedItems": "unevaluated-items",
}


# The type that a keyword with a subschema is about.
ABOUT = {**dict.fromkeys(("items", "contains", "unevaluatedItems"), "array"),
          **dict.fromkeys(("additionalProperties", "propertyNames", "unevaluatedProperties"), "object")}  # fmt: skip


def _subschema(key: str) -> None:
    name = _NAMES[key]

    def applies(pair: SchemaPair) -> bool:
        """Where only one side has the type that a keyword is about, the change of type says it all."""
        kind = ABOUT.get(key)
        return kind is None or (kind in pair.old.types) == (kind in pair.new.types)

    # One element at least, none at all, or what follows always follows: of these even a schema that takes everything says something.
    idle: tuple[Any, ...] = () if key in ("contains", "not", "if") else (True, {})

    def added(pair: SchemaPair) -> Iterator[Change]:
        if applies(pair) and key in pair.new.subschemas and key not in pair.old.subschemas and pair.new.subschemas[key].value not in idle:
            yield Change(None, pair.new.subschemas[key].value, pair.new.subschemas[key].pointer)

    def removed(pair: SchemaPair) -> Iterator[Change]:
        if applies(pair) and key in pair.old.subschemas and key not in pair.new.subschemas and pair.old.subschemas[key].value not in idle:
            yield Change(pair.old.subschemas[key].value, None, pair.old.subschemas[key].pointer)

    rule(f"{name}-constrained", "schema", Effect.NARROWS, sentence=f"A schema was added to `{key}`.")(added)
    rule(f"{name}-unconstrained", "schema", Effect.WIDENS, sentence=f"The schema of `{key}` was removed.")(removed)


for _key in (*SINGLE, *SINGLE_UNEVALUATED):
    _subschema(_key)


def _names(pair: SchemaPair, key: str) -> tuple[dict[str, Node], dict[str, Node]]:
    return pair.old.named_subschemas.get(key, {}), pair.new.named_subschemas.get(key, {})


@rule("pattern-members-added", "schema", Effect.NARROWS)
def pattern_members_added(pair: SchemaPair) -> Iterator[Change]:
    """An entry of `patternProperties` was added."""
    old, new = _names(pair, "patternProperties")
    for name, place in new.items():
        if name not in old and place.value not in (True, {}):
            yield Change(None, name, place.pointer)


@rule("pattern-members-removed", "schema", Effect.WIDENS)
def pattern_members_removed(pair: SchemaPair) -> Iterator[Change]:
    """An entry of `patternProperties` was removed."""
    old, new = _names(pair, "patternProperties")
    for name, place in old.items():
        if name not in new and place.value not in (True, {}):
            yield Change(name, None, place.pointer)


@rule("dependent-schema-added", "schema", Effect.NARROWS)
def dependent_schema_added(pair: SchemaPair) -> Iterator[Change]:
    """An entry of `dependentSchemas` was added."""
    old, new = _names(pair, "dependentSchemas")
    for name, place in new.items():
        if name not in old:
            yield Change(None, name, place.pointer)


@rule("dependent-schema-removed", "schema", Effect.WIDENS)
def dependent_schema_removed(pair: SchemaPair) -> Iterator[Change]:
    """An entry of `dependentSchemas` was removed."""
    old, new = _names(pair, "dependentSchemas")
    for name, place in old.items():
        if name not in new:
            yield Change(name, None, place.pointer)


def _pairs(raw: Any) -> set[tuple[str, str]]:
    return {(name, str(required)) for name, needed in raw.items() for required in needed} if is_mapping(raw) else set()


@rule("dependent-required-added", "schema", Effect.NARROWS)
def dependent_required_added(pair: SchemaPair) -> Iterator[Change]:
    """A property became required where another is present."""
    old, new = pair.old.keywords.get("dependentRequired"), pair.new.keywords.get("dependentRequired")
    if _pairs(new) - _pairs(old):
        yield Change(old, new, pair.where("dependentRequired"))


@rule("dependent-required-removed", "schema", Effect.WIDENS)
def dependent_required_removed(pair: SchemaPair) -> Iterator[Change]:
    """A property is no longer required where another is present."""
    old, new = pair.old.keywords.get("dependentRequired"), pair.new.keywords.get("dependentRequired")
    if _pairs(old) - _pairs(new):
        yield Change(old, new, pair.where("dependentRequired"))


@rule("prefix-items-added", "schema", Effect.NARROWS)
def prefix_items_added(pair: SchemaPair) -> Iterator[Change]:
    """A schema was added to `prefixItems`."""
    for place in pair.new.prefix_items[len(pair.old.prefix_items) :]:
        yield Change(None, place.value, place.pointer)


@rule("prefix-items-removed", "schema", Effect.WIDENS)
def prefix_items_removed(pair: SchemaPair) -> Iterator[Change]:
    """A schema was removed from `prefixItems`."""
    for place in pair.old.prefix_items[len(pair.new.prefix_items) :]:
        yield Change(place.value, None, place.pointer)


def _flag(key: str, name: str, policy: str) -> None:
    words = name.replace("-", " ")

    def became(pair: SchemaPair) -> Iterator[Change]:
        yield from pair.added(key)

    def ceased(pair: SchemaPair) -> Iterator[Change]:
        yield from pair.removed(key)

    rule(f"member-became-{name}", "schema", Effect.NARROWS, policy=policy, sentence=f"A property became {words}.")(became)
    rule(f"member-no-longer-{name}", "schema", Effect.ADDS, sentence=f"A property is no longer {words}.")(ceased)


_flag("readOnly", "read-only", "read-only")
_flag("writeOnly", "write-only", "write-only")


def _teller(raw: Any) -> Any:
    return raw.get("propertyName") if is_mapping(raw) else None


@rule("discriminator-member-changed", "schema", Effect.REPLACES)
def discriminator_member_changed(pair: SchemaPair) -> Iterator[Change]:
    """The property that the discriminator names changed."""
    yield from pair.changed("discriminator", when=lambda old, new: _teller(old) != _teller(new))


@rule("discriminator-changed", "schema", Effect.REPLACES, policy="discriminator")
def discriminator_changed(pair: SchemaPair) -> Iterator[Change]:
    """A discriminator was added or removed, or its mapping changed."""
    old, new = pair.old.keywords.get("discriminator"), pair.new.keywords.get("discriminator")
    if old != new and (old is None or new is None or _teller(old) == _teller(new)):
        yield Change(old, new, pair.where("discriminator"))


def _extensible(pair: SchemaPair) -> tuple[list[Any], list[Any]]:
    found = [side.annotations.get("x-extensible-enum") for side in (pair.old, pair.new)]
    old, new = (value if is_list(value) else [] for value in found)
    return old, new


@rule("extensible-enum-value-removed", "schema", Effect.NARROWS)
def extensible_enum_value_removed(pair: SchemaPair) -> Iterator[Change]:
    """A value was removed from `x-extensible-enum`."""
    old, new = _extensible(pair)
    if new and [value for value in old if value not in new]:
        yield Change(old, new, pair.where("x-extensible-enum"))


@rule("parameter-default-changed", "schema", Effect.REPLACES, policy="parameter-default")
def parameter_default_changed(pair: SchemaPair) -> Iterator[Change]:
    """The default value of a parameter changed."""
    if pair.parameter:
        yield from pair.note("default")


@rule("default-changed", "schema", Effect.REPLACES, policy="member-default")
def default_changed(pair: SchemaPair) -> Iterator[Change]:
    """The default value of a property changed."""
    if not pair.parameter:
        yield from pair.note("default")


@rule("schema-deprecated", "schema", Effect.ADDS, policy="deprecation")
def schema_deprecated(pair: SchemaPair) -> Iterator[Change]:
    """The deprecated flag of a schema changed."""
    yield from pair.note("deprecated")


@rule("description-changed", "schema", Effect.ANNOTATES)
def description_changed(pair: SchemaPair) -> Iterator[Change]:
    """A title, a description, an example or another note of a schema changed."""
    for key in sorted({*pair.old.annotations, *pair.new.annotations} - {"default", "deprecated", "xml"}):
        yield from pair.note(key)


_READ_BY_A_RULE = frozenset(
    (*UPPER, *LOWER, "integers", "multipleOf", "uniqueItems", "enum", "pattern", "format", "contentEncoding", "contentMediaType")
) | {"dependentRequired", "readOnly", "writeOnly", "discriminator"}


@rule("unread-keyword-changed", "schema", Effect.UNKNOWN)
def unread_keyword_changed(pair: SchemaPair) -> Iterator[Change]:
    """A keyword that no rule reads changed, so its impact cannot be decided."""
    for key in sorted({*pair.old.keywords, *pair.new.keywords} - _READ_BY_A_RULE):
        if pair.old.keywords.get(key) != pair.new.keywords.get(key):
            yield Change(pair.old.keywords.get(key), pair.new.keywords.get(key), pair.where(key))


@rule("xml-changed", "schema", Effect.REPLACES)
def xml_changed(pair: SchemaPair) -> Iterator[Change]:
    """The XML representation of a value changed."""
    yield from pair.note("xml")
