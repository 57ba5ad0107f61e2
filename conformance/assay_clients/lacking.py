"""What a request lacks of what its contract requires: parameters, the body, and properties of it. It does no I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from assay_contracts import Parameter
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.schema_conjuncts import conjuncts, declared_properties

from assay_clients.subjects import Subject

WRITTEN_OTHERWISE = ("accept", "content-type", "authorization")
"""Headers that OpenAPI ignores as parameters."""


@dataclass(frozen=True, slots=True)
class Request:
    """The names in a request, those of headers in lower case, and its body."""

    query: Set[str]
    headers: Set[str]
    cookies: Set[str]
    body: bytes = b""


def lacking(subject: Subject, request: Request) -> tuple[str, ...]:
    """Places such as `query:tag`, `header:X-Region`, `body` or `body:/sku`; values and how they are written are the client's own."""
    return (*_parameters(subject, request), *_body(subject, request.body))


def _parameters(subject: Subject, request: Request) -> Iterator[str]:
    names: Mapping[str, Set[str]] = {"query": request.query, "header": request.headers, "cookie": request.cookies}
    for parameter in subject.operation.parameters:
        value = subject.parameters.get(parameter.name)
        # A list or an object without members has nothing that could be written.
        if not parameter.required or parameter.location not in names or value is None or value in ([], {}):
            continue
        if parameter.location == "header" and parameter.name.lower() in WRITTEN_OTHERWISE:
            continue
        if not _written(parameter, value, names[parameter.location]):
            yield f"{parameter.location}:{parameter.name}"


def _written(parameter: Parameter, value: Any, names: Set[str]) -> bool:
    """Whether a parameter is there: by its name, as `name[key]`, or by the keys of an object that is spread."""
    name = parameter.name.lower() if parameter.location == "header" else parameter.name
    spread: Set[str] = set(value) if is_mapping(value) else set()
    return name in names or bool(spread & names) or any(found.startswith(f"{name}[") for found in names)


def _body(subject: Subject, body: bytes) -> Iterator[str]:
    if subject.body is None:
        return
    try:
        sent: Any = json.loads(body)
    except (ValueError, RecursionError):
        yield "body"
        return
    if not is_mapping(subject.body):
        return
    if not is_mapping(sent):
        yield "body"
        return
    yield from (f"body:/{name}" for name in _required(subject) if name in subject.body and name not in sent)


def _required(subject: Subject) -> list[str]:
    """The properties that a body must have, but those which only a response has."""
    schema = subject.body_schema
    declared = declared_properties(schema, schema)
    names = {name for part in conjuncts(schema, schema) for name in part.get("required", ()) if is_list(part.get("required"))}
    return sorted(name for name in names if not _read_only(declared.get(name), schema))


def _read_only(schema: Any, root: Any) -> bool:
    return any(part.get("readOnly") is True for part in conjuncts(schema, root))
