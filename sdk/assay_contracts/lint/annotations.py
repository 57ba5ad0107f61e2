"""Rules of annotations: each is spelled right, stands where it may, and names what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import OperationPlace, Subject
from assay_contracts.model import Message
from assay_contracts.parsing import NAME
from assay_contracts.vocabulary import OWN_CLAUSES

# The members of each annotation that name a parameter of the operation or the channel.
_PARAMETERS = {
    "x-cache": ("/varies/*",),
    "x-filter": ("/parameter",),
    "x-idempotency": ("/header",),
    "x-order": ("/parameter",),
    "x-pagination": ("/cursor/parameter", "/cursor/binds/*", "/offset/parameter", "/size/parameter"),
    "x-snapshot": ("/after",),
    "x-stream": ("/tenancy/parameter", "/schemaVersion/header"),
    "x-tenancy": ("/parameter",),
    "x-window": ("/from", "/to", "/series/parameter"),
}
# The members that name an error code.
_CODES = ("/invalid", "/forbidden", "/cursor/invalid", "/size/invalid", "/conflict", "/inProgress", "/code")
# Where the parts of a derived number stand: they can be those of another operation.
_SOURCES = tuple(f"/*{term}/{form}" for term in ("", "/ratio/of", "/ratio/to") for form in ("sum", "sum/*", "last", "mean", "mean/*"))
_OPERATIONS = {
    "x-derived": tuple(f"{source}/operation" for source in _SOURCES),
    "x-freshness": ("/ingest",),
    "x-job": ("/operations/*",),
    "x-percentile": ("/*/values/operation",),
    "x-progress": ("/operation",),
}
_STREAMS = ("x-stream", "x-progress")
_MESSAGES = ("/message", "/snapshot/message", "/delta/message", "/heartbeat/message", "/resume/message")
# Headers that a request carries without being parameters (OpenAPI describes them elsewhere).
_ALWAYS_THERE = {"authorization", "accept", "content-type", "accept-encoding", "accept-language", "origin"}

Placed = tuple[str, str, Any, str, OperationPlace | str]


@rule("unknown-annotation")
def unknown_annotation(subject: Subject) -> Iterator[Problem]:
    """No extension has a name close to that of an annotation. It would be ignored."""
    known = [*(name for name in subject.vocabulary.annotations if name.startswith("x-")), NAME, OWN_CLAUSES]
    for pointer, name, _, _, _ in placed(subject):
        near = get_close_matches(name, known, n=1, cutoff=0.8) if name not in known else []
        if near:
            yield Problem(pointer, f"{name} is no annotation and would be ignored: is {near[0]} meant?")


@rule("annotation-in-the-wrong-place")
def annotation_in_the_wrong_place(subject: Subject) -> Iterator[Problem]:
    """An annotation is used only where its vocabulary allows it."""
    for pointer, name, _, place, _ in placed(subject):
        annotation = subject.vocabulary.annotations.get(name)
        if annotation is not None and place not in annotation.on:
            yield Problem(pointer, f"{name} stands on a {place} and is allowed on: {', '.join(annotation.on)}")


@rule("annotation-breaks-its-schema")
def annotation_breaks_its_schema(subject: Subject) -> Iterator[Problem]:
    """The value of every annotation matches its schema in the vocabulary."""
    import jsonschema_rs

    for pointer, name, value, _, _ in placed(subject):
        annotation = subject.vocabulary.annotations.get(name)
        if annotation is not None:
            validator = jsonschema_rs.Draft202012Validator(dict(annotation.schema), validate_formats=True)
            for error in validator.iter_errors(value):
                yield Problem(pointer + pointers.join(*error.instance_path), f"{name}: {error.message}")


@rule("annotation-names-a-missing-parameter")
def annotation_names_a_missing_parameter(subject: Subject) -> Iterator[Problem]:
    """Every parameter that an annotation names is a parameter of its operation or channel."""
    for pointer, name, value, _, holder in placed(subject):
        known = {name.lower() for name in _parameter_names(subject, holder)}
        for pattern in _PARAMETERS.get(name, ()):
            for at, wanted in pointers.matches(value, pattern):
                if isinstance(wanted, str) and wanted.startswith("/"):
                    if not _in_request_body(subject, holder, wanted):
                        yield Problem(pointer + at, f"{name} points at {wanted}, which the request body does not have")
                elif isinstance(wanted, str) and wanted.lower() not in known | _ALWAYS_THERE:
                    yield Problem(pointer + at, f"{name} names the parameter {wanted}, which is not declared here")
        if name == "x-derived":
            yield from _parameters_of_sources(subject, pointer, value)


def _parameters_of_sources(subject: Subject, pointer: str, value: Any) -> Iterator[Problem]:
    operations = {operation.id: operation for operation in subject.operations()}
    for pattern in _SOURCES:
        for at, source in pointers.matches(value, pattern):
            other = operations.get(str(source.get("operation"))) if is_mapping(source) else None
            if not is_mapping(source) or other is None:
                continue
            known = list(_parameter_names(subject, other))
            named = source.get("with")
            for name in named if is_mapping(named) else ():
                if name not in known:
                    yield Problem(pointer + at + pointers.join("with", name), f"{other.id} has no parameter {name}")


@rule("annotation-names-a-missing-operation")
def annotation_names_a_missing_operation(subject: Subject) -> Iterator[Problem]:
    """Every operation, channel or message that an annotation names exists."""
    operations = {operation.id: operation for operation in subject.contract.operations}
    channels = {channel.id: channel for channel in subject.contract.channels}
    for pointer, name, value, _, holder in placed(subject):
        if name == "x-snapshot" and is_mapping(value) and subject.contract.asyncapi:
            wanted = value.get("channel")
            if isinstance(wanted, str) and wanted not in channels:
                yield Problem(f"{pointer}/channel", f"{name} names the channel {wanted}, which does not exist")
        for pattern in _OPERATIONS.get(name, ()):
            for at, wanted in pointers.matches(value, pattern) if operations else ():
                if isinstance(wanted, str) and wanted not in operations:
                    yield Problem(pointer + at, f"{name} names the operation {wanted}, which does not exist")
        if name not in _STREAMS or not is_mapping(value):
            continue
        messages: Mapping[str, Message] = channels[holder].messages if isinstance(holder, str) and holder in channels else {}
        for pattern in _MESSAGES:
            for at, wanted in pointers.matches(value, pattern):
                if isinstance(wanted, str) and wanted not in messages:
                    yield Problem(pointer + at, f"{name} names the message {wanted}, which the channel does not have")
        resync = value.get("resync")
        if is_mapping(resync) and operations:
            operation = operations.get(str(resync.get("operation")))
            if operation is None:
                yield Problem(f"{pointer}/resync/operation", f"{name} names the operation {resync.get('operation')}, which does not exist")
            elif resync.get("after") not in [parameter.name for parameter in operation.parameters]:
                yield Problem(f"{pointer}/resync/after", f"{operation.id} has no parameter {resync.get('after')}")


@rule("annotation-answers-an-undeclared-code")
def annotation_answers_an_undeclared_code(subject: Subject) -> Iterator[Problem]:
    """The operation declares every error code that its annotations name."""
    for pointer, name, value, _, holder in placed(subject):
        if not isinstance(holder, OperationPlace) or name not in subject.vocabulary.annotations:
            continue
        declared = holder.data.get("x-error-codes", holder.item.get("x-error-codes"))
        for pattern in _CODES:
            for at, code in pointers.matches(value, pattern):
                if code not in (declared if is_list(declared) else []):
                    yield Problem(pointer + at, f"{name} refuses with {code}, which {holder.id} does not declare")


def placed(subject: Subject) -> tuple[Placed, ...]:
    """Every extension of a document: its pointer, name, value, the kind of place, and the operation or channel."""
    if "placed" not in subject.derived:
        subject.derived["placed"] = tuple(_placed(subject))
    found: tuple[Placed, ...] = subject.derived["placed"]
    return found


def _placed(subject: Subject) -> Iterator[Placed]:
    for name, value in subject.data.items():
        if name.startswith("x-"):
            yield pointers.join(name), name, value, "document", "contract"
    for operation in subject.operations():
        above = operation.pointer.rpartition("/")[0]
        for place, source in ((operation.pointer, operation.data), (above, operation.item)):
            for name, value in source.items():
                if name.startswith("x-"):
                    yield place + pointers.join(name), name, value, "operation", operation
    for id, place, channel in subject.channels():
        for name, value in channel.items():
            if name.startswith("x-"):
                yield place + pointers.join(name), name, value, "channel", id
    for owner in subject.contract.channels if subject.kind == "asyncapi" else ():
        for action in owner.actions:
            for name, value in action.annotations.items():
                yield pointers.join("operations", action.id, name), name, value, "channel", owner.id


def _in_request_body(subject: Subject, holder: OperationPlace | str, wanted: str) -> bool:
    """Whether a pointer leads to something in each JSON request body of an operation."""
    body = subject.resolve(holder.data.get("requestBody")) if isinstance(holder, OperationPlace) else None
    content = body.get("content") if is_mapping(body) else None
    schemas = [media["schema"] for media in content.values() if is_mapping(media) and "schema" in media] if is_mapping(content) else []
    return bool(schemas) and all(reached(subject.data, schema, wanted) for schema in schemas)


def _parameter_names(subject: Subject, holder: OperationPlace | str) -> Iterator[str]:
    if isinstance(holder, str):
        for channel in subject.contract.channels:
            if channel.id == holder:
                yield from (parameter.name for parameter in channel.parameters)
        return
    for source in (holder.item, holder.data):
        listed = source.get("parameters")
        for raw in listed if is_list(listed) else []:
            parameter = subject.resolve(raw)
            if is_mapping(parameter):
                yield str(parameter.get("name"))
    yield from _api_key_headers(subject)


def _api_key_headers(subject: Subject) -> Iterator[str]:
    """The headers that carry API keys: security schemes describe them instead of parameters."""
    components = subject.data.get("components")
    schemes = components.get("securitySchemes") if is_mapping(components) else None
    for raw in schemes.values() if is_mapping(schemes) else ():
        scheme = subject.resolve(raw)
        if is_mapping(scheme) and scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            yield str(scheme.get("name"))
