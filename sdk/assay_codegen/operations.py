"""Operations in the words of the code: arguments, answer, pages, cache, errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assay_contracts import Contract, Operation, Parameter

from assay_codegen.annotations import annotate
from assay_codegen.errors import NotGeneratable
from assay_codegen.naming import attribute, constant, pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.shaping import DEFINITIONS
from assay_codegen.views import Argument, BodyView, OperationView, PageView

# The caller of the runtime sends these itself.
_OWN_HEADERS = {"accept", "authorization", "content-type", "if-none-match", "traceparent"}
_RESERVED = {"self", "correlation_id", "options"}
_JSON = "application/json"


def view_operation(contract: Contract, operation: Operation, pool: Pool, errors: Mapping[str, str]) -> OperationView:
    """One operation."""
    readings = _readings(operation, pool)
    types = tuple(dict.fromkeys(each.type for each in readings.values()))
    answer = " | ".join(sorted(types, key=lambda each: each == "None"))
    models = tuple(each for each in types if each in pool.schemas)
    pages = _pages(operation, pool, answer)
    version_pointer = version_of(contract).get("at")
    versioned = version_pointer and models == types and all(pool.has(each, version_pointer) for each in models)
    arguments = tuple(_arguments(contract, operation, pool))
    cache: Mapping[str, Any] = operation.annotations.get("x-cache") or {}
    idempotency: Mapping[str, Any] = operation.annotations.get("x-idempotency") or {}
    return OperationView(
        id=operation.id,
        constant=constant(operation.id),
        name=snake(operation.id),
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        arguments=arguments,
        answer=answer,
        decode=next(iter(readings.values())).decode,
        decodes=tuple((status, each.decode) for status, each in readings.items()) if len(types) > 1 else (),
        models=models,
        accept=next((each.media for each in readings.values() if each.media), _JSON),
        body=_body(operation, pool, {each.name for each in arguments}),
        idempotency=idempotency.get("header"),
        version=attribute("answer", str(version_pointer)) if versioned else None,
        revalidates=bool(cache.get("etag")),
        pages=pages,
        errors=tuple(errors[code] for code in operation.error_codes if code in errors),
        failures=_failures(operation, pool) if contract.taxonomy is None else (),
    )


def version_of(contract: Contract) -> Mapping[str, Any]:
    """How the contract's payloads and requests state a schema version; empty when they do not."""
    taxonomy: Mapping[str, Any] = contract.openapi.get("x-error-taxonomy", {})
    found: Mapping[str, Any] = taxonomy.get("schemaVersion", {})
    return found


def argument_of(parameter: Parameter, pool: Pool, owner: str) -> Argument:
    """The keyword for a parameter."""
    name = snake(parameter.name)
    annotation = annotate(parameter.schema, pool, pascal(owner) + pascal(parameter.name), parameter.description)
    default: object = parameter.schema.get("default")
    return Argument(
        name=f"{name}_" if name in _RESERVED else name,
        type=annotation.type,
        required=parameter.required,
        description=parameter.description,
        default="" if default is None else json.dumps(default),
        wire=parameter.name,
        location=parameter.location,
        style=parameter.style or "form",
        explode=parameter.explode,
        shape=annotation.shape,
    )


def _arguments(contract: Contract, operation: Operation, pool: Pool) -> Iterable[Argument]:
    own = set(_OWN_HEADERS)
    own.add(str(version_of(contract).get("header", "")).lower())
    if contract.taxonomy is not None:
        own.add(str(contract.taxonomy.correlation.get("header", "")).lower())
    idempotency: Mapping[str, Any] = operation.annotations.get("x-idempotency") or {}
    key: str = idempotency.get("header", "").lower()
    given = [_keyed(each, key) for each in operation.parameters if each.location != "header" or each.name.lower() not in own]
    for parameter in sorted(given, key=lambda each: not each.required):
        if parameter.location not in ("query", "path", "header"):
            raise NotGeneratable(
                f"{operation.id}: parameter {parameter.name!r}", expected="a query, path or header parameter", actual=parameter.location
            )
        yield argument_of(parameter, pool, operation.id)


