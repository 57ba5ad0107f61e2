"""Requests with a body that the contract allows, and variations of them: of another tenant, with other items, written another way."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import orjson
from assay_contracts import Operation, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json

from assay_conformance.corpus import CorpusCase, slot_values
from assay_conformance.driver_context import is_pointer
from assay_conformance.errors import CorpusError
from assay_conformance.evidence import Request
from assay_conformance.nostr import signed_body
from assay_conformance.request_plans import Known, allowed_query, needed_headers, other_value
from assay_conformance.validation import accepts

MOST_TRIALS = 200
LONG_BODY = 65_536
"""A longer body, such as the largest batch that the contract allows, is no request to repeat and to vary."""
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def right_requests(context: Known, operation: Operation, *, role: str = "primary") -> list[Request]:
    """Requests that the contract allows, of the tenant and with the credential of a role: its own examples first, then what was grown.

    Each has another body. Without a body there is one request at most. Events are signed where the target has a signer.
    """
    found: dict[str, Request] = {}
    cases = _right_cases(context, operation)
    for case in [case for case in cases if len(case.request.body or "") <= LONG_BODY] or cases[:1]:
        try:
            request = case.request.filled(_slots(context, operation, role), role)
        except CorpusError:
            continue
        body = _of_tenant(context, operation, request.body, role)
        found.setdefault(str(body), dataclasses.replace(request, body=_signed(context, operation, body)))
    if not found and not (operation.request_body is not None and operation.request_body.required):
        headers = needed_headers(context, operation)
        return [
            context.wire.request(
                operation, allowed_query(context, operation), tenant=_role(context, role), credential=role, headers=headers
            )
        ]
    return list(found.values())


def starting_requests(context: Known, operation: Operation, *, role: str = "primary") -> list[Request]:
    """Right requests that may start a job: with the preference for one where the contract has it, and each value of its lists."""
    found = right_requests(context, operation, role=role)
    if operation.method == "GET" and found:
        plain = found[0]
        for parameter in operation.parameters:
            values = parameter.schema.get("enum", ()) if parameter.location == "query" else ()
            moved = other_value(context, operation, parameter, None) if values else None
            kept = tuple(pair for pair in plain.query if moved is not None and pair[0] not in moved)
            found += [
                dataclasses.replace(plain, query=(*kept, (parameter.name, str(value)))) for value in (reversed(values) if moved else ())
            ]
    prefer = operation.annotations.get("x-job", {}).get("prefer")
    return [with_header(item, "prefer", prefer) for item in found] if prefer else found


def renewed(context: Known, operation: Operation, request: Request) -> Request:
    """The request with new items, under a key that was never used where a key is sent."""
    header = operation.annotations.get("x-idempotency", {}).get("header")
    request = fresh(context, operation, request)
    return with_header(request, header, str(uuid4())) if header else request


def wrong_bodies(context: Known, operation: Operation, right: Request) -> Iterator[Request]:
    """A right request with bodies that the contract forbids: those of the corpus whose body alone is wrong, then one that is no JSON."""
    for case in context.cases:
        if case.operation != operation.id or case.outcome != "refused" or case.request.body is None:
            continue
        if case.request.header("content-type") in (None, right.header("content-type")) and not allows_body(operation, case.request.body):
            yield dataclasses.replace(right, body=case.request.body)
    if right.body is not None:
        yield dataclasses.replace(right, body='{"')


def fresh(context: Known, operation: Operation, request: Request) -> Request:
    """The request with items that the target has never seen, where the contract says what identifies them; else the request itself."""
    items = operation.annotations.get("x-idempotency", {}).get("items")
    body = _parsed(request.body)
    if items is None or not is_mapping(body):
        return request
    names = [items["identity"]] if isinstance(items["identity"], str) else list(items["identity"])
    signed = context.target.signer is not None and operation.id in context.target.signer.at
    for place, item in list(pointers.matches(body, f"{items['at']}/*")):
        # What names a tenant stays, and what is computed from the rest follows when the item is signed.
        changed = [name for name in reversed(names) if is_mapping(item) and item.get(name) not in context.target.tenants.values()]
        for name in ("content",) if signed else changed[:1]:
            _vary(operation, body, f"{place}/{name}")
    return dataclasses.replace(request, body=_signed(context, operation, orjson.dumps(body).decode()))


def another_body(operation: Operation, request: Request, known: list[Request]) -> Request | None:
    """The same request with another body that the contract allows; None where none is at hand."""
    own = _parsed(request.body)
    for other in known:
        if other.body is not None and _parsed(other.body) != own and other.path == request.path and other.query == request.query:
            return dataclasses.replace(request, body=other.body)
    if own is None:
        return None
    for place, value in list(_scalars(own, ""))[:MOST_TRIALS]:
        for candidate in _others(value):
            body = orjson.loads(orjson.dumps(own))
            put_value(body, place, candidate)
            text = orjson.dumps(body).decode()
            if allows_body(operation, text):
                return dataclasses.replace(request, body=text)
    return None


def rewritten(request: Request) -> Request | None:
    """The same JSON value in other bytes: its properties the other way round, with spaces; None where the body is no JSON object."""
    body = _parsed(request.body)
    if not is_mapping(body):
        return None
    return dataclasses.replace(request, body=orjson.dumps(_reversed(body), option=orjson.OPT_INDENT_2).decode())


def with_header(request: Request, name: str, value: str | None) -> Request:
    """The request with one header set, or left out when the value is None."""
    kept = tuple(pair for pair in request.headers if pair[0] != name.lower())
    return dataclasses.replace(request, headers=kept if value is None else (*kept, (name.lower(), value)))


def with_tenant(operation: Operation, request: Request, tenant: str) -> Request:
    """The request for another tenant, where the contract names the tenant in the body; else the request itself."""
    body = _naming(operation, request.body, tenant) if tenant else request.body
    return request if body == request.body else dataclasses.replace(request, body=body)


def _right_cases(context: Known, operation: Operation) -> list[CorpusCase]:
    found = [
        case
        for case in context.cases
        if case.operation == operation.id and case.outcome == "accepted" and not case.request.undeclared(operation)
    ]
    return sorted(found, key=lambda case: case.origin != "examples")


def _slots(context: Known, operation: Operation, role: str) -> dict[str, str]:
    known = slot_values(context.target, operation)
    return known | {"tenant:primary": context.target.tenant(_role(context, role) or "primary")} if context.target.tenants else known


def _role(context: Known, role: str) -> str | None:
    """The role whose tenant a request speaks for: a credential that covers none speaks for the primary one."""
    return role if role in context.target.tenants else "primary" if context.target.tenants else None


def _of_tenant(context: Known, operation: Operation, body: str | None, role: str) -> str | None:
    """The body with the tenant of a role, where the contract names the tenant there."""
    tenant = _role(context, role)
    return body if tenant is None else _naming(operation, body, context.target.tenant(tenant))


def _naming(operation: Operation, body: str | None, tenant: str) -> str | None:
    pointer = str(operation.annotations.get("x-tenancy", {}).get("parameter", ""))
    parsed = _parsed(body) if is_pointer(pointer) else None
    if parsed is None:
        return body
    for place, _ in list(pointers.matches(parsed, pointer)):
        put_value(parsed, place, tenant)
    return orjson.dumps(parsed).decode()


def _signed(context: Known, operation: Operation, body: str | None) -> str | None:
    signer = context.target.signer
    return body if body is None or signer is None else signed_body(body, operation.id, signer)


def _vary(operation: Operation, body: Any, place: str) -> None:
    """Put a value that was never used in a place, of the same form."""
    old = pointers.follow(body, place)
    if not isinstance(old, str):
        return
    new = uuid4()
    candidates = (str(new), new.hex, (new.hex * 8)[: len(old)], f"{old}-{new.hex}", f"{old[: -len(new.hex)]}{new.hex}", new.hex[:12])
    for candidate in candidates if not UUID.fullmatch(old) else candidates[:1]:
        put_value(body, place, candidate)
        if allows_body(operation, orjson.dumps(body).decode()):
            return
    put_value(body, place, old)


def allows_body(operation: Operation, body: str) -> bool:
    """Whether the contract allows a JSON body."""
    parsed = _parsed(body)
    if operation.request_body is None:
        return False
    declared = operation.request_body.content
    return parsed is not None and any(is_json(media) and accepts(schema, parsed) for media, schema in declared.items())


def _parsed(body: str | None) -> Any:
    try:
        return None if body is None else orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def put_value(body: Any, place: str, value: Any) -> None:
    """Set what a pointer leads to, where the body has the object or array that holds it."""
    above, _, _ = place.rpartition("/")
    holder, key = pointers.follow(body, above), pointers.split(place)[-1]
    if is_mapping(holder):
        holder[key] = value
    elif is_list(holder):
        holder[int(key)] = value


def _scalars(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if is_mapping(value):
        for name, part in value.items():
            yield from _scalars(part, place + pointers.join(name))
    elif is_list(value):
        for index, part in enumerate(value):
            yield from _scalars(part, f"{place}/{index}")
    elif value is not None and place:
        yield place, value


def _others(value: Any) -> tuple[Any, ...]:
    """Values that often fit where this one does."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (value + 1, value - 1)
    last = value[-1:]
    return (value + "x", value[:-1] + ("1" if last == "0" else "0" if last.isdigit() else "b" if last == "a" else "a"), value[:-1])


def _reversed(value: Any) -> Any:
    if is_mapping(value):
        return {name: _reversed(part) for name, part in reversed(list(value.items()))}
    return [_reversed(part) for part in value] if is_list(value) else value
