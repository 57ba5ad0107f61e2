"""Rules of structure: references that lead somewhere, and the shape that the standards ask of a document."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import every_schema, roots
from assay_contracts.lint.subject import Subject
from assay_contracts.reference_cycles import endless
from assay_contracts.references import Library, dangling
from assay_contracts.version_text import is_number

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_SCHEMAS = Path(__file__).parent.parent / "schemas"
# By the kind of a document and the first two parts of the version that it says it is.
_OFFICIAL = {
    ("openapi", "3.1"): "openapi-3.1.json",
    ("openapi", "3.2"): "openapi-3.2.json",
    ("asyncapi", "3.0"): "asyncapi-3.0.0.json",
    ("asyncapi", "3.1"): "asyncapi-3.1.0.json",
}
_MOST_REPORTED = 20


@rule("dangling-reference")
def dangling_reference(subject: Subject) -> Iterator[Problem]:
    """Every `$ref` has a target, in the document and in every file that it refers to."""
    library = Library({subject.document.path.resolve(): subject.document})
    for _, reference, error in dangling(subject.document, library, subject.vocabulary.annotations):
        yield Problem(reference.pointer, str(error))


@rule("document-breaks-the-official-schema")
def document_breaks_the_official_schema(subject: Subject) -> Iterator[Problem]:
    """The document is valid against the JSON Schema that its standard publishes."""
    written = subject.document.data.get("info")
    if is_mapping(written) and is_number(written.get("version")):
        yield Problem("/info/version", "the version is a number; quote it, because the standard asks for a string")
    version = str(subject.data[subject.kind]).rpartition(".")[0]
    validator = _validator(subject.kind, version)
    for number, error in enumerate(validator.iter_errors(subject.data) if validator is not None else ()):
        if number == _MOST_REPORTED:
            return
        at, message = _nearest(error)
        yield Problem(pointers.join(*at), message)


@rule("schema-is-no-json-schema")
def schema_is_no_json_schema(subject: Subject) -> Iterator[Problem]:
    """Every schema is itself valid JSON Schema 2020-12, with regular expressions that compile."""
    import jsonschema_rs

    meta: Any = jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"}, validate_formats=True)
    broken: set[str] = set()
    for pointer, schema in roots(subject):
        for error in meta.iter_errors(schema):
            broken.add(pointer)
            yield Problem(pointer + pointers.join(*error.instance_path), error.message)
    for pointer, schema in every_schema(subject):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and not any(pointer.startswith(prefix) for prefix in broken):
            try:
                jsonschema_rs.Draft202012Validator({"pattern": pattern})
            except (jsonschema_rs.ValidationError, ValueError) as error:
                yield Problem(f"{pointer}/pattern", f"the pattern does not compile: {str(error).splitlines()[0]}")


@rule("schema-without-end", protects="validators, which never end")
def schema_without_end(subject: Subject) -> Iterator[Problem]:
    """No schema refers to itself without a step into the value."""
    for pointer in endless(subject.data):
        yield Problem(pointer, "this reference leads back to its own schema without an end")


@rule("duplicate-operation-id")
def duplicate_operation_id(subject: Subject) -> Iterator[Problem]:
    """No two operations have the same id."""
    places: dict[str, list[str]] = defaultdict(list)
    for operation in subject.operations():
        places[operation.id].append(f"{operation.pointer}/operationId")
    for id, pointer in ((id, pointer) for id, found in places.items() for pointer in found[1:]):
        yield Problem(pointer, f"the operation id {id} is taken by {places[id][0]}")


@rule("message-that-nobody-sends", profile="house")
def message_that_nobody_sends(subject: Subject) -> Iterator[Problem]:
    """Every message of a channel is sent or received by an operation."""
    for channel in subject.contract.channels if subject.kind == "asyncapi" else ():
        for name in channel.messages.keys() - {*channel.sent, *channel.received}:
            where = pointers.join("channels", channel.id, "messages", name)
            yield Problem(where, f"no operation sends or receives the message {name}")


def official_schema(kind: str, version: str) -> dict[str, Any] | None:
    """The JSON Schema that the standard publishes for a version such as `3.1`; None for a version that lint has none of."""
    name = _OFFICIAL.get((kind, version))
    schema: dict[str, Any] | None = None if name is None else json.loads((_SCHEMAS / name).read_bytes())
    return schema


@lru_cache(maxsize=4)
def _validator(kind: str, version: str) -> Any:
    import jsonschema_rs

    schema = official_schema(kind, version)
    return None if schema is None else jsonschema_rs.validator_for(schema)


def _nearest(error: ValidationError) -> tuple[list[str | int], str]:
    """Of an error about alternatives, the one that got furthest: it is what the author meant to write."""
    from jsonschema_rs import ValidationErrorKind as Kind

    while True:
        kind = error.kind
        branches: list[list[ValidationError]] = []
        if isinstance(kind, Kind.AnyOf | Kind.OneOfNotValid | Kind.OneOfMultipleValid):
            branches = [branch for branch in kind.context if branch]
        meant = [branch for branch in branches if not any("$ref" in deviation.message for deviation in branch)] or branches
        if not meant:
            return error.instance_path, error.message
        error = max((deviation for branch in meant for deviation in branch), key=_depth)


def _depth(error: ValidationError) -> int:
    return len(error.instance_path)
