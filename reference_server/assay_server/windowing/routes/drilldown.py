"""`getDrilldown`: the entries behind a number, page by page, all pages as of the moment of the first."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from assay_server.faults import Switchboard
from assay_server.http.calls import Call
from assay_server.http.cursors import BadCursor, Cursors
from assay_server.http.errors import Refusal
from assay_server.http.parameters import governed
from assay_server.http.replies import Reply
from assay_server.windowing.bodies import EntryPageBody, MetaBody, PlaceBody, encode
from assay_server.windowing.drilldowns import Metric
from assay_server.windowing.spans import Window
from assay_server.windowing.store import REMEMBERED, Answered, EventStore, Page, Place, Question

from .questions import question_of, refusing

Keys = tuple[str, int, int, datetime, int, str]
"""The window, the moment that the numbers are of, and value and key of the last entry of a page."""

_SLOW_SECONDS = 0.3


class DrilldownRoute:
    """Answers one page at a time."""

    def __init__(self, store: EventStore, cursors: Cursors[Keys], switchboard: Switchboard) -> None:
        self._store = store
        self._cursors = cursors
        self._switchboard = switchboard

    async def answer(self, call: Call) -> Reply:
        """Answer one request."""
        values = call.values
        metric = Metric(call.path["metric"])
        sort = "key:asc" if metric is Metric.TIMELINE and "sort" not in call.given else values["sort"]
        question = question_of(call, values["asOf"])
        bound = [question.target, metric.value, str(values["interval"]), str(values["startTs"]), str(values["endTs"])]
        bound += [str(values["asOf"]), sort]
        name, place, began = question.interval or "custom", None, time.time()
        if values["cursor"] is not None:
            (name, start, end, as_of, value, key), began = self._open(call, bound)
            question, place = Question(question.target, None, start, end, as_of), Place(value, key)
        else:
            _check_moment(values["asOf"])
        slow = "store-slow" in call.faults
        if slow:
            await asyncio.sleep(_SLOW_SECONDS)
        with refusing(call):
            found = await self._store.entries(question, Page(metric, sort, values["pageSize"], place))
        window = found.answered.window
        answered = Answered(Window(name, window.start, window.end), found.answered.freshness, found.answered.coarser)
        cursor = None
        if found.has_more:
            last = found.entries[-1]
            keys = (name, window.start, window.end, answered.freshness.delta_as_of, last.value, last.key)
            cursor = self._cursors.issue(keys, bound, began)
        meta = MetaBody.of(question.target, answered, slow=slow)
        body = EntryPageBody.of(call.schema_version, metric.value, found, PlaceBody(cursor, found.has_more, values["pageSize"]), meta)
        return Reply(encode(body))

    def _open(self, call: Call, bound: list[str]) -> tuple[Keys, float]:
        try:
            expired = self._switchboard.cursors_from(call.endpoint.id, call.tenant)
            return self._cursors.open(call.values["cursor"], bound, not_before=expired)
        except BadCursor as error:
            operation = call.endpoint.operation
            name = operation.annotations["x-pagination"]["cursor"]["parameter"]
            raise Refusal(governed(operation)[name], str(error), field=name) from None


def _check_moment(as_of: datetime | None) -> None:
    """Raise Refusal for a moment that is not remembered, or not yet there."""
    if as_of is None:
        return
    now = datetime.now(UTC)
    if not now - REMEMBERED <= as_of <= now + timedelta(seconds=1):
        minutes = int(REMEMBERED.total_seconds() // 60)
        raise Refusal("INVALID_PARAMETER", f"asOf must be a deltaAsOf of the last {minutes} minutes", field="asOf")
