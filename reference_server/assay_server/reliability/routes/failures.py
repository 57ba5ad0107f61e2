"""`listFailures`: what failed, page by page."""

from __future__ import annotations

import time
from datetime import datetime

from assay_server.faults import Switchboard
from assay_server.http.calls import Call
from assay_server.http.cursors import BadCursor, Cursors
from assay_server.http.errors import Refusal
from assay_server.http.parameters import governed
from assay_server.http.replies import Reply
from assay_server.reliability.bodies import FailureBody, FailurePageBody, PageBody, encode
from assay_server.reliability.store import FailurePosition, FailureQuery, Store

PositionKeys = tuple[datetime, str, str]
"""Event time, error class and event id of the last failure of a page."""

_FILTERS = ("errorClass", "component", "channel", "retryOutcome")


class FailureList:
    """Answers one page at a time; `later` is whether the contract that is served has the properties since version 1.1."""

    def __init__(self, store: Store, cursors: Cursors[PositionKeys], switchboard: Switchboard, *, later: bool = True) -> None:
        self._store = store
        self._cursors = cursors
        self._switchboard = switchboard
        self._later = later

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        values, chosen = call.values, call.values["filter"]
        start, end = values.get("from"), values.get("to")
        bound = (call.tenant, values["sort"], *(chosen.get(name, "") for name in _FILTERS), str(start), str(end))
        after, began = self._place(call, bound)
        page = await self._store.failures(
            FailureQuery(
                call.tenant,
                values["sort"],
                chosen.get("errorClass"),
                chosen.get("component"),
                values["pageSize"],
                after,
                chosen.get("channel"),
                chosen.get("retryOutcome"),
                start,
                end,
            )
        )
        cursor, last = None, page.position
        if page.has_more and last is not None:
            cursor = self._cursors.issue((last.event_time, last.error_class, last.event_id), bound, began)
        body = FailurePageBody(
            call.schema_version,
            tuple(FailureBody.of(failure, later=self._later) for failure in page.items),
            PageBody(cursor, page.has_more, values["pageSize"]),
        )
        return Reply(encode(body))

    def _place(self, call: Call, bound: tuple[str, ...]) -> tuple[FailurePosition | None, float]:
        cursor = call.values["cursor"]
        if cursor is None:
            return None, time.time()
        try:
            keys, began = self._cursors.open(cursor, bound, not_before=self._switchboard.cursors_from(call.endpoint.id, call.tenant))
        except BadCursor as error:
            operation = call.endpoint.operation
            name = operation.annotations["x-pagination"]["cursor"]["parameter"]
            raise Refusal(governed(operation)[name], str(error), field=name) from None
        return FailurePosition(*keys), began
