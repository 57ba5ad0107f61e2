"""Rules of examples: every schema shows one, and none contradicts its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import alternatives, every_schema
from assay_contracts.lint.subject import Subject
from assay_contracts.self_contained import Embedding

# Where one of these stands, a schema says itself what other members there may be.
_FREE = ("additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames")


@rule("example-breaks-its-schema")
def example_breaks_its_schema(subject: Subject) -> Iterator[Problem]:
    """Every example is valid against its schema."""
    yield from _refused(subject, every_example(subject), "the example")


@rule("default-breaks-its-schema")
def default_breaks_its_schema(subject: Subject) -> Iterator[Problem]:
    """Every default is valid against its schema."""
    defaults = ((f"{pointer}/default", schema["default"], schema) for pointer, schema in every_schema(subject) if "default" in schema)
    yield from _refused(subject, defaults, "the default")


@rule("schema-without-example", profile="house", level="warning", protects="mock servers and documentation, which show the example")
def schema_without_example(subject: Subject) -> Iterator[Problem]:
    """Every component schema has at least one example."""
    components = subject.data.get("components")
    schemas = components.get("schemas") if is_mapping(components) else None
    for name, schema in schemas.items() if is_mapping(schemas) else ():
        has_example = is_mapping(schema) and (schema.get("examples") or "example" in schema or "const" in schema)
        if not has_example and not (is_mapping(schema) and "$ref" in schema):
            yield Problem(pointers.join("components", "schemas", name), f"the schema {name} has no example")


@rule(
    "example-with-an-unknown-member",
    level="warning",
    protects="readers, and mock servers, which return the example",
)
def example_with_an_unknown_member(subject: Subject) -> Iterator[Problem]:
    """An example has only properties that its schema names, unless the schema describes others."""
    for pointer, value, schema in every_example(subject):
        yield from _unknown(subject, pointer, value, [schema])


def _unknown(subject: Subject, pointer: str, value: Any, schemas: list[Any]) -> Iterator[Problem]:
    branches = [branch for schema in schemas for branch in alternatives(subject.data, schema)]
    if is_list(value):
        items = [branch[key] for branch in branches for key in ("items", "contains") if is_mapping(branch.get(key))]
        for index, item in enumerate(value) if items else ():
            yield from _unknown(subject, f"{pointer}/{index}", item, items)
    elif is_mapping(value):
        named: dict[str, list[Any]] = {}
        for branch in branches:
            for name, below in branch["properties"].items() if is_mapping(branch.get("properties")) else ():
                named.setdefault(name, []).append(below)
        free = any(key in branch for branch in branches for key in _FREE)
        for name, item in value.items() if named else ():
            at = pointer + pointers.join(name)
            if name in named:
                yield from _unknown(subject, at, item, named[name])
            elif not free:
                yield Problem(
                    at, f"the example has a property {name!r}, which its schema does not have: is a quote missing, or is it misspelled?"
                )


def _refused(subject: Subject, values: Iterator[tuple[str, Any, Any]], what: str) -> Iterator[Problem]:
    import jsonschema_rs

    embedding = Embedding(subject.data)
    embedded: Any = None
    validator: jsonschema_rs.Draft202012Validator | None = None
    for pointer, value, schema in values:
        # The examples of one schema follow each other.
        if schema is not embedded:
            embedded = schema
            try:
                validator = embedding.embed(schema, pointer).validator
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
                validator = None  # the schema itself is wrong, which another rule says
        for error in validator.iter_errors(value) if validator is not None else ():
            at = pointers.join(*error.instance_path)
            yield Problem(pointer + at, f"{what} breaks its schema: {_short(error.message)}")


def every_example(subject: Subject) -> Iterator[tuple[str, Any, Any]]:
    """Every example of a document: its pointer, itself, and the schema that it shows."""
    for pointer, schema in every_schema(subject):
        listed = schema.get("examples")
        for index, value in enumerate(listed if is_list(listed) else []):
            yield f"{pointer}/examples/{index}", value, schema
        if "example" in schema:
            yield f"{pointer}/example", schema["example"], schema
    yield from _beside_schemas(subject, subject.data, "")
    if subject.kind == "asyncapi":
        yield from _message_examples(subject)


def _beside_schemas(subject: Subject, value: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    """Examples of parameters, headers and media types, which stand beside the schema they show."""
    if is_list(value):
        for index, item in enumerate(value):
            yield from _beside_schemas(subject, item, f"{pointer}/{index}")
        return
    if not is_mapping(value):
        return
    schema = value.get("schema")
    if is_mapping(schema) and subject.kind == "openapi":
        if "example" in value:
            yield f"{pointer}/example", value["example"], schema
        named = value.get("examples")
        for name, raw in named.items() if is_mapping(named) else ():
            example = subject.resolve(raw)
            if is_mapping(example) and "value" in example:
                yield pointer + pointers.join("examples", name, "value"), example["value"], schema
    for key, item in value.items():
        if key not in ("schema", "schemas", "example", "examples") and not key.startswith("x-"):
            yield from _beside_schemas(subject, item, pointer + pointers.join(key))


def _message_examples(subject: Subject) -> Iterator[tuple[str, Any, Any]]:
    components = subject.data.get("components")
    shared = components.get("messages") if is_mapping(components) else None
    places = [(pointers.join("components", "messages"), shared)]
    places += [(f"{pointer}/messages", data.get("messages")) for _, pointer, data in subject.channels()]
    for place, messages in places:
        for name, message in messages.items() if is_mapping(messages) else ():
            listed = message.get("examples") if is_mapping(message) else None
            for index, example in enumerate(listed if is_list(listed) else []):
                if not is_mapping(example):
                    continue
                for part in ("payload", "headers"):
                    schema = message.get(part)
                    if is_mapping(schema) and "schemaFormat" in schema:
                        schema = schema.get("schema")
                    if part in example and is_mapping(schema):
                        yield place + pointers.join(name, "examples", index, part), example[part], schema


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:90]} ... {message[-90:]}"
