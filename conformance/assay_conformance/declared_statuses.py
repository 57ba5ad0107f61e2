"""Which of the statuses that an operation declares some request can bring about.

A document may list whatever could ever happen: 409, 429, 500, 503. Without an annotation that says how, nobody can bring these about from
outside, so they are no part of what is shown. Of statuses that mean the same here, such as 400 and 422, one is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts import Contract, Operation, Parameter
from assay_contracts.breakable import is_breakable

from assay_conformance.schema_kinds import resolved

REJECTED = ("400", "422", "4XX")
MALFORMED = (400, 422)
"""What a server may answer to a name of a form that its schema does not tell, before anybody looks for it."""


def reachable_statuses(operation: Operation, contract: Contract) -> tuple[tuple[str, ...], ...]:
    """Groups of declared statuses, of each of which one must be seen."""
    by_code = _statuses_of_codes(operation, contract)
    groups = [
        tuple(status for status in operation.responses if status.startswith("2")),
        *((status,) for status in operation.responses if status in by_code),
        *_by_request(operation),
    ]
    return tuple(dict.fromkeys(group for group in groups if group and not (set(group) & by_code and len(group) > 1)))


def open_parameter(operation: Operation) -> Parameter | None:
    """The last parameter of the path, unless the contract enumerates its values."""
    last = next((item for item in reversed(operation.parameters) if item.location == "path"), None)
    return None if last is None or {"enum", "const"} & set(resolved(last.schema)) else last


def _by_request(operation: Operation) -> Iterator[tuple[str, ...]]:
    declared = operation.responses
    if operation.annotations.get("x-cache", {}).get("etag") and "304" in declared:
        yield ("304",)
    if is_breakable(operation):
        yield tuple(status for status in REJECTED if status in declared)
    if operation.secured:
        yield tuple(status for status in ("401",) if status in declared)
        if operation.scopes or "x-tenancy" in operation.annotations:
            yield tuple(status for status in ("403",) if status in declared)
    if operation.method in ("GET", "HEAD") and open_parameter(operation) is not None:
        yield tuple(status for status in ("404", "410") if status in declared)


def _statuses_of_codes(operation: Operation, contract: Contract) -> frozenset[str]:
    """The statuses of the declared codes; the taxonomy says how each is brought about."""
    if contract.taxonomy is None:
        return frozenset()
    known = contract.taxonomy.codes
    return frozenset(str(known[code].status) for code in operation.error_codes if code in known)
