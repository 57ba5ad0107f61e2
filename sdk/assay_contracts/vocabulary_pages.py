"""The pages of the vocabulary: one for each annotation, written from its file, so that nothing is said twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.vocabulary import Annotation, Vocabulary
from assay_contracts.vocabulary_properties import EFFECTS, changes_of

INDEX = "README.md"
_MARK = "<!-- Written by `assay contracts vocabulary` from {}. -->"
_READERS = {"sdk": "The SDK", "server": "The reference server", "suite": "The suite"}
_WRITERS = {"client": "the client", "server": "the server", "nobody": ""}
_BOUNDS = ("pattern", "format", "minimum", "maximum", "minItems", "minLength", "default")


def write_pages(vocabulary: Vocabulary) -> dict[str, str]:
    """Every page by its file name; the same vocabulary always gives the same text."""
    annotations = sorted(vocabulary.annotations.values(), key=lambda annotation: (annotation.name.startswith("x-"), annotation.name))
    return {INDEX: _index(vocabulary, annotations)} | {f"{annotation.name}.md": _page(annotation) for annotation in annotations}


def _index(vocabulary: Vocabulary, annotations: list[Annotation]) -> str:
    lines = [
        _MARK.format("`openapi/vocabulary/` and `asyncapi/vocabulary/`"),
        "# The annotation vocabulary",
        "",
        f"Version {vocabulary.version or 'unknown'}. An annotation states in a contract what a schema cannot. An operation or a channel",
        "with an annotation promises its clauses. The SDK, the reference server and the suite read it there. Any contract can use it.",
        "",
        "The vocabulary has one version, in `openapi/vocabulary/version`. A new annotation, property or clause increases the minor",
        "version, a reworded description the patch version. The id of a clause never changes; what a released contract version promised",
        "stays in its requirement set.",
        "",
        "| annotation | used on | clauses | meaning |",
        "|---|---|---|---|",
    ]
    for annotation in annotations:
        places, clauses = ", ".join(annotation.on), len(annotation.clauses)
        lines.append(f"| [`{annotation.name}`]({annotation.name}.md) | {places} | {clauses} | {_cell(annotation.description)} |")
    return "\n".join(lines) + "\n"


def _page(annotation: Annotation) -> str:
    kind = annotation.path.parent.parent.name
    sections = [
        _MARK.format(f"`{kind}/vocabulary/{annotation.path.name}`") + f"\n# `{annotation.name}`\n\n{annotation.description.strip()}",
        standing(annotation),
        _clauses(annotation),
        _members(annotation),
        _changes(annotation),
        _example(annotation),
        _uses(annotation),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def standing(annotation: Annotation) -> str:
    """Where an annotation is used; for clauses that need none, what promises them."""
    if not annotation.name.startswith("x-"):
        secured = " that requires a credential" if annotation.name == "security" else ""
        return f"Every {' and every '.join(annotation.on)}{secured} promises these clauses without an annotation."
    return f"Used on: {', '.join(annotation.on)}."


def _clauses(annotation: Annotation) -> str:
    if not annotation.clauses:
        return "## Clauses\n\nNone."
    rows = [
        f"| {clause.id} | {clause.level} | {_cell(clause.sentence)} | {' or '.join(f'`{pointer}`' for pointer in clause.when)} |"
        for clause in annotation.clauses
    ]
    return "\n".join(("## Clauses", "", "| id | level | sentence | promised with |", "|---|---|---|---|", *rows))


def _members(annotation: Annotation) -> str:
    schema = annotation.schema
    if not schema:
        return ""
    rows = [
        f"| `{name}` | {_cell(_type(value, schema))} | {'yes' if required else ''} | {_cell(_meaning(value))} |"
        for name, value, required in _once(_below(schema, "", schema))
    ]
    lines = ["## Value", "", f"{_type(schema, schema).capitalize()}{_alternatives(schema)}."]
    if rows:
        lines += ["", "| property | type | required | meaning |", "|---|---|---|---|", *rows]
    return "\n".join(lines)


def _changes(annotation: Annotation) -> str:
    rows = [
        f"| {f'`{pointers.join(*change.path)}`' if change.path else 'the annotation'} | `{change.rule}` | {_cell(change.sentence)} "
        f"| {EFFECTS[change.effect]} | {_WRITERS[change.written_by]} |"
        for change in changes_of(annotation)
    ]
    if not rows:
        return ""
    head = ["## What a change means", "", "`assay explain RULE` says when a change breaks someone.", ""]
    return "\n".join((*head, "| property | rule | what changed | effect | written by |", "|---|---|---|---|---|", *rows))


def _alternatives(schema: Mapping[str, Any]) -> str:
    """The members of which an object has one or the other, and those that follow from the value of another."""
    found: list[str] = []
    for key, words in (("oneOf", "with exactly one of"), ("anyOf", "with at least one of")):
        branches = schema.get(key)
        named = (
            [branch["required"] for branch in branches if is_mapping(branch) and is_list(branch.get("required"))]
            if is_list(branches)
            else []
        )
        if named:
            found.append(f" {words} {', '.join(f'`{name}`' for names in named for name in names)}")
    then = schema.get("then")
    if is_mapping(then) and is_list(then.get("required")) and is_mapping(schema.get("if")):
        condition = " and ".join(f"`{name}` is `{_json(value.get('const'))}`" for name, value in schema["if"].get("properties", {}).items())
        found.append(f", with {' and '.join(f'`{name}`' for name in then['required'])} when {condition}")
    return "".join(found)


def _below(
    schema: Mapping[str, Any], path: str, root: Mapping[str, Any], followed: tuple[str, ...] = ("#",)
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every member within a schema, by the way to it: `a.b`, `a[]` for items, `a.*` for members of any name.

    `followed` are the references that led here, so that a schema in itself ends.
    """
    demanded = schema.get("required")
    for name, value in _named(schema, "properties"):
        here = f"{path}.{name}" if path else name
        yield here, value, is_list(demanded) and name in demanded
        yield from _behind(value, here, root, followed)
    for pattern, value in _named(schema, "patternProperties"):
        here = f"{path}.*" if path else "*"
        yield here, {"description": f"A name that matches `{pattern}`.", **value}, False
        yield from _behind(value, here, root, followed)
    more = schema.get("additionalProperties")
    if is_mapping(more):
        here = f"{path}.*" if path else "*"
        yield here, more, False
        yield from _behind(more, here, root, followed)
    for key in ("oneOf", "anyOf"):
        for branch in schema.get(key, ()):
            if is_mapping(branch) and (branch.get("type") == "object" or "$ref" in branch):
                yield from _behind(branch, path, root, followed)
    items = schema.get("items")
    if is_mapping(items) and _follow(items, root).get("properties"):
        yield from _behind(items, f"{path}[]", root, followed)


