"""A right request with other values, so that what a write does not keep shows in each of its properties."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from assay_contracts import Operation
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.stored_properties import StoredProperties

from assay_conformance.body_plans import allows_body, put_value
from assay_conformance.evidence import Request
from assay_conformance.stored_values import is_kept, sent_object

_UNIT = re.compile(r"\d(?!\d)")


def changed_throughout(operation: Operation, request: Request, stored: StoredProperties, known: Sequence[Request]) -> Request | None:
    """The request with another value for each property that it stores, as far as the contract allows one; None where it allows none.

    Values of the other right requests come first, for they may be what no rule guesses: an option, or the name of something.
    """
    sent, found = sent_object(request, stored.sent), request
    others = [sent_object(item, stored.sent) for item in known]
    for name in sorted(stored.names & sent.keys()):
        here = [item[name] for item in others if item.get(name) is not None]
        for candidate in (*here, *_others(sent[name])):
            # A list that is emptied is not told from one that is kept in another order.
            if is_kept(candidate, sent[name]) or candidate in ("", [], {}):
                continue
            changed = with_object(found, stored, {**sent_object(found, stored.sent), name: candidate})
            if allows_body(operation, changed.body or ""):
                found = changed
                break
    return None if found is request else found


def with_object(request: Request, stored: StoredProperties, value: dict[str, object]) -> Request:
    """The request with another object where its properties are."""
    if not stored.sent:
        return dataclasses.replace(request, body=orjson.dumps(value).decode())
    body = orjson.loads(request.body or "{}")
    put_value(body, stored.sent, value)
    return dataclasses.replace(request, body=orjson.dumps(body).decode())


def _others(value: Any) -> Iterator[Any]:
    """Values of the same form."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)
    elif isinstance(value, str):
        if _UNIT.search(value):
            # Of a date this is another year, of a time another hour.
            yield _UNIT.sub(lambda digit: str((int(digit[0]) + 1) % 10), value, count=1)
        yield from (value + "x", value[:-1])
    elif is_mapping(value):
        for name, part in value.items():
            yield from ({**value, name: other} for other in _others(part))
    elif is_list(value):
        for index, part in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in _others(part))
