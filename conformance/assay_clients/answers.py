"""The responses of a hostile server, made from a contract: right ones, and each wrong in one way."""

from __future__ import annotations

import base64
import copy
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_conformance.validation import accepts
from assay_contracts import Contract, ErrorCode, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.schema_conjuncts import declared_properties
from assay_packaging.samples import sample

from assay_clients.scenarios import Step
from assay_clients.subjects import Subject, codes_of, cursor_code, final_codes, item_schema, required_property, sample_item, unknown_enum

HTML = b"<!doctype html><html><head><title>Bad gateway</title></head><body><h1>It is not you, it is us.</h1></body></html>"
UNKNOWN = "assay-value-of-tomorrow"
PER_PAGE = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. `manner` is how it is sent: `whole`, `truncated` or `dripping`; `code` is the code in its body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    manner: str = "whole"
    code: str | None = None


def success(subject: Subject, change: str = "") -> Answer:
    """A success of an operation, wrong in the way that `change` says."""
    value = copy.deepcopy(subject.value)
    manner = {"truncated": "truncated", "dripping": "dripping"}.get(change, "whole")
    if change == "extra-property" and is_mapping(value):
        value["assayProperty"] = {"of": ["tomorrow"]}
    elif change == "missing-property" and is_mapping(value):
        value.pop(required_property(subject) or "", None)
    elif change == "unknown-enum":
        *above, last = unknown_enum(subject.schema, value) or ("",)
        inner: Any = value
        for key in above:
            inner = inner[int(key)] if is_list(inner) else inner[key]
        inner[int(last) if is_list(inner) else last] = UNKNOWN
    body = b"<p>not what you asked for" if change == "no-json" else json.dumps(value).encode()
    return Answer(subject.status, {"Content-Type": subject.media}, body, manner)


def status(contract: Contract, subject: Subject, step: Step) -> Answer:
    """A response of a status, with the body that the contract declares for it, an HTML page, or none."""
    if step.body == "html":
        return Answer(step.status, {"Content-Type": "text/html", **step.headers}, HTML)
    if step.body == "empty":
        return Answer(step.status, step.headers)
    codes = codes_of(contract)
    code = next((codes[name] for name in subject.operation.error_codes if name in codes and codes[name].status == step.status), None)
    return _declared(contract, subject, step.status, code, step.headers)


def with_final_code(contract: Contract, subject: Subject) -> Answer:
    """An error with a code of the taxonomy that is not tried again."""
    code = final_codes(contract, subject.operation)[0]
    return _declared(contract, subject, code.status, code, {})


def unauthorized(contract: Contract, subject: Subject) -> Answer:
    """What a request without a credential gets."""
    return status(contract, subject, Step("status", status=401))


def page(contract: Contract, subject: Subject, step: Step, cursor: str | None) -> Answer:
    """The page of a list that a cursor asks for, None being that of the first.

    `then` says what comes in place of the last page's end: `circle`, a cursor that leads back, or `cursor-rejected`, no page at all.
    """
    cursors = _cursors(subject, step.pages)
    number = cursors.index(cursor) + 1 if cursor in cursors else 1
    if step.then == "cursor-rejected" and number > 1:
        code = cursor_code(contract, subject)
        return _declared(contract, subject, code.status if code else 400, code, {})
    pagination = subject.pagination
    value = copy.deepcopy(subject.value)
    first = (number - 1) * PER_PAGE
    _put(value, pagination["items"], items_of(subject, step.pages)[first : first + PER_PAGE])
    last = number >= step.pages
    following = cursors[1] if last and step.then == "circle" else None if last else cursors[number]
    _follow(value, subject, following)
    if isinstance(pagination.get("more"), str):
        _put(value, pagination["more"], following is not None)
    return Answer(subject.status, {"Content-Type": subject.media}, json.dumps(value).encode())


def _follow(value: Any, subject: Subject, following: Any) -> None:
    """Write the cursor of the next page. After the last one it is null, or left out where the schema has no null."""
    pointer = str(subject.pagination["cursor"]["next"])
    _put(value, pointer, following)
    if following is None and not accepts(subject.schema, value):
        *above, last = pointers.split(pointer)
        parent: Any = value
        for key in above:
            parent = parent[key] if is_mapping(parent) else parent[int(key)]
        if is_mapping(parent):
            del parent[last]
            if not accepts(subject.schema, value):
                parent[last] = None


def items_of(subject: Subject, pages: int) -> list[dict[str, Any]]:
    """The items of a list of so many pages, each with an identity of its own that its schema allows."""
    item = sample_item(subject) or {}
    identity = subject.pagination["identity"]
    schema = declared_properties(item_schema(subject), subject.schema).get(identity, True)
    return [
        {**copy.deepcopy(item), identity: _allowed(schema, subject.schema, item.get(identity), n)} for n in range(1, pages * PER_PAGE + 1)
    ]


def _cursors(subject: Subject, pages: int) -> list[Any]:
    """The cursor of each page, in a form that its schema allows; that of the first is never sent."""
    schema: Any = subject.schema
    for key in pointers.split(str(subject.pagination["cursor"]["next"])):
        schema = declared_properties(schema, subject.schema).get(key)
    known = pointers.follow(subject.value, subject.pagination["cursor"]["next"])
    return [_allowed(schema, subject.schema, known, number) for number in range(1, pages + 1)]


def _allowed(schema: Any, root: Mapping[str, Any], known: Any, number: int) -> Any:
    """A value with a number in it that a schema allows, in the first of the common forms of identities and cursors."""
    if isinstance(known, int):
        return number
    forms = [
        f"item-{number}", str(uuid.UUID(int=number, version=4)), f"{number:064x}", f"{str(known)[:-1]}{number}", f"{number:026d}",
        base64.urlsafe_b64encode(f"number {number:06d}".encode() * 3).decode().rstrip("="), number,
    ]  # fmt: skip
    whole = {**schema, "$defs": root.get("$defs", {})} if is_mapping(schema) else dict[str, Any]()
    return next((form for form in forms if accepts(whole, form)), forms[0])


def _declared(contract: Contract, subject: Subject, number: int, code: ErrorCode | None, headers: Mapping[str, str]) -> Answer:
    response = subject.operation.response(number)
    media = next((name for name in response.content if is_json(name)), None) if response is not None else None
    found = sample(response.content[media]) if response is not None and media is not None else None
    if found is None or media is None:
        return Answer(number, headers)
    body = copy.deepcopy(found.value)
    where = contract.taxonomy.envelope.get("code") if contract.taxonomy else None
    if code is not None and isinstance(where, str):
        _put(body, where, code.code)
    wanted = {name: "1" for name in (code.headers if code is not None else ()) if name.lower() == "retry-after"}
    return Answer(number, {"Content-Type": media, **wanted, **headers}, json.dumps(body).encode(), code=code.code if code else None)


def _put(value: Any, pointer: str, new: Any) -> None:
    """Set what a pointer leads to; objects on the way that are missing are made."""
    *above, last = pointers.split(pointer)
    for key in above:
        value = value.setdefault(key, {}) if is_mapping(value) else value[int(key)]
    if is_mapping(value):
        value[last] = new
