"""`listFailures`: what failed, page by page."""

from __future__ import annotations

import time

from assay_server.errors import Refusal
from assay_server.faults import Switchboard
from assay_server.http.bodies import FailureBody, FailurePageBody, PageBody, encode
from assay_server.http.cursors import BadCursor, Cursors
from assay_server.http.handling import Asked, Reply
from assay_server.http.parameters import governed
from assay_server.store import FailurePosition, FailureQuery, Store


class FailureList:
    """Answers one page at a time."""

    def __init__(self, store: Store, cursors: Cursors, switchboard: Switchboard, schema_version: str) -> None:
        self._store = store
        self._cursors = cursors
        self._switchboard = switchboard
        self._schema_version = schema_version

    async def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        values, chosen = asked.values, asked.values["filter"]
        bound = (asked.tenant, values["sort"], chosen.get("errorClass", ""), chosen.get("component", ""))
        after, began = self._place(asked, bound)
        page = await self._store.failures(
            FailureQuery(asked.tenant, values["sort"], chosen.get("errorClass"), chosen.get("component"), values["pageSize"], after)
        )
        cursor = self._cursors.issue(page.position, bound, began) if page.has_more and page.position is not None else None
        body = FailurePageBody(
            self._schema_version,
            tuple(FailureBody.of(failure) for failure in page.items),
            PageBody(cursor, page.has_more, values["pageSize"]),
        )
        return Reply(encode(body))

    def _place(self, asked: Asked, bound: tuple[str, ...]) -> tuple[FailurePosition | None, float]:
        cursor = asked.values["cursor"]
        if cursor is None:
            return None, time.time()
        try:
            return self._cursors.open(cursor, bound, not_before=self._switchboard.cursors_from(asked.endpoint.id, asked.tenant))
        except BadCursor as error:
            operation = asked.endpoint.operation
            name = operation.annotations["x-pagination"]["cursor"]["parameter"]
            raise Refusal(governed(operation)[name], str(error), field=name) from None
