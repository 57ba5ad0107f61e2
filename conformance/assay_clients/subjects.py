"""Which operation of a contract a scenario is played with: the first that has all it needs, and the values that one call of it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import Contract, Operation, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.model import ErrorCode
from assay_contracts.schema_conjuncts import conjuncts, declared_properties
from assay_packaging.samples import sample


@dataclass(frozen=True, slots=True)
class Subject:
    """One operation with all that a server needs to answer it, and a client to call it.

    `parameters` are values by the contract's own names, `body` a JSON value or None, `body_schema` its schema. `status` and
    `media` are of the success that is played, `value` is its body.
    """

    operation: Operation
    parameters: Mapping[str, Any]
    body: Any
    status: int
    media: str
    schema: Mapping[str, Any]
    value: Any
    body_schema: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def pagination(self) -> Mapping[str, Any]:
        """The annotation of a list in pages; empty for any other operation."""
        found = self.operation.annotations.get("x-pagination")
        return found if is_mapping(found) else {}


class Subjects:
    """The operations of a contract that can be called and answered with JSON, each made ready when it is looked at first."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._operations = sorted(contract.operations, key=_effort)
        self._known: dict[str, Subject | None] = {}

    def fitting(self, needs: frozenset[str]) -> Subject | None:
        """The first that has everything a scenario needs, those that a call needs the least for first; None where there is none."""
        for operation in self._operations:
            if not _possible(operation, needs):
                continue
            subject = self._ready(operation)
            if subject is not None and all(_has(self._contract, subject, need) for need in sorted(needs)):
                return subject
        return None

    def _ready(self, operation: Operation) -> Subject | None:
        if operation.id not in self._known:
            self._known[operation.id] = _subject(operation)
        return self._known[operation.id]


def final_codes(contract: Contract, operation: Operation) -> tuple[ErrorCode, ...]:
    """The codes of an operation that the contract says not to try again, but those of a missing credential."""
    codes = codes_of(contract)
    return tuple(
        codes[name]
        for name in operation.error_codes
        if name in codes and codes[name].retryable is False and codes[name].status not in (401, 407)
    )


def codes_of(contract: Contract) -> Mapping[str, ErrorCode]:
    """The codes of the taxonomy by name; empty for a contract without one."""
    return contract.taxonomy.codes if contract.taxonomy is not None else dict[str, ErrorCode]()


def cursor_code(contract: Contract, subject: Subject) -> ErrorCode | None:
    """The code with which a cursor is rejected."""
    cursor = subject.pagination.get("cursor")
    return codes_of(contract).get(str(cursor.get("invalid"))) if is_mapping(cursor) else None


def unknown_enum(schema: Any, value: Any) -> tuple[str, ...] | None:
    """The keys of the first text that an enum lists: of one in the value, else of a property that the value may have."""
    found = sorted(_enums(schema, value, schema, ()), key=lambda keys: pointers.follow(value, pointers.join(*keys)) is None)
    return next(iter(found), None)


def required_property(subject: Subject) -> str | None:
    """A property that the body of a success must have and has; one that is an object or a list first, since it is missed most."""
    if not is_mapping(subject.value):
        return None
    named = {name for part in conjuncts(subject.schema, subject.schema) for name in _strings(part.get("required")) if name in subject.value}
    return min(named, key=lambda name: (not isinstance(subject.value[name], dict | list), name)) if named else None


def item_schema(subject: Subject) -> Any:
    """The schema of the items of a list."""
    schema: Any = subject.schema
    for key in pointers.split(str(subject.pagination["items"])):
        schema = declared_properties(schema, subject.schema).get(key)
    return next((part["items"] for part in conjuncts(schema, subject.schema) if is_mapping(part.get("items"))), None)


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if is_list(value) else []


def _subject(operation: Operation) -> Subject | None:
    success = next(((status, answer) for status, answer in sorted(operation.responses.items()) if status.startswith("2")), None)
    if success is None:
        return None
    media = next((name for name in success[1].content if is_json(name)), None)
    if media is None:
        return None
    schema = success[1].content[media]
    value = sample(schema)
    parameters = _parameters(operation)
    if value is None or parameters is None:
        return None
    body: Any = None
    body_schema: Mapping[str, Any] = {}
    if operation.request_body is not None and operation.request_body.required:
        taken = next((name for name in operation.request_body.content if is_json(name)), None)
        body_schema = operation.request_body.content[taken] if taken is not None else body_schema
        found = sample(body_schema) if taken is not None else None
        if found is None:
            return None
        body = found.value
    return Subject(operation, parameters, body, int(success[0]) if success[0].isdecimal() else 200, media, schema, value.value, body_schema)


def _parameters(operation: Operation) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.required:
            value = sample(parameter.schema)
            if value is None:
                return None
            found[parameter.name] = "x" if value.value == "" else value.value
    return found


def _effort(operation: Operation) -> tuple[bool, int]:
    return operation.request_body is not None and operation.request_body.required, sum(item.required for item in operation.parameters)


def _possible(operation: Operation, needs: frozenset[str]) -> bool:
    """Whether an operation may have what is needed, as far as it can be seen without a sample."""
    method = {"safe": "GET", "list": "GET", "unsafe": "POST"}
    return all(operation.method == method[need] for need in needs if need in method) and (
        "list" not in needs or "x-pagination" in operation.annotations
    )


def _has(contract: Contract, subject: Subject, need: str) -> bool:
    operation = subject.operation
    match need:
        case "safe":
            return operation.method == "GET"
        case "unsafe":
            return operation.method == "POST"
        case "object":
            return is_mapping(subject.value)
        case "enum":
            return unknown_enum(subject.schema, subject.value) is not None
        case "required":
            return required_property(subject) is not None
        case "final-code":
            return bool(final_codes(contract, operation))
        case "secured":
            return operation.secured
        case "list":
            return _pages(subject)
        case "cursor-code":
            return cursor_code(contract, subject) is not None
        case _:
            return False


def _pages(subject: Subject) -> bool:
    """Whether a list in pages by cursor can be played: its items are objects in the sample."""
    pagination = subject.pagination
    if subject.operation.method != "GET" or "cursor" not in pagination:
        return False
    items = pointers.follow(subject.value, pagination["items"])
    return is_list(items) and sample_item(subject) is not None


def sample_item(subject: Subject) -> dict[str, Any] | None:
    """One item of a list, with an identity of text; None where none is known."""
    items = pointers.follow(subject.value, subject.pagination["items"])
    found = items[0] if is_list(items) and items else None
    if found is None:
        inner = item_schema(subject)
        drawn = sample({**inner, "$defs": subject.schema.get("$defs", {})}) if is_mapping(inner) else None
        found = drawn.value if drawn is not None else None
    identity = subject.pagination["identity"]
    return found if is_mapping(found) and isinstance(found.get(identity), str | int) else None


def _lists_texts(schema: Any, root: Any) -> bool:
    return any(is_list(options := part.get("enum")) and len(_strings(options)) == len(options) > 1 for part in conjuncts(schema, root))


def _enums(schema: Any, value: Any, root: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for part in conjuncts(schema, root):
        options = part.get("enum")
        if isinstance(value, str) and is_list(options) and len(options) > 1 and value in options and keys:
            yield keys
        properties = part.get("properties")
        if is_mapping(value) and is_mapping(properties):
            for name, below in properties.items():
                if name in value:
                    yield from _enums(below, value[name], root, (*keys, name))
                elif _lists_texts(below, root):
                    yield (*keys, name)
        if is_list(value) and value and is_mapping(part.get("items")):
            yield from _enums(part["items"], value[0], root, (*keys, "0"))
