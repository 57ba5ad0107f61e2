"""Writes the times of request bodies in notations that the contract forbids beyond doubt.

A format alone is no such rule: frameworks read a time without a zone, too, and JSON Schema lets them. A pattern is one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
from assay_contracts import Operation, Schema, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json

from assay_conformance.body_plans import put_value, renewed, right_requests
from assay_conformance.body_values import instant, written
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.operation import SAFE
from assay_conformance.drivers.timestamps import notations
from assay_conformance.evidence import Request

MOST_PLACES = 4
"""So many times of one body are written in other notations."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


async def drive_changing(context: DriverContext) -> None:
    """Send each notation to every operation that writes times, after a request of the same body succeeded."""
    for operation in context.contract.operations:
        signed = context.target.signer is not None and operation.id in context.target.signer.at
        if operation.method in SAFE or "x-job" in operation.annotations or signed:
            continue
        right = next((item for item in right_requests(context, operation) if list(_times(item))), None)
        misses = list(wrong_times(operation, right)) if right is not None else []
        if right is None or not misses:
            continue
        sent = await context.send(operation.id, renewed(context, operation, right), purpose="times as they are allowed")
        for request, what in misses if sent.answer.succeeded else ():
            await context.send(operation.id, renewed(context, operation, request), purpose=what, expected="refused")


def wrong_times(operation: Operation, right: Request) -> Iterator[tuple[Request, str]]:
    """The request with one time of its body in each notation that the contract forbids, and what is wrong with it."""
    for place, text in list(_times(right))[:MOST_PLACES]:
        moment = instant(text)
        for notation, other in notations(written(moment, "date-time")) if moment is not None else ():
            body = orjson.loads(right.body or "")
            put_value(body, place, other)
            if _is_forbidden(operation, body):
                yield dataclasses.replace(right, body=orjson.dumps(body).decode()), f"{place} {notation}"


def _times(request: Request) -> Iterator[tuple[str, str]]:
    """Each time of a JSON body with its pointer; of a list those of its first item."""
    try:
        body: Any = orjson.loads(request.body or "")
    except orjson.JSONDecodeError:
        return
    yield from _strings(body, "")


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and place and _TIME.fullmatch(value):
        yield place, value
    elif is_mapping(value):
        for name, part in value.items():
            yield from _strings(part, place + pointers.join(name))
    elif is_list(value) and value:
        yield from _strings(value[0], f"{place}/0")


def _is_forbidden(operation: Operation, body: Any) -> bool:
    """Whether the contract forbids a body by rules besides formats."""
    content = operation.request_body.content if operation.request_body is not None else dict[str, Schema]()
    schemas = [schema for media, schema in content.items() if is_json(media)]
    plain = (jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=False) for schema in schemas)
    return bool(schemas) and not any(validator.is_valid(body) for validator in plain)