def _behind(
    schema: Mapping[str, Any], path: str, root: Mapping[str, Any], followed: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """What is within a schema behind its reference, but nothing of one that was followed before."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        yield from _below(schema, path, root, followed)
    elif reference not in followed:
        yield from _below(_follow(schema, root), path, root, (*followed, reference))


def _once(rows: Iterator[tuple[str, Mapping[str, Any], bool]]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """The rows without those of a shared definition that an earlier property has shown."""
    # The values are kept, because the identity of one that is gone can be that of another.
    owners: dict[int, tuple[str, Mapping[str, Any]]] = {}
    for name, value, required in rows:
        path, _, _ = name.rpartition(".")
        if owners.setdefault(id(value), (path, value))[0] == path:
            yield name, value, required


def _named(schema: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas that stand under names of an author's choice."""
    found = schema.get(key)
    for name, value in found.items() if is_mapping(found) else ():
        if is_mapping(value):
            yield name, value


def _follow(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    found = pointers.follow(root, reference) if isinstance(reference, str) else schema
    return found if is_mapping(found) else {}


def _type(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    """What a value may be, in words."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = (pointers.split(reference) or ("the same value",))[-1]
        return {"pointer": "JSON pointer", "code": "error code"}.get(name, name)
    if "const" in schema:
        return f"`{_json(schema['const'])}`"
    if is_list(schema.get("enum")):
        return " or ".join(f"`{_json(value)}`" for value in schema["enum"])
    for key in ("oneOf", "anyOf"):
        branches = schema.get(key)
        if is_list(branches) and "properties" not in schema and "type" not in schema:
            return " or ".join(_type(branch, root) for branch in branches if is_mapping(branch))
    kinds = schema.get("type", "any value")
    words = " or ".join(kinds) if is_list(kinds) else str(kinds)
    items = schema.get("items")
    return f"{words} of {_type(items, root)}" if words == "array" and is_mapping(items) else words


def _meaning(schema: Mapping[str, Any]) -> str:
    description = schema.get("description")
    facts = [f"{name} `{_json(schema[name])}`" for name in _BOUNDS if name in schema]
    words = " ".join(description.split()) if isinstance(description, str) else ""
    return " ".join(part for part in (words, f"({', '.join(facts)})" if facts else "") if part)


def _example(annotation: Annotation) -> str:
    if annotation.example is None:
        return ""
    written = yaml.safe_dump({annotation.name: annotation.example}, sort_keys=False, allow_unicode=True, width=120)
    return f"## Example\n\n```yaml\n{written}```"


def _uses(annotation: Annotation) -> str:
    rows = [f"- **{words}.** {annotation.uses[who]}" for who, words in _READERS.items() if who in annotation.uses]
    return "\n".join(("## What uses it", "", *rows)) if rows else ""


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: str) -> str:
    """A text as a cell of a table holds it."""
    return " ".join(value.split()).replace("|", "\\|")
