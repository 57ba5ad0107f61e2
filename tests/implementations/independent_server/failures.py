"""The failures, page by page; a cursor is a number drawn by lot that only this server can read."""

from __future__ import annotations

import datetime as dt
import random
import secrets
from dataclasses import dataclass, field
from typing import Any

from .asking import Request
from .funnel import Wrong
from .refusing import Refused
from .rendering import stamp
from .world import COMPONENTS, ERRORS, Event, Tenant

SORTS = ("eventTime:desc", "eventTime:asc", "errorClass:asc")
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What a cursor stands for."""

    bound: tuple[Any, ...]
    key: Key
    passed: int


@dataclass(slots=True)
class Cursors:
    """Every cursor that was given out and still holds."""

    places: dict[str, Place] = field(default_factory=dict[str, Place])
    used: set[str] = field(default_factory=set[str])

    def issue(self, place: Place) -> str:
        """A new cursor, another one each time."""
        cursor = f"~{secrets.token_urlsafe(15)}~"
        self.places[cursor] = place
        return cursor

    def expire(self) -> None:
        """Forget every cursor issued so far."""
        self.places.clear()


def rank(event: Event, sort: str, wrong: Wrong) -> Key:
    """What an event is compared by; smaller comes first."""
    at: Any = event.at
    if sort == "errorClass:asc":
        if wrong("classes-stand-in-the-order-of-the-enum"):
            return (ERRORS.index(event.error or ""), event.id)
        return (event.error, event.id)
    if wrong("times-are-compared-as-text"):
        at = stamp(event.at)
        return (at if sort == "eventTime:asc" else (*(-ord(char) for char in at), 1), event.id)
    if wrong("times-are-compared-to-the-second"):
        at = event.at.replace(microsecond=0)
    reach = (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1)
    if sort == "eventTime:asc":
        return (reach, event.id)
    return (-reach, event.id)


def page(tenant: Tenant, request: Request, cursors: Cursors, wrong: Wrong, tenants: dict[str, Tenant]) -> dict[str, Any]:
    """One page of the failures."""
    sort = request.one("sort", "INVALID_SORT")
    if wrong("sorts-are-read-without-case") and sort:
        sort = {one.lower(): one for one in SORTS}.get(sort.lower(), sort)
    if sort is not None and sort not in SORTS and not wrong("an-unknown-sort-is-ignored"):
        raise Refused("INVALID_SORT", "there is no such order", field="sort")
    order = sort if sort in SORTS else "eventTime:desc"
    size = read_size(request, wrong)
    chosen = request.chosen({"errorClass": ERRORS, "component": COMPONENTS})
    place = opened(request, cursors, (tenant.name, order, tuple(sorted(chosen.items()))), wrong)
    if place and wrong("a-cursor-opens-its-own-tenant"):
        tenant = tenants[place.bound[0]]
    if place and wrong("a-filter-holds-for-the-first-page"):
        chosen = {}
    found = [event for event in tenant.events if event.failed]
    if wrong("old-failures-are-in-one-order-only") and order == "errorClass:asc":
        found = [event for event in found if event.at > dt.datetime.now(dt.UTC) - dt.timedelta(days=10)]
    keys = {event.id: rank(event, order, wrong) for event in found}
    if wrong("ties-fall-by-chance"):
        keys = {name: (*key[:-1], random.random()) for name, key in keys.items()}
    if sort is None and wrong("without-a-sort-the-order-is-of-arrival"):
        keys = {event.id: (number,) for number, event in enumerate(found)}
    found.sort(key=lambda event: keys[event.id])
    if not wrong("filters-come-after-the-limit"):
        found = [event for event in found if matches(event, chosen, wrong)]
    if place and found and type(place.key[0]) is type(keys[found[0].id][0]):
        if wrong("a-cursor-counts-items"):
            found = found[place.passed :]
        elif wrong("a-cursor-skips-what-came-with-its-item"):
            found = [event for event in found if keys[event.id][:-1] > place.key[:-1]]
        elif wrong("a-cursor-repeats-what-came-with-its-item"):
            found = [event for event in found if keys[event.id][:-1] >= place.key[:-1] and keys[event.id] != place.key]
        else:
            found = [event for event in found if keys[event.id] > place.key]
    limit = size + 1 if wrong("the-default-page-has-one-more") and "pageSize" not in request.parameters else size
    first_rows, rest = found[:limit], found[limit:]
    if wrong("filters-come-after-the-limit"):
        first_rows = [event for event in first_rows if matches(event, chosen, wrong)] or first_rows[:0]
    more = len(first_rows) == limit if wrong("a-full-page-has-another-after-it") else bool(rest)
    mark = None
    if more and found:
        last = found[:limit][-1]
        mark = cursors.issue(
            Place((tenant.name, order, tuple(sorted(chosen.items()))), keys[last.id], (place.passed if place else 0) + limit)
        )
    return {
        "schemaVersion": "1.0.42",
        "items": [
            {
                "eventId": event.id,
                "eventTime": stamp(event.at),
                "component": event.component,
                "errorClass": event.error,
                "tenantId": tenant.name,
                "correlationId": event.journey,
                "kind": event.kind,
            }
            for event in first_rows
        ],
        "page": {"cursor": mark, "hasMore": more, "pageSize": size},
    }


def read_size(request: Request, wrong: Wrong) -> int:
    """The size of the page."""
    given = request.one("pageSize", "INVALID_PAGE_SIZE")
    if given is None:
        return 50
    digits = given.isascii() and given.isdigit()
    size = int(given) if digits and len(given) < 9 else 0
    if wrong("sizes-beyond-the-bounds-are-clamped") and digits:
        return max(1, min(size, 200))
    if wrong("a-size-of-nothing-is-the-default") and size == 0:
        return 50
    if wrong("a-size-of-thousands-is-clamped") and size > 1000:
        return 200
    if wrong("the-largest-size-is-refused") and size == 200:
        size = 0
    if not 1 <= size <= 200:
        raise Refused("INVALID_PAGE_SIZE", "1 to 200 items make a page", field="pageSize")
    return size


def opened(request: Request, cursors: Cursors, bound: tuple[Any, ...], wrong: Wrong) -> Place | None:
    """Where the page starts."""
    cursor = request.one("cursor", "INVALID_CURSOR")
    if cursor is None or (cursor == "" and wrong("an-empty-cursor-is-ignored")):
        return None
    place = cursors.places.get(cursor)
    if place is None and wrong("a-cursor-may-lack-its-end"):
        place = next((found for name, found in cursors.places.items() if name.startswith(cursor[:12])), None)
    if wrong("a-cursor-opens-once") and cursor in cursors.used:
        place = None
    cursors.used.add(cursor)
    if place is None:
        if wrong("an-unknown-cursor-starts-afresh"):
            return None
        raise Refused("INVALID_CURSOR", "this mark leads nowhere", field="cursor")
    free = {
        "a-cursor-of-another-tenant-opens": 0,
        "a-cursor-opens-its-own-tenant": 0,
        "a-cursor-of-another-order-opens": 1,
        "a-cursor-of-another-filter-opens": 2,
    }
    for position, (mine, other) in enumerate(zip(place.bound, bound, strict=True)):
        if mine != other and not any(wrong(name) and at == position for name, at in free.items()):
            raise Refused("INVALID_CURSOR", "this mark is for another list", field="cursor")
    return place


def matches(event: Event, chosen: dict[str, str], wrong: Wrong) -> bool:
    """Whether the failure carries the values that were asked for."""
    values = {"errorClass": event.error, "component": event.component}
    found = [values[name] == value for name, value in chosen.items()]
    if wrong("two-filters-of-a-list-give-what-either-allows") and found:
        return any(found)
    if wrong("the-second-filter-is-forgotten"):
        found = found[:1]
    return all(found)
