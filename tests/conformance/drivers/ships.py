"""The ships of the harbour and their visits: operations with annotations, and answers that honor them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from .harbour import Call, Reply, query_parameter

SHIPS = [
    {"name": f"ship-{number:02}", "flag": "blue" if number % 3 else "red", "load": ("coal", "corn", "salt")[number % 3 % 2 + number % 2]}
    for number in range(12)
]
PAGES = {
    "style": "cursor", "items": "/ships", "identity": "name", "cursor": {"parameter": "after", "next": "/next"},
    "size": {"parameter": "limit", "default": 5, "minimum": 2, "maximum": 10},
}  # fmt: skip
ORDER = {
    "parameter": "sort", "items": "/ships", "default": "up", "invalid": "BAD_SORT",
    "orders": {way: {"by": "name", "type": "string", "direction": direction} for way, direction in (("up", "asc"), ("down", "desc"))},
}  # fmt: skip
FILTER = {
    "parameter": "where", "items": "/ships", "invalid": "BAD_WHERE",
    "fields": {"flag": {"values": ["blue", "red"], "selects": "flag"}, "load": {"values": ["coal", "corn", "salt"], "selects": "load"}},
}  # fmt: skip
TENANCY = {"parameter": "quay", "forbidden": "NOT_YOURS"}
LIST_PARAMETERS = (
    query_parameter("after"),
    query_parameter("limit", type="integer"),
    query_parameter("sort"),
    {"name": "where", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
)

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
WINDOW_FIXTURE = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
VISITS = tuple(START + dt.timedelta(minutes=37 * number, milliseconds=250) for number in range(30))
WINDOW = {"from": "since", "to": "until", "type": "date-time", "additive": ["/visits"], "longest": "P2D", "invalid": "BAD_SPAN"}
SERIES = {"at": "/hours", "start": "from", "parameter": "step", "steps": {"hour": "PT1H"}}
WINDOW_PARAMETERS = tuple(query_parameter(name, required=True, format="date-time") for name in ("since", "until"))


def list_ships(call: Call) -> Reply:
    """A page of the ships, filtered, in their order; a tag of its own for each tenant."""
    chosen = [ship for ship in SHIPS if all(call.query.get(f"where[{name}]", value) == value for name, value in ship.items())]
    if call.query.get("quay", "").startswith("empty"):
        chosen = []
    if call.query.get("sort") == "down":
        chosen = chosen[::-1]
    start, size = int(call.query.get("after", 0)), int(call.query.get("limit", 5))
    following = str(start + size) if start + size < len(chosen) else None
    return Reply({"ships": chosen[start : start + size], "next": following}, headers={"ETag": f'"{call.query.get("quay")}"'})


def count_visits(call: Call) -> Reply:
    """How many visits are in a window, and in each whole hour of it."""
    try:
        start, end = (dt.datetime.fromisoformat(call.query[name]) for name in ("since", "until"))
    except (KeyError, ValueError):
        return Reply({"code": "BAD_SPAN"}, 400)
    body: dict[str, Any] = {"visits": len([visit for visit in VISITS if start <= visit < end])}
    if call.query.get("step") == "hour":
        first = start.replace(minute=0, second=0, microsecond=0)
        hours = range(-(-(end - first) // dt.timedelta(hours=1)))
        body["hours"] = [{"from": (first + dt.timedelta(hours=hour)).isoformat()} for hour in hours]
    return Reply(body)
