"""Sends known values, and reads the percentile of which they are a part before and after."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from assay_contracts import Operation, pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.body_plans import allows_body, put_value, renewed, right_requests
from assay_conformance.body_values import duration
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Request, SentValues
from assay_conformance.percentile_terms import Source, Stated, beside, is_recomputable, sources_of, stated_percentiles
from assay_conformance.request_plans import annotated, needed_headers, wide_query

MOST_ITEMS = 2
MOST_VALUES = 120
LONGEST_SECONDS = 60.0
SHORTEST_SECONDS = 20.0
PAUSE_SECONDS = 0.5
SECOND = 1_000_000
STEPS = 50
"""Values follow each other by this part of the first, so that the percentile is known to a few per cent though not all values are."""


async def drive_changing(context: DriverContext) -> None:
    """Each percentile whose values an operation of the contract receives."""
    for operation, rules in annotated(context.contract, "x-percentile"):
        for place, rule in enumerate(rules):
            if is_recomputable(rule):
                await _Sending(context, operation, place, rule).drive()


@dataclass(frozen=True, slots=True)
class _Sending:
    """The values of one percentile: how they are sent, and how it is read."""

    context: DriverContext
    operation: Operation
    place: int
    rule: Mapping[str, Any]

    async def drive(self) -> None:
        """Send values for the first and the last item of the response."""
        found = list(stated_percentiles(self.rule, (await self._ask("percentiles")).answer.json))
        for key in dict.fromkeys((*found[: MOST_ITEMS - 1], *found[-1:])):
            await self._drive_one(key)

    async def _drive_one(self, key: object) -> None:
        before = await self._ask("percentiles before values are sent")
        stated = stated_percentiles(self.rule, before.answer.json).get(key)
        if stated is None or stated.count is None:
            return
        sent = [await self._send(*item) for item in self._requests(stated)]
        accepted = tuple(item for item in sent if item.answer.succeeded)
        if not accepted:
            return
        expected = stated.count + sum(len(values) for values in self._received(stated, accepted))
        self.context.journal.add(
            SentValues(
                id=self.context.journal.name("sent-values-"),
                subject=self.operation.id,
                purpose="known values, and the percentile before and after",
                rule=self.place,
                before=before,
                accepted=accepted,
                after=await self._counted(key, expected),
            )
        )

    def _requests(self, stated: Stated) -> list[tuple[Operation, Request]]:
        """Requests with one known value or more each, in turn by every source."""
        operations = {item.id: item for item in self.context.contract.operations}
        plans = [
            _Plan(self.context, operations[source.operation], source, stated)
            for source in sources_of(self.rule)
            if source.operation in operations
        ]
        found: list[tuple[Operation, Request]] = []
        for values in _series(stated, float(self.rule["rank"])):
            remaining = list(values)
            for plan in _in_turn([plan for plan in plans if plan.template(values) is not None]):
                request = plan.request(remaining) if remaining else None
                if request is None:
                    break
                found.append((plan.operation, renewed(self.context, plan.operation, request)))
            if found:
                break
        return found

    def _received(self, stated: Stated, accepted: Sequence[Exchange]) -> Iterator[list[float]]:
        for source in sources_of(self.rule):
            for exchange in accepted:
                if exchange.subject == source.operation:
                    yield source.values(stated.item, orjson.loads(exchange.request.body or "null"))

    async def _send(self, operation: Operation, request: Request) -> Exchange:
        return await self.context.send(operation.id, request, purpose="a value of a percentile", expected="accepted")

    async def _counted(self, key: object, expected: int) -> Exchange:
        """The percentiles once all values are counted, or when that takes too long."""
        began = self.context.journal.now()
        while True:
            answer = await self._ask("percentiles after values were sent")
            now = stated_percentiles(self.rule, answer.answer.json).get(key)
            if (now is not None and now.count is not None and now.count >= expected) or self.context.journal.now() - began > self._longest:
                return answer
            await asyncio.sleep(PAUSE_SECONDS)

    @property
    def _longest(self) -> float:
        """Seconds after which values must be counted: the lag and the age that the contract allows."""
        annotations = self.operation.annotations
        lag = annotations.get("x-freshness", {}).get("deltaLag")
        kept = float(annotations.get("x-cache", {}).get("maxAge", {}).get("maximum", 0))
        return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, duration(lag) / SECOND if lag else 0.0) + kept)

    async def _ask(self, purpose: str) -> Exchange:
        headers = needed_headers(self.context, self.operation)
        return await self.context.wire.ask(self.operation, wide_query(self.context, self.operation), headers=headers, purpose=purpose)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How values of one item are written into the requests of one source."""

    context: DriverContext
    operation: Operation
    source: Source
    stated: Stated

    def template(self, values: Sequence[int]) -> Request | None:
        """A request that can carry the least and the greatest of the values; None where no request can."""
        for request in right_requests(self.context, self.operation):
            if all(self._filled(request, [value]) is not None for value in (min(values), max(values))):
                return request
        return None

    def request(self, values: list[int]) -> Request | None:
        """A request with as many of the values as it has places; they are taken from the list."""
        template = self.template(values)
        return None if template is None else self._filled(template, values)

    def _filled(self, request: Request, values: list[int]) -> Request | None:
        for body in _bodies(request, self.source):
            remaining = list(values)
            self._write(body, remaining)
            text = orjson.dumps(body).decode()
            if len(remaining) < len(values) and self.source.values(self.stated.item, body) and allows_body(self.operation, text):
                values[:] = remaining
                return dataclasses.replace(request, body=text)
        return None

    def _write(self, body: Any, values: list[int]) -> None:
        place = self.source.place(self.stated.item)
        if place is None:
            return
        for here in [found for found, _ in pointers.matches(body, place)] or [place]:
            if not values or "*" in pointers.split(here):
                return
            put_value(body, here, values.pop(0))
            for name, other in self.source.by:
                put_value(body, beside(here, self.source.at, other), self.stated.item.get(name))


def _bodies(request: Request, source: Source) -> Iterator[Any]:
    """The body of a request, and the same with nothing but the value where the value stands."""
    text = request.body or "null"
    above = pointers.join(*pointers.split(source.at)[:-1])
    body = orjson.loads(text)
    yield orjson.loads(text)
    if is_mapping(body) and above and "*" not in pointers.split(above):
        put_value(body, above, {})
        yield body


def _series(stated: Stated, rank: float) -> Iterator[list[int]]:
    """Values to try: above the percentile, so many that it moves into them; then lower ones, where the contract allows no such."""
    count, share = stated.count or 0, rank / 100
    beyond = math.ceil(1 / (1 - share)) + 3 if share < 1 else 2  # so many that some values lie above the percentile
    number = min(MOST_VALUES, max(beyond, 2 * math.ceil(((1 - share) * count + 1) / share)))
    known = stated.value if isinstance(stated.value, int | float) and not isinstance(stated.value, bool) else 0
    top = max(STEPS, math.ceil(2 * abs(known)))
    for first in (top, math.ceil(abs(known)), math.ceil(abs(known) / 4), 1):
        step = max(1, first // STEPS)
        yield [first + step * place for place in range(number)]


def _in_turn(plans: list[_Plan]) -> Iterator[_Plan]:
    while plans:
        yield from plans
