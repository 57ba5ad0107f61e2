"""The list of failures, page by page, by the keys of the last one read."""

from __future__ import annotations

from typing import Any

from assay_server.postgres.connections import Connections

from .values import Failure, FailurePage, FailurePosition, FailureQuery, FailureSort

_ORDERS: dict[FailureSort, tuple[str, str, str]] = {
    # sort: (order, comparison with the position, keys)
    "eventTime:desc": ("event_time desc, event_id desc", "<", "event_time, event_id"),
    "eventTime:asc": ("event_time, event_id", ">", "event_time, event_id"),
    "errorClass:asc": ("error_class, event_id", ">", "error_class, event_id"),
}


class Failures:
    """Lists failures."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def page(self, query: FailureQuery) -> FailurePage:
        """Return one page; a walk by `position` gives each failure once, even while facts come in."""
        statement, parameters = _statement(query)
        async with self._connections.read() as connection:
            cursor = await connection.execute(statement, parameters, binary=True)
            rows = await cursor.fetchall()
        items = tuple(Failure(row[0], row[1], row[2], row[3], query.tenant_id, row[4]) for row in rows[: query.limit])
        last = items[-1] if items else None
        position = FailurePosition(last.event_time, last.error_class, last.event_id) if last else None
        return FailurePage(items, position, len(rows) > query.limit)


def _statement(query: FailureQuery) -> tuple[bytes, dict[str, Any]]:
    order, comparison, keys = _ORDERS[query.sort]
    # The event types stand here as literals because the partial indexes are defined by them.
    conditions = ["tenant_id = %(tenant)s", "event_type in ('validation_failed', 'async_failure')"]
    parameters: dict[str, Any] = {"tenant": query.tenant_id, "limit": query.limit + 1}
    if query.error_class is not None:
        conditions.append("error_class = %(error)s")
        parameters["error"] = query.error_class
    if query.component is not None:
        conditions.append("component = %(component)s")
        parameters["component"] = query.component
    if query.after is not None:
        conditions.append(f"({keys}) {comparison} (%(first)s, %(event_id)s)")
        by_error = query.sort == "errorClass:asc"
        parameters["first"] = query.after.error_class if by_error else query.after.event_time
        parameters["event_id"] = query.after.event_id
    statement = (
        "select event_id, event_time, component, error_class, correlation_id from facts "  # noqa: S608
        f"where {' and '.join(conditions)} order by {order} limit %(limit)s"
    )
    return statement.encode(), parameters
