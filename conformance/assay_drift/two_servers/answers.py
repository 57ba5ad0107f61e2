"""What one server says to one question: its status, its body, and for a list all the pages that were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_conformance.body_values import at
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange
from assay_conformance.evidence.exchanges import NO_JSON
from assay_contracts.json_types import is_list
from assay_contracts.pointers import MISSING

from assay_drift.two_servers.sample import Question

_LONGEST_WAIT = 5
"""A server that wants more seconds than these is taken at its word: 429 is its answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `items` are the lists of all pages by pointer, `cut` whether more pages follow; `took` is in seconds a request."""

    status: int
    body: Any = None
    items: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    cut: bool = False
    took: tuple[float, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the status is one of the 2XX."""
        return 200 <= self.status < 300


async def reply(driven: DriverContext, question: Question, pages: int) -> Reply:
    """Ask a server; a list is followed for so many pages."""
    spec = question.operation.annotations.get("x-pagination")
    query = dict(question.query)
    exchanges: list[Exchange] = []
    items: list[Any] = []
    more = True
    while more and len(exchanges) < (pages if spec else 1):
        exchange = await _exchanged(driven, question, query)
        exchanges.append(exchange)
        if not spec or not exchange.answer.succeeded:
            more = False
            break
        found = at(exchange.answer.json, spec["items"])
        items += found if is_list(found) else []
        more = _turn(spec, query, exchange.answer.json, found)
    first, last = exchanges[0].answer, exchanges[-1].answer
    body = None if first.json is NO_JSON else first.json
    status = first.status if last.succeeded else last.status
    took = tuple(exchange.elapsed for exchange in exchanges if exchange.response is not None)
    return Reply(status, body, {spec["items"]: items} if spec and first.succeeded else {}, more and bool(spec), took)


async def _exchanged(driven: DriverContext, question: Question, query: Mapping[str, Any]) -> Exchange:
    """One request; a server that limits the rate is asked once more after the pause that it names."""
    exchange = await driven.wire.ask(question.operation, query, purpose="compare", tenant=question.tenant, expected="accepted")
    pause = exchange.answer.header("retry-after") if exchange.answer.status == 429 else None
    if pause is None or not pause.isdecimal() or int(pause) > _LONGEST_WAIT:
        return exchange
    await asyncio.sleep(int(pause))
    return await driven.wire.ask(question.operation, query, purpose="compare", tenant=question.tenant, expected="accepted")


def _turn(spec: Mapping[str, Any], query: dict[str, Any], body: Any, found: Any) -> bool:
    """Turn to the next page; False when there is none."""
    if spec["style"] == "cursor":
        mark = at(body, spec["cursor"]["next"])
        if not isinstance(mark, str):
            return False
        query[spec["cursor"]["parameter"]] = mark
        return True
    name, count = spec["offset"]["parameter"], len(found) if is_list(found) else 0
    query[name] = int(query.get(name) or 0) + count
    total = at(body, spec["offset"].get("total"))
    return count > 0 and (total is MISSING or not isinstance(total, int) or query[name] < total)