def _keyed(parameter: Parameter, key: str) -> Parameter:
    # The runtime draws a key for each call that is given none.
    return replace(parameter, required=False) if parameter.location == "header" and parameter.name.lower() == key else parameter


def _body(operation: Operation, pool: Pool, taken: set[str]) -> BodyView | None:
    body = operation.request_body
    if body is None or not body.content:
        return None
    name = "body_" if "body" in taken else "body"
    media = next((each for each in body.content if _is_json(each)), next(iter(body.content)))
    if media.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise NotGeneratable(operation.id, expected="a body of JSON or of bytes", actual=media)
    type_ = _model(body.content[media], pool, pascal(operation.id) + "Body") if _is_json(media) else "bytes"
    return BodyView(name, type_, body.required, media, body.description)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the answers of one status are read as."""

    type: str
    decode: str
    media: str


def _readings(operation: Operation, pool: Pool) -> Mapping[str, _Reading]:
    """How the success answers are read, by status."""
    found = {status: each for status, each in sorted(operation.responses.items()) if status.startswith("2") or status == "default"}
    successes = {status: each for status, each in found.items() if status != "default"} or found
    name = pascal(operation.id) + "Answer"
    told = {json.dumps(schema, sort_keys=True) for each in successes.values() for media, schema in each.content.items() if _is_json(media)}
    readings: dict[str, _Reading] = {}
    for status, response in successes.items():
        media = next((each for each in response.content if _is_json(each)), next(iter(response.content), ""))
        if not media:
            readings[status] = _Reading("None", "nothing", "")
        elif not _is_json(media):
            readings[status] = _Reading("bytes", "bytes", media)
        else:
            type_ = _model(response.content[media], pool, name if len(told) == 1 else name + status)
            readings[status] = _Reading(type_, _decode(type_, pool), media)
    return readings or {"200": _Reading("None", "nothing", "")}


def _failures(operation: Operation, pool: Pool) -> tuple[tuple[str, str], ...]:
    """How the error bodies of statuses are read, where the document declares a JSON schema for them."""
    successes = any(status.startswith("2") for status in operation.responses)
    readers: list[tuple[str, str]] = []
    for status, response in sorted(operation.responses.items()):
        media = next((media for media in response.content if _is_json(media)), None)
        if media is None or status.startswith(("1", "2", "3")) or (status == "default" and not successes):
            continue
        model = _model(response.content[media], pool, pascal(operation.id) + "Error" + status)
        if model != "Any":
            readers.append((status, _decode(model, pool)))
    return tuple(readers)


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == _JSON or kind.endswith("+json")


def _model(schema: Mapping[str, Any], pool: Pool, name: str) -> str:
    """The model of a schema, and `Any` for one that says nothing."""
    if not {*schema} - {"$defs", "description", "title", "example", "examples"}:
        return "Any"
    return pool.take(schema, name)


def _decode(type_: str, pool: Pool) -> str:
    if type_ in pool.schemas and "properties" in pool.resolve(pool.schemas[type_]):
        return f"{type_}.model_validate_json"
    return f"TypeAdapter[{type_}]({type_}).validate_json"


def _pages(operation: Operation, pool: Pool, answer: str) -> PageView | None:
    found: Mapping[str, Any] | None = operation.annotations.get("x-pagination")
    if found is None:
        return None
    if answer not in pool.schemas:
        raise NotGeneratable(operation.id, expected="pages with one JSON schema", actual=answer)
    how: Mapping[str, Any] = found[found["style"]]
    wire = str(how["parameter"])
    parameter = next((each for each in operation.parameters if each.name == wire), None)
    if parameter is None:
        raise NotGeneratable(operation.id, expected=f"the parameter {wire!r} that x-pagination names", actual="none of that name")
    name = snake(wire)
    items = pool.name_items(answer, found["items"], pascal(operation.id) + "Item")
    return PageView(
        argument=f"{name}_" if name in _RESERVED else name,
        items=attribute("answer", found["items"]),
        item=items.removeprefix(DEFINITIONS),
        next=attribute("answer", how["next"]) if found["style"] == "cursor" else None,
        total=attribute("answer", how["total"]) if "total" in how else None,
        more=attribute("answer", found["more"]) if found["style"] == "offset" and "more" in found else None,
        invalid=how.get("invalid"),
    )
