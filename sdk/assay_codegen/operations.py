"""Operations in the words of the code: arguments, response, pages, cache, errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assay_contracts import Contract, Operation, Parameter
from assay_contracts.json_types import is_list
from assay_contracts.media_types import is_json

from assay_codegen.annotations import annotate
from assay_codegen.errors import NotGeneratable
from assay_codegen.media import encodings, file_properties, is_form, is_text, preferred, unwritten
from assay_codegen.naming import RUNTIME_METHODS, Allocator, attribute, pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.shaping import DEFINITIONS
from assay_codegen.structure import read_only_places
from assay_codegen.views import Argument, BodyView, OperationView, PageView, ReplyView

# The caller of the runtime sends these itself.
_OWN_HEADERS = {"accept", "authorization", "content-type", "if-none-match", "traceparent"}
_RESERVED = {"self", "correlation_id"}
_JSON = "application/json"
_LOCATIONS = {"query", "path", "header", "cookie"}
_STYLES = {"form", "simple", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"}


class Methods(Allocator):
    """The names of a client's methods, beside those that every client has."""

    def method(self, operation_id: str) -> str:
        """The method of an operation: its id in the case of Python, with an underscore behind a word of the runtime's own."""
        name = snake(operation_id)
        name = name if pascal(operation_id) else "operation"
        return self.take(f"{name}_" if name in RUNTIME_METHODS else name, "_")


def view_operation(
    contract: Contract, operation: Operation, pool: Pool, errors: Mapping[str, str], methods: Methods
) -> tuple[OperationView, tuple[str, ...]]:
    """One operation, and notes on what of it could not be taken over."""
    readings = _readings(operation, pool)
    types = tuple(dict.fromkeys(part for reading in readings.values() for part in reading.type.split(" | ")))
    answer = " | ".join(sorted(types, key=lambda name: name == "None"))
    answer = "Any" if "Any" in types else answer
    models = tuple(name for name in types if name in pool.schemas)
    notes: list[str] = []
    names = Allocator(_RESERVED)
    arguments = tuple(_arguments(contract, operation, pool, names))
    body = _body(operation, pool, names)
    if body is not None and operation.request_body is not None and (others := unwritten(operation.request_body.content)):
        notes.append(f"body of {operation.id} as {', '.join(others)}: a method writes one media type, and this one writes {body.media}")
    pages = None
    try:
        pages = _pages(operation, pool, answer, arguments)
    except NotGeneratable as error:
        notes.append(f"pages of {operation.id}: {error}")
    version_pointer = version_of(contract).get("at")
    versioned = version_pointer and models and models == types and all(pool.has(name, version_pointer) for name in models)
    cache: Mapping[str, Any] = operation.annotations.get("x-cache") or {}
    idempotency: Mapping[str, Any] = operation.annotations.get("x-idempotency") or {}
    method = methods.method(operation.id)
    view = OperationView(
        id=operation.id,
        constant=method.strip("_").upper() or "OPERATION",
        name=method,
        method=operation.method,
        path=operation.path,
        summary=operation.summary or f"{operation.method} {operation.path}",
        arguments=arguments,
        answer=answer,
        replies=tuple(ReplyView(status, reading.type, reading.decode) for status, reading in readings.items()),
        models=models,
        accept=next((reading.media for reading in readings.values() if reading.media), _JSON),
        body=body,
        idempotency=idempotency.get("header"),
        version=attribute("answer", str(version_pointer)) if versioned else None,
        revalidates=bool(cache.get("etag")),
        pages=pages,
        errors=tuple(errors[code] for code in operation.error_codes if code in errors),
        failures=tuple(_failures(operation, pool)) if contract.taxonomy is None else (),
        security=operation.security,
        tags=operation.tags,
        deprecated=operation.deprecated,
    )
    return view, tuple(notes)


def version_of(contract: Contract) -> Mapping[str, Any]:
    """How the contract's payloads and requests state a schema version; empty when they do not."""
    taxonomy: Mapping[str, Any] = contract.openapi.get("x-error-taxonomy", {})
    found: Mapping[str, Any] = taxonomy.get("schemaVersion", {})
    return found


def argument_of(parameter: Parameter, pool: Pool, owner: str, names: Allocator | None = None) -> Argument:
    """The keyword for a parameter."""
    if parameter.location not in _LOCATIONS or (parameter.style or "form") not in _STYLES:
        raise NotGeneratable(
            f"parameter {parameter.name!r}",
            expected="a style and a place of OpenAPI",
            actual=f"{parameter.style or 'form'} in {parameter.location}",
        )
    name = snake(parameter.name)
    name = f"{name}_" if name in _RESERVED else name
    if names is not None:
        name = names.take(name, "_")
    annotation = annotate(parameter.schema, pool, pascal(owner) + pascal(parameter.name), parameter.description)
    default: object = parameter.schema.get("default")
    return Argument(
        name=name,
        type=annotation.type,
        required=parameter.required or parameter.location == "path",
        description=parameter.description,
        default="" if default is None else json.dumps(default),
        wire=parameter.name,
        location=parameter.location,
        style=parameter.style or "form",
        explode=parameter.explode,
        shape=annotation.shape,
        media=parameter.media,
        allow_reserved=parameter.allow_reserved,
    )


def _arguments(contract: Contract, operation: Operation, pool: Pool, names: Allocator) -> Iterable[Argument]:
    own = set(_OWN_HEADERS)
    own.add(str(version_of(contract).get("header", "")).lower())
    if contract.taxonomy is not None:
        own.add(str(contract.taxonomy.correlation.get("header", "")).lower())
    idempotency: Mapping[str, Any] = operation.annotations.get("x-idempotency") or {}
    key: str = idempotency.get("header", "").lower()
    given = [_keyed(item, key) for item in operation.parameters if item.location != "header" or item.name.lower() not in own]
    for parameter in sorted(given, key=lambda parameter: not parameter.required):
        yield argument_of(parameter, pool, operation.id, names)


