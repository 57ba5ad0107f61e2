"""What a vocabulary file declares beside each property: what a change of it means, and what it points to.

Two keywords stand in the schema of a property. `changes` names the rules that a comparison of two documents reports:

    changes: {stem: cursor-refusal, noun: "The error code for an invalid cursor"}
    changes:
      written-by: client
      rules:
        cursor-bound: {when: element-added, effect: narrows, sentence: "A cursor ..."}

`stem` and `noun` give a property the rules of its kind: an annotation is promised or withdrawn; a required property changes; an
optional one changes, is dropped or is added; a section (an optional object) is dropped or added as a whole. `rules` lists others
by id, each with the change that it reports. A rule without `when` has a comparison of its own in the code that compares.

`points-to` says what the value leads to, so that lint can follow it: `success` (the success response of the operation),
`{items-of: /items}` (a property of the items at that pointer), `{messages: [/snapshot/message]}` (the messages that these
properties name), `{names: success}` (the names of the map are pointers), `{response: success, when: {role: [start]}}`,
`{response: success, of: operation}` (the response of the operation that the property beside it names, if it is there).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assay_contracts import pointers
from assay_contracts.errors import VocabularyBroken
from assay_contracts.json_types import is_list, is_mapping, mapping, optional_mapping, strings, text
from assay_contracts.vocabulary import Annotation

ANY = "*"
WHENS = (
    "added", "removed", "changed", "replaced", "increased", "decreased", "set", "unset", "earlier", "later",
    "element-added", "element-removed", "element-changed",
)  # fmt: skip
EFFECTS = {
    "narrows": "fewer values",
    "widens": "more values",
    "replaces": "other values",
    "breaks": "a promise was removed",
    "adds": "a promise was added",
    "annotates": "none on the wire",
    "unknown": "only a person can decide",
}
"""What a change does, and how a page says it."""
WRITERS = ("client", "server", "nobody")
_KEYS = {"written-by", "stem", "noun", "rules", "effects"}
_RULE_KEYS = {"when", "effect", "policy", "sentence", "written-by"}


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One rule that a vocabulary file declares for a property.

    `path` leads to the property from the value of the annotation; `*` stands for each entry of a map or item of a list.
    `when` is one of `WHENS`, or None where the comparison is code. `effect` is a key of `EFFECTS`, `written_by` one of `WRITERS`.
    """

    annotation: str
    path: tuple[str, ...]
    rule: str
    when: str | None
    effect: str
    sentence: str
    written_by: str = "server"
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class PointsTo:
    """What the value of a property leads to.

    `pattern` leads to the value, as a JSON pointer with `*` for each entry. Without `messages` it leads into the success response
    of the operation; with them, into the messages that these properties of the annotation name. `items_of` is the property that
    points to the list whose items have it. With `names` it is the names of the map that point. `when` limits it to annotations
    whose property has one of the values. `of` is the property beside the value that can name another operation, whose response is meant.
    """

    pattern: str
    messages: tuple[str, ...] = ()
    items_of: str | None = None
    names: bool = False
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    of: str | None = None

    def applies(self, value: Any) -> bool:
        """Whether the annotation has the values that `when` asks for."""
        return all(is_mapping(value) and value.get(name) in allowed for name, allowed in self.when)


@dataclass(frozen=True, slots=True)
class _Property:
    path: tuple[str, ...]
    schema: Mapping[str, Any]
    required: bool


@lru_cache(maxsize=256)
def changes_of(annotation: Annotation) -> tuple[PropertyChange, ...]:
    """The compatibility rules that the file of an annotation declares, in the order of the file.

    Raises `VocabularyBroken` for an unknown keyword, change, effect or writer.

    >>> from assay_contracts import changes_of, find_documents, read_vocabulary
    >>> changes_of(read_vocabulary(find_documents()).annotations["x-cache"])[2].rule
    'store-rule-changed'
    """
    return tuple(change for declared in _properties(annotation) for change in _changes(annotation, declared))


@lru_cache(maxsize=256)
def points_to_of(annotation: Annotation) -> tuple[PointsTo, ...]:
    """What the values of an annotation point to, such as a property of the success response.

    Raises `VocabularyBroken` for an unknown form of `points-to`.
    """
    return tuple(found for declared in _properties(annotation) for found in _points_to(annotation, declared))


def _properties(annotation: Annotation) -> Iterator[_Property]:
    yield from _below(_Property((), annotation.schema, required=True), annotation.schema, ())


