"""The list of failures, page by page, by the keys of the last one read."""

from __future__ import annotations

from typing import Any

from assay_server.postgres.connections import Connections

from .values import Failure, FailurePage, FailurePosition, FailureQuery, FailureSort, outcomes_of

_ORDERS: dict[FailureSort, tuple[str, str]] = {
    # sort: (order, what comes after a position)
    "eventTime:desc": (
        "event_time desc, event_id",
        "event_time <= %(time)s and (event_time < %(time)s or event_id > %(event_id)s)",
    ),
    "eventTime:asc": ("event_time, event_id", "(event_time, event_id) > (%(time)s, %(event_id)s)"),
    "errorClass:asc": ("error_class, event_id", "(error_class, event_id) > (%(class)s, %(event_id)s)"),
}

_COLUMNS = (
    "event_id, event_time, component, error_class, correlation_id, channel, case retry_outcome when '' then 'none' else retry_outcome end"
)


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
        items = tuple(Failure(row[0], row[1], row[2], row[3], query.tenant_id, *row[4:]) for row in rows[: query.limit])
        last = items[-1] if items else None
        position = FailurePosition(last.event_time, last.error_class, last.event_id) if last else None
        return FailurePage(items, position, len(rows) > query.limit)

    async def count(self, query: FailureQuery, at_most: int) -> int:
        """Count the failures of a query, up to a bound."""
        conditions, parameters = _conditions(query)
        statement = f"select count(*) from (select from facts where {' and '.join(conditions)} limit %(limit)s) as found"  # noqa: S608
        async with self._connections.read() as connection:
            row = await (await connection.execute(statement.encode(), {**parameters, "limit": at_most})).fetchone()
        return int(row[0]) if row else 0


def _statement(query: FailureQuery) -> tuple[bytes, dict[str, Any]]:
    order, after = _ORDERS[query.sort]
    conditions, parameters = _conditions(query)
    if query.after is not None:
        conditions.append(after)
        parameters |= {"time": query.after.event_time, "class": query.after.error_class, "event_id": query.after.event_id}
    parameters["limit"] = query.limit + 1
    return f"select {_COLUMNS} from facts where {' and '.join(conditions)} order by {order} limit %(limit)s".encode(), parameters  # noqa: S608


def _conditions(query: FailureQuery) -> tuple[list[str], dict[str, Any]]:
    # The event types stand here as literals because the partial indexes are defined by them.
    conditions = ["tenant_id = %(tenant)s", "event_type in ('validation_failed', 'async_failure')"]
    parameters: dict[str, Any] = {"tenant": query.tenant_id}
    for column, value in (("error_class", query.error_class), ("component", query.component), ("channel", query.channel)):
        if value is not None:
            conditions.append(f"{column} = %({column})s")
            parameters[column] = value
    if query.retry_outcome is not None:
        conditions.append("retry_outcome = any(%(outcomes)s)")
        parameters["outcomes"] = outcomes_of(query.retry_outcome)
    if query.start is not None:
        conditions.append("event_time >= %(start)s")
        parameters["start"] = query.start
    if query.end is not None:
        conditions.append("event_time < %(end)s")
        parameters["end"] = query.end
    return conditions, parameters