def _keyed(parameter: Parameter, key: str) -> Parameter:
    # The runtime draws a key for each call that is given none.
    return replace(parameter, required=False) if parameter.location == "header" and parameter.name.lower() == key else parameter


def _body(operation: Operation, pool: Pool, names: Allocator) -> BodyView | None:
    body = operation.request_body
    if body is None or not body.content:
        return None
    media = preferred(body.content)
    schema = body.content[media]
    name = names.take("body", "_")
    if is_form(media):
        files = file_properties(schema)
        type_ = "Mapping[str, Any]"
        if not files:
            model = _model(schema, pool, pascal(operation.id) + "Body")
            type_ = f"{model} | Mapping[str, Any]" if model in pool.schemas else type_
        shape = encodings(media, body.encodings.get(media, {}), schema)
        return BodyView(name, type_, body.required, media, body.description, shape, files)
    if is_json(media):
        type_ = _model(schema, pool, pascal(operation.id) + "Body")
        omit = read_only_places(pool.structure(), pool.schemas[type_]) if type_ in pool.schemas else ()
        return BodyView(name, _or_null(type_, pool) if body.required else type_, body.required, media, body.description, omit=omit)
    return BodyView(name, "str | bytes" if is_text(media) else "bytes", body.required, media, body.description)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the responses of one status are read as."""

    type: str
    decode: str
    media: str


def _readings(operation: Operation, pool: Pool) -> Mapping[str, _Reading]:
    """How the success responses are read, by status."""
    found = {status: response for status, response in sorted(operation.responses.items()) if status.startswith("2") or status == "default"}
    successes = {status: answer for status, answer in found.items() if status != "default"} or found
    name = pascal(operation.id) + "Answer"
    schemas = [schema for response in successes.values() for media, schema in response.content.items() if is_json(media)]
    shared = all(schema == schemas[0] for schema in schemas)
    readings: dict[str, _Reading] = {}
    for status, response in successes.items():
        media = preferred(response.content)
        if not media or operation.method == "HEAD":
            readings[status] = _Reading("None", "nothing", "")
        elif is_json(media):
            type_ = _model(response.content[media], pool, name if shared else name + pascal(status))
            readings[status] = _Reading(_or_null(type_, pool), _decode(type_, pool), media)
        elif is_text(media):
            readings[status] = _Reading("str", "text", media)
        else:
            readings[status] = _Reading("bytes", "bytes", media)
    return readings or {"200": _Reading("None", "nothing", "")}


def _failures(operation: Operation, pool: Pool) -> Iterable[ReplyView]:
    """How error bodies are read, by status, where the document gives them a schema."""
    for status, response in sorted(operation.responses.items()):
        if status.startswith(("1", "2", "3")) or (status == "default" and not any(key.startswith("2") for key in operation.responses)):
            continue
        media = next((media for media in response.content if is_json(media)), None)
        if media is None:
            continue
        type_ = _model(response.content[media], pool, pascal(operation.id) + "Error" + status)
        if type_ != "Any":
            yield ReplyView(status, _or_null(type_, pool), _decode(type_, pool))


def _model(schema: Mapping[str, Any], pool: Pool, name: str) -> str:
    """The model of a schema, and `Any` for one that says nothing."""
    if not {*schema} - {"$defs", "description", "title", "example", "examples"}:
        return "Any"
    return pool.take(schema, name)


def _or_null(type_: str, pool: Pool) -> str:
    """The type of a model, which is a class, and of null where its schema allows that."""
    schema = pool.schemas.get(type_, {})
    kinds = schema.get("type")
    return f"{type_} | None" if "properties" in schema and is_list(kinds) and "null" in kinds else type_


def _decode(type_: str, pool: Pool) -> str:
    if type_ == "Any":
        return "anything"
    resolved = pool.schemas[type_]
    type_ = _or_null(type_, pool)
    # Anything but a plain object, such as one that may be null, is an alias and no class.
    if (
        "properties" in resolved
        and resolved.get("type", "object") == "object"
        and not {"$ref", "anyOf", "oneOf", "allOf"} & resolved.keys()
    ):
        return f"{type_}.model_validate_json"
    return f"adapted(lambda: TypeAdapter[{type_}]({type_}, config=strictness({type_})))"


def _pages(operation: Operation, pool: Pool, answer: str, arguments: tuple[Argument, ...]) -> PageView | None:
    found: Mapping[str, Any] | None = operation.annotations.get("x-pagination")
    if found is None:
        return None
    if answer not in pool.schemas:
        raise NotGeneratable(operation.id, expected="pages with one JSON schema", actual=answer)
    how: Mapping[str, Any] = found[found["style"]]
    wire = str(how["parameter"])
    argument = next((argument for argument in arguments if argument.wire == wire), None)
    if argument is None:
        raise NotGeneratable(operation.id, expected=f"the parameter {wire!r} that x-pagination names", actual="none of that name")
    try:
        items = pool.name_items(answer, found["items"], pascal(operation.id) + "Item")
    except KeyError as error:
        raise NotGeneratable(operation.id, expected=f"the items of a page at {found['items']}", actual=f"no {error}") from None
    return PageView(
        argument=argument.name,
        items=attribute("answer", found["items"]),
        item=items.removeprefix(DEFINITIONS),
        next=attribute("answer", how["next"]) if found["style"] == "cursor" else None,
        total=attribute("answer", how["total"]) if "total" in how else None,
        more=attribute("answer", found["more"]) if found["style"] == "offset" and "more" in found else None,
        invalid=how.get("invalid"),
    )