def _below(of: _Property, root: Mapping[str, Any], followed: tuple[str, ...]) -> Iterator[_Property]:
    """A property and those within it; `followed` are the references that led here, so that a schema in itself ends."""
    yield of
    schema, path = of.schema, of.path
    demanded = schema.get("required")
    for name, value in _schemas(schema.get("properties")):
        inner = _Property((*path, name), value, required=is_list(demanded) and name in demanded)
        yield from _below(inner, root, followed)
    for _, value in _schemas(schema.get("patternProperties")):
        yield from _below(_Property((*path, ANY), value, required=True), root, followed)
    for key in ("additionalProperties", "items"):
        if is_mapping(schema.get(key)):
            yield from _below(_Property((*path, ANY), schema[key], required=True), root, followed)
    for branch in _same_value(schema):
        yield from _below(_Property(path, branch, of.required), root, followed)
    reference = schema.get("$ref")
    target = pointers.follow(root, reference) if isinstance(reference, str) and reference not in followed else None
    if is_mapping(target):
        yield from _below(_Property(path, target, of.required), root, (*followed, str(reference)))


def _same_value(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas within a schema that describe the same value."""
    for key in ("allOf", "oneOf", "anyOf"):
        branches = schema.get(key)
        yield from (branch for branch in (branches if is_list(branches) else ()) if is_mapping(branch))
    yield from (schema[key] for key in ("then", "else") if is_mapping(schema.get(key)))


def _schemas(named: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in named.items() if is_mapping(named) else ():
        if is_mapping(value):
            yield name, value


def _changes(annotation: Annotation, of: _Property) -> Iterator[PropertyChange]:
    if "changes" not in of.schema:
        return
    where = f"{annotation.path}: changes of {annotation.name}{pointers.join(*of.path)}"
    declared = mapping(of.schema["changes"], where)
    _only(declared, _KEYS, where)
    written_by = _one_of(declared.get("written-by", "server"), WRITERS, f"{where}: written-by")
    if "stem" in declared:
        stem, noun = text(declared["stem"], f"{where}: stem"), text(declared.get("noun"), f"{where}: noun")
        effects = optional_mapping(declared.get("effects"), f"{where}: effects")
        for end, when, effect, sentence in _kind_of(of):
            effect = _one_of(effects.get(when, effect), EFFECTS, f"{where}: effects")
            yield PropertyChange(annotation.name, of.path, f"{stem}-{end}", when, effect, sentence.format(noun), written_by)
    for rule, raw in optional_mapping(declared.get("rules"), f"{where}: rules").items():
        row = mapping(raw, f"{where}: {rule}")
        _only(row, _RULE_KEYS, f"{where}: {rule}")
        policy = row.get("policy")
        yield PropertyChange(
            annotation.name,
            of.path,
            rule,
            None if "when" not in row else _one_of(row["when"], WHENS, f"{where}: {rule}: when"),
            _one_of(row.get("effect"), EFFECTS, f"{where}: {rule}: effect"),
            text(row.get("sentence"), f"{where}: {rule}: sentence"),
            _one_of(row.get("written-by", written_by), WRITERS, f"{where}: {rule}: written-by"),
            None if policy is None else text(policy, f"{where}: {rule}: policy"),
        )


def _kind_of(of: _Property) -> tuple[tuple[str, str, str, str], ...]:
    """The rules that a stem stands for: the end of the id, the change, its effect and its sentence."""
    if not of.path:
        return (
            ("withdrawn", "removed", "breaks", "{} is no longer promised."),
            ("promised", "added", "adds", "{} is now promised."),
        )
    if of.required:
        return (("changed", "changed", "replaces", "{} changed."),)
    section = of.schema.get("type") == "object"
    return (
        *(() if section else (("changed", "replaced", "replaces", "{} changed."),)),
        ("dropped", "removed", "breaks", "{} was removed."),
        ("added", "added", "adds", "{} was added."),
    )


def _points_to(annotation: Annotation, of: _Property) -> Iterator[PointsTo]:
    raw = of.schema.get("points-to")
    pattern = pointers.join(*of.path)
    where = f"{annotation.path}: points-to of {annotation.name}{pattern}"
    for entry in raw if is_list(raw) else () if raw is None else (raw,):
        if entry == "success":
            yield PointsTo(pattern)
            continue
        declared = mapping(entry, where)
        _only(declared, {"messages", "items-of", "names", "response", "when", "of"}, where)
        yield PointsTo(
            pattern,
            messages=strings(declared.get("messages"), f"{where}: messages"),
            items_of=None if "items-of" not in declared else text(declared["items-of"], f"{where}: items-of"),
            names="names" in declared,
            of=None if "of" not in declared else text(declared["of"], f"{where}: of"),
            when=tuple((name, strings(values, f"{where}: when")) for name, values in optional_mapping(declared.get("when"), where).items()),
        )


def _only(declared: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(declared.keys() - known)
    if unknown:
        raise VocabularyBroken(where, expected=f"only {', '.join(sorted(known))}", actual=", ".join(unknown))


def _one_of(value: Any, known: Collection[str], where: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise VocabularyBroken(where, expected=f"one of {', '.join(known)}", actual=repr(value))
    return value
