"""Operations in the words of the code: arguments, answer, pages, cache, errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from assay_contracts import Contract, Operation, Parameter

from assay_codegen.annotations import annotate
from assay_codegen.errors import NotGeneratable
from assay_codegen.naming import attribute, constant, pascal, snake
from assay_codegen.pooling import Pool
from assay_codegen.views import Argument, OperationView, PageView

# The caller of the runtime sends these itself.
_OWN_HEADERS = {"if-none-match", "idempotency-key", "traceparent"}
_RESERVED = {"self", "correlation_id"}


def view_operation(contract: Contract, operation: Operation, pool: Pool, errors: Mapping[str, str]) -> OperationView:
    """One operation."""
    if operation.request_body is not None:
        raise NotGeneratable(operation.id, expected="an operation without a request body", actual="one with", next_step="leave it out")
    answer, decode = _answer(operation, pool)
    version_pointer = version_of(contract).get("at")
    versioned = version_pointer and answer in pool.schemas and pool.has(answer, version_pointer)
    arguments = tuple(_arguments(contract, operation, pool))
    cache: Mapping[str, Any] = operation.annotations.get("x-cache") or {}
    return OperationView(
        id=operation.id,
        constant=constant(operation.id),
        name=snake(operation.id),
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        arguments=arguments,
        answer=answer,
        decode=decode,
        version=attribute("answer", str(version_pointer)) if versioned else None,
        revalidates=bool(cache.get("etag")),
        pages=_pages(operation, pool, answer, arguments),
        errors=tuple(errors[code] for code in operation.error_codes if code in errors),
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
    for parameter in sorted(operation.parameters, key=lambda each: not each.required):
        if parameter.location == "header" and parameter.name.lower() in own:
            continue
        if parameter.location not in ("query", "path"):
            raise NotGeneratable(
                f"{operation.id}: parameter {parameter.name!r}",
                expected="a query or path parameter, or a header that the client sends itself",
                actual=parameter.location,
            )
        yield argument_of(parameter, pool, operation.id)


def _answer(operation: Operation, pool: Pool) -> tuple[str, str]:
    schemas = {
        json.dumps(schema, sort_keys=True): schema
        for status, response in operation.responses.items()
        if status.startswith("2")
        for media, schema in response.content.items()
        if media.partition(";")[0] == "application/json"
    }
    if len(schemas) != 1:
        raise NotGeneratable(operation.id, expected="one JSON schema for all success answers", actual=f"{len(schemas)} of them")
    name = pool.take(next(iter(schemas.values())), pascal(operation.id) + "Answer")
    if "properties" in pool.resolve(pool.schemas[name]):
        return name, f"{name}.model_validate_json"
    return name, f"TypeAdapter[{name}]({name}).validate_json"


def _pages(operation: Operation, pool: Pool, answer: str, arguments: tuple[Argument, ...]) -> PageView | None:
    found: Mapping[str, Any] | None = operation.annotations.get("x-pagination")
    if found is None:
        return None
    if found["style"] != "cursor":
        raise NotGeneratable(operation.id, expected="x-pagination by cursor", actual=found["style"])
    cursor = found["cursor"]
    item = pool.resolve(pool.at(answer, found["items"]))["items"]
    if "$ref" not in item:
        raise NotGeneratable(operation.id, expected="items with a schema of their own", actual="an inline schema")
    return PageView(
        argument=next(each.name for each in arguments if each.wire == cursor["parameter"]),
        items=attribute("answer", found["items"]),
        next=attribute("answer", cursor["next"]),
        item=item["$ref"].removeprefix("#/$defs/"),
    )
