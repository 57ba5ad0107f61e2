"""Which promises some request to this very contract could show: no other is made.

A clause says with which properties of its own annotation it is promised (`when`). What depends on anything else is here, one line a
clause: a fault leaves the other operations alone only where there are others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assay_contracts import pointers
from assay_contracts.breakable import is_breakable
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.model import Channel, Operation, Promise
from assay_contracts.stored_properties import kept_properties, reader_of, stored_properties, tells_identity


@dataclass(frozen=True)
class Surroundings:
    """What stands around a clause: the operations and channels of its contract, and the annotations of its documents."""

    operations: tuple[Operation, ...]
    channels: tuple[Channel, ...]
    annotations: Mapping[str, Any]

    def operation(self, subject: str) -> Operation | None:
        """The operation that a clause is about; None when it is about anything else."""
        return self._by_id.get(subject)

    @cached_property
    def _by_id(self) -> Mapping[str, Operation]:
        return {item.id: item for item in reversed(self.operations)}

    @property
    def faults(self) -> list[Mapping[str, Any]]:
        """The faults of single operations."""
        taxonomy = self.annotations.get("x-error-taxonomy")
        found = taxonomy.get("faults") if is_mapping(taxonomy) else None
        return [item for item in found.values() if is_mapping(item) and item.get("scope") == "operation"] if is_mapping(found) else []


def is_showable(promise: Promise, around: Surroundings) -> bool:
    """Whether some request could show that a promise is kept or broken."""
    condition = _CONDITIONS.get(promise.clause.id)
    return condition is None or condition(promise.subject, around)


def _has_content(subject: str, around: Surroundings) -> bool:
    operation = around.operation(subject)
    return operation is None or any(
        response.content for status, response in operation.responses.items() if status.startswith("2") or _is_provoked(status, operation)
    )


def _is_provoked(status: str, operation: Operation) -> bool:
    """Whether a request brings about an error status without an annotation that says how."""
    if status in ("400", "422", "4XX"):
        return is_breakable(operation)
    if status == "401":
        return operation.secured
    if status == "404":
        return operation.method in ("GET", "HEAD") and "{" in operation.path
    return bool(operation.error_codes)


def _can_be_wrong(subject: str, around: Surroundings) -> bool:
    operation = around.operation(subject)
    return operation is None or is_breakable(operation) or operation.secured or bool(operation.error_codes)


def _can_be_missed(subject: str, around: Surroundings) -> bool:
    """Whether what an operation deletes can be read, and the contract says that it may not be there."""
    operation = around.operation(subject)
    readers = [item for item in around.operations if operation is not None and item.method == "GET" and item.path == operation.path]
    return any(status in item.responses for item in readers for status in ("404", "410", "4XX"))


def _is_stored(subject: str, around: Surroundings) -> bool:
    """Whether what an operation sends can be read afterwards, property by property."""
    operation = around.operation(subject)
    reader = reader_of(operation, around.operations) if operation is not None else None
    if operation is None or reader is None or stored_properties(operation, reader) is None:
        return False
    return operation.method != "POST" or tells_identity(operation, reader)


def _leaves_properties(subject: str, around: Surroundings) -> bool:
    """Whether a change of a thing can leave properties out that stay as they are."""
    operation = around.operation(subject)
    return operation is not None and bool(kept_properties(operation, around.operations))


def _knows_subjects(subject: str, around: Surroundings) -> bool:
    """Whether two subjects can send a request of the operation: one that needs no credential knows none."""
    operation = around.operation(subject)
    return operation is None or operation.secured


def _has_scopes(subject: str, around: Surroundings) -> bool:
    """Whether a key of the operation can be used in another scope."""
    operation = around.operation(subject)
    idempotency = operation.annotations.get("x-idempotency") if operation is not None else None
    scope = idempotency.get("scope") if is_mapping(idempotency) else None
    if operation is None or not is_list(scope):
        return True
    others = sum("x-idempotency" in item.annotations for item in around.operations) > 1
    return (operation.secured and bool({"subject", "tenant"} & set(scope))) or ("operation" in scope and others)


def _forgets_failures(subject: str, around: Surroundings) -> bool:
    """Whether some result of the operation is not stored under its key."""
    operation = around.operation(subject)
    idempotency = operation.annotations.get("x-idempotency") if operation is not None else None
    return is_mapping(idempotency) and idempotency.get("stores") == "success"


def _can_be_read(subject: str, around: Surroundings) -> bool:
    return any(item.method == "GET" for item in around.operations)


def _chooses_numbers(subject: str, around: Surroundings) -> bool:
    """Whether a request can choose what is counted, and so reach a number that is zero: a tenant, a window, a filter, or an open value."""
    operation = around.operation(subject)
    if operation is None or {"x-tenancy", "x-window", "x-filter"} & set(operation.annotations):
        return True
    return any(item.location in ("path", "query") and not _is_listed(item.schema) for item in operation.parameters)


def _is_listed(schema: Mapping[str, Any]) -> bool:
    """Whether a schema lists its values."""
    reference = schema.get("$ref")
    shape = pointers.follow(schema, reference) if isinstance(reference, str) else schema
    return is_mapping(shape) and bool({"enum", "const"} & set(shape))


def _has_siblings(subject: str, around: Surroundings) -> bool:
    return bool(around.faults) and sum(item.method == "GET" for item in around.operations) > 1


def _has_faults(subject: str, around: Surroundings) -> bool:
    return bool(around.faults) and any(item.method == "GET" for item in around.operations)


def _has_tenants(subject: str, around: Surroundings) -> bool:
    operation = around.operation(subject)
    return operation is None or "x-tenancy" in operation.annotations


def _binds_cursors(subject: str, around: Surroundings) -> bool:
    """Whether a cursor is bound to something that a request can change: the tenant, the order, the filter, or a parameter."""
    operation = around.operation(subject)
    if operation is None:
        return True
    pagination = operation.annotations.get("x-pagination")
    cursor = pagination.get("cursor") if is_mapping(pagination) else None
    bound = cursor.get("binds") if is_mapping(cursor) else None
    return is_list(bound) and any(item.name in bound for item in operation.parameters)


def _counts_sent_values(subject: str, around: Surroundings) -> bool:
    """Whether a percentile has both: operations that receive its values in a body, and the number of its values."""
    operation = around.operation(subject)
    declared = operation.annotations.get("x-percentile") if operation is not None and operation.method == "GET" else None
    for rule in declared if is_list(declared) else ():
        values = rule.get("values") if is_mapping(rule) and "count" in rule else None
        for source in values if is_list(values) else (values,):
            receiver = around.operation(str(source.get("operation"))) if is_mapping(source) else None
            if receiver is not None and receiver.request_body is not None:
                return True
    return False


def _forbids_storing(subject: str, around: Surroundings) -> bool:
    """Whether some error of the contract is declared with the header that a cache rule stands in."""
    return any(
        name.lower() == "cache-control"
        for operation in around.operations
        for status, response in operation.responses.items()
        if not status.startswith(("2", "3"))
        for name in response.headers
    )


_CONDITIONS: dict[str, Callable[[str, Surroundings], bool]] = {
    "OP-003": _has_content,
    "OP-006": _can_be_wrong,
    "OP-011": _can_be_missed,
    "OP-012": _is_stored,
    "OP-013": _leaves_properties,
    "OP-014": _is_stored,
    "ERR-006": _forbids_storing,
    "DER-002": _chooses_numbers,
    "FLT-001": _has_faults,
    "FLT-002": _has_siblings,
    "FLT-003": _has_faults,
    "FLT-004": _has_faults,
    "IDE-003": _can_be_read,
    "IDE-004": _knows_subjects,
    "IDE-009": _forgets_failures,
    "IDE-010": _has_scopes,
    "JOB-009": _knows_subjects,
    "JOB-010": _knows_subjects,
    "PAG-008": _binds_cursors,
    "PAG-012": _has_tenants,
    "PCT-001": _counts_sent_values,
    "RAT-003": _knows_subjects,
}
"""What a clause needs besides its own annotation, by id."""
