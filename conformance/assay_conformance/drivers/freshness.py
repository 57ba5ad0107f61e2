"""Has facts accepted, and reads numbers that may rest on them until they are counted."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from assay_contracts import Operation, Parameter
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.body_plans import renewed, right_requests
from assay_conformance.body_values import at, duration, instant, without
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, FreshFacts, Request
from assay_conformance.exchange_views import date_of
from assay_conformance.finished_jobs import finished_job
from assay_conformance.freshness_terms import envelope
from assay_conformance.job_terms import life_cycle
from assay_conformance.request_plans import annotated, needed_headers, wide_query
from assay_conformance.schema_kinds import resolved
from assay_conformance.validation import accepts

MOST_BATCHES, MOST_QUESTIONS, MOST_VALUES = 4, 16, 4
LONGEST_SECONDS = 60.0
PAUSE_SECONDS = 0.5
SECOND = 1_000_000
WHOLE = 200
SHORTEST_NAME = 8
"""A string in a fact that is shorter names nothing that a path could."""


@dataclass(slots=True)
class _Question:
    """One question, and what it was answered."""

    path: Mapping[str, str]
    before: Exchange
    after: list[Exchange] = field(default_factory=list[Exchange])


async def drive_changing(context: DriverContext) -> None:
    """Each operation whose freshness speaks of the arrival of facts."""
    for operation, spec in annotated(context.contract, "x-freshness"):
        ingest = next((item for item in context.contract.operations if item.id == spec.get("ingest")), None)
        requests = [] if ingest is None else [renewed(context, ingest, item) for item in right_requests(context, ingest)[:MOST_BATCHES]]
        if ingest is not None and requests:
            await _Arrival(context, operation, spec, wide_query(context, operation)).drive(ingest, requests)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """The questions to one operation, all over one window."""

    context: DriverContext
    operation: Operation
    spec: Mapping[str, Any]
    query: Mapping[str, Any]

    async def drive(self, ingest: Operation, requests: list[Request]) -> None:
        """Ask, have facts accepted, and ask until they are counted."""
        paths = _paths(self.context, self.operation, [request.body for request in requests])
        questions = [_Question(path, await self._ask(path, "numbers before facts are accepted")) for path in paths]
        questions = [item for item in questions if item.before.answer.status == WHOLE]
        send = self.context.wire.send
        accepted = [await send(ingest.id, item, purpose="facts that are counted", expected="accepted") for item in requests]
        if not questions or not any(item.answer.succeeded for item in accepted):
            return
        await self._follow(questions)
        for question in questions:
            self.context.journal.add(
                FreshFacts(
                    id=self.context.journal.name("fresh-facts-"),
                    subject=self.operation.id,
                    purpose="facts that were accepted, and numbers that may rest on them",
                    accepted=tuple(accepted),
                    before=question.before,
                    after=tuple(question.after),
                )
            )

    async def _follow(self, questions: list[_Question]) -> None:
        """Ask every question until one has changed and all have a delta after the arrival, and once more then."""
        loose = envelope(self.operation)
        most = min(LONGEST_SECONDS, duration(self.spec.get("deltaLag", "PT20S")) / SECOND) + 2.0
        began, settled = self.context.journal.now(), False
        while not settled and self.context.journal.now() - began < most:
            await self._ask_all(questions)
            arrived = (date_of(questions[0].after[0].answer) or 0) + SECOND  # the first answer came after the facts
            settled = any(_numbers(item.after[-1], loose) != _numbers(item.before, loose) for item in questions) and all(
                (instant(at(item.after[-1].answer.json, self.spec["deltaAsOf"])) or 0) >= arrived for item in questions
            )
        await self._ask_all(questions)

    async def _ask_all(self, questions: list[_Question]) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        for item in questions:
            item.after.append(await self._ask(item.path, "numbers after facts were accepted"))

    async def _ask(self, path: Mapping[str, str], purpose: str) -> Exchange:
        """The numbers of an operation; of one that returns the result of a job, those of a new job."""
        job = self.operation.annotations.get("x-job", {})
        if job.get("role") == "result":
            start = life_cycle(self.context.contract, self.operation).get("start")
            found = await finished_job(self.context, start, path=path) if start is not None else None
            path = {str(job.get("parameter", "")): found[0]} if found is not None else path
        headers = needed_headers(self.context, self.operation)
        return await self.context.wire.ask(self.operation, self.query, path=path, headers=headers, purpose=purpose)


def _numbers(exchange: Exchange, loose: tuple[str, ...]) -> Any:
    return without(exchange.answer.json, loose)


def _paths(context: DriverContext, operation: Operation, bodies: list[str | None]) -> list[dict[str, str]]:
    """Values of the path: those of the target, the lists of the contract, and strings of the facts that fit."""
    words = list(dict.fromkeys(word for body in bodies for word in _words(orjson.loads(body or "null"))))
    start = life_cycle(context.contract, operation).get("start") if "x-job" in operation.annotations else None
    reader = start if start is not None and operation.annotations["x-job"]["role"] == "result" else operation
    known = context.target.path_values(reader.path)
    parameters = [item for item in reader.parameters if item.location == "path"]
    choices = [[(item.name, value) for value in _values(item, known.get(item.name), words)] for item in parameters]
    return [dict(pairs) for pairs in itertools.islice(itertools.product(*choices), MOST_QUESTIONS)]


def _values(parameter: Parameter, known: str | None, words: list[str]) -> list[str]:
    listed = resolved(parameter.schema).get("enum")
    if is_list(listed):
        return [str(value) for value in listed]
    fitting = [word for word in words if len(word) >= SHORTEST_NAME and accepts(parameter.schema, word)]
    own = [] if known is None else [known]
    return [*own, *(word for word in fitting if word not in own)][:MOST_VALUES]


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    parts = value.values() if is_mapping(value) else value if is_list(value) else ()
    for part in parts:
        yield from _words(part)
