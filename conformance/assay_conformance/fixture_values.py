"""Values of path parameters for a run: stated, printed by a command, created by the contract's own operations, or read from a list.

Whatever a run creates it deletes at its end where the contract can; the rest is counted, so that the run says what stays.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.corpus import CorpusCase, slot_values
from assay_conformance.driver_context import Wire
from assay_conformance.errors import CorpusError, TargetError
from assay_conformance.evidence import Exchange, Journal, Request
from assay_conformance.finished_jobs import finished_job
from assay_conformance.job_terms import job_start, life_cycle
from assay_conformance.request_plans import plain_query
from assay_conformance.resources import Source, creator_of, deleter_of, identity_in, list_of
from assay_conformance.schema_kinds import resolved
from assay_conformance.target import Target, places_of

ATTEMPTS = 8
"""So many bodies are tried until one is accepted: another may name something that exists already."""
COMMAND_SECONDS = 60.0
MOST_DELETIONS = 2000


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a run created: `deleted` of it at its end; `left` stays, by the operation that created it."""

    deleted: int
    left: dict[str, int]


@dataclass(slots=True)
class FixtureValues:
    """Finds values of path parameters, and remembers what it created."""

    contract: Contract
    wire: Wire
    target: Target
    cases: tuple[CorpusCase, ...] = ()
    _created: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    _used: dict[str, int] = field(default_factory=dict[str, int])
    _slow: set[str] = field(default_factory=set[str])
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def settle(self) -> Target:
        """The target with a value for each parameter of each path, as far as there is a source; requests of this object use it too."""
        if self.target.fixtures.get("command"):
            printed = await asyncio.to_thread(_printed, str(self.target.fixtures["command"]))
            self._know({**printed, **self.target.fixtures.get("parameters", {})})
        templates = (*(item.path for item in self.contract.operations), *(item.address for item in self.contract.channels))
        for template in sorted(dict.fromkeys(templates), key=lambda item: item.count("{")):
            for place, name in places_of(template):
                if name in self.target.path_values(place):
                    continue
                value = await self._create(place) or await self._first_listed(place) or self._stated(template, name)
                if value is not None:
                    self._know({**self.target.fixtures.get("parameters", {}), place: value})
        return self.target

    def _stated(self, template: str, name: str) -> str | None:
        """The first value in the contract's own list of the values of a parameter."""
        for operation in self.contract.operations:
            for parameter in operation.parameters if operation.path == template else ():
                values = resolved(parameter.schema).get("enum") if parameter.location == "path" and parameter.name == name else None
                if is_list(values) and values:
                    return str(values[0])
        return None

    async def fresh(self, template: str) -> dict[str, str] | None:
        """Values for a path whose last thing nobody else uses; None where nothing can make such a one."""
        places = places_of(template)
        if not places:
            return {}
        known = self.target.path_values(template)
        place, name = places[-1]
        if self.target.fixtures.get("command"):
            async with self._lock:
                printed = await asyncio.to_thread(_printed, str(self.target.fixtures["command"]))
            value = printed.get(place, printed.get(name))
            return {**known, name: str(value)} if value is not None else None
        value = await self._create(place)
        return {**known, name: value} if value is not None else None

    def can_make(self, template: str) -> bool:
        """Whether `fresh` has a source for a path."""
        places = places_of(template)
        return (
            not places
            or bool(self.target.fixtures.get("command"))
            or any(source(self.contract, places[-1][0]) is not None for source in (creator_of, job_start))
        )

    def creates(self, operation: str) -> bool:
        """Whether an operation creates what a path of the contract names."""
        places = {place for item in self.contract.operations for place, _ in places_of(item.path)}
        starts = (start for place in places if (start := job_start(self.contract, place)) is not None)
        return self._created_by(operation) is not None or any(start.id == operation for start in starts)

    async def add(self, path: str) -> int:
        """Create one more thing in the collection of a path by the contract's own operation; gives how many were."""
        creator = next((item for item in self.contract.operations if item.method == "POST" and item.path == path), None)
        cases = [] if creator is None else self._right_cases(creator.id)
        number = self._used.get(path, 0)
        self._used[path] = number + 1
        request = None if creator is None else self._creating(creator, cases, len(cases) - 1 - number)
        if creator is None or request is None:
            return 0
        answer = await self.wire.send(creator.id, request, purpose="add one more", expected="any")
        self.note(answer)
        return int(answer.answer.succeeded)

    def _right_cases(self, operation: str) -> list[CorpusCase]:
        """The requests of an operation that the contract allows, its own examples first."""
        found = [case for case in self.cases if case.operation == operation and case.outcome == "accepted"]
        return sorted(found, key=lambda case: case.origin != "examples")

    def note(self, exchange: Exchange) -> None:
        """Remember what a request created that was sent for another reason."""
        found = self._created_by(exchange.subject)
        if found is not None:
            self._remember(*found, exchange)

    def _created_by(self, operation: str) -> tuple[str, Source] | None:
        """The first place that names what an operation creates."""
        for place in (place for item in self.contract.operations for place, _ in places_of(item.path)):
            source = creator_of(self.contract, place)
            if source is not None and source.operation.id == operation:
                return place, source
        return None

    def _remember(self, place: str, source: Source, exchange: Exchange) -> str | None:
        """The name of what a request created, to be deleted at the end; None where it created nothing that has one."""
        answer = exchange.answer
        value = identity_in(answer.json, source, answer.header("location")) if answer.succeeded else None
        if value is not None:
            self._created.append((place, exchange.request.path.rstrip("/") + "/" + quote(value, safe=""), source.operation.id))
        return value

    async def clean(self) -> Leftover:
        """Delete what was created, the last first."""
        wire = self.wire.beside(Journal(), connections=4)  # what is cleared away is no evidence
        try:
            return await self._clean(wire)
        finally:
            await wire.close()

    async def _clean(self, wire: Wire) -> Leftover:
        deleted, left = 0, dict[str, int]()
        for place, path, operation in reversed(self._created):
            deleter = deleter_of(self.contract, place)
            absent = False
            if deleter is not None and deleted < MOST_DELETIONS:
                request = Request("DELETE", path, (), (), None, "primary")
                answer = await wire.send(deleter.id, request, purpose="delete what the run created", expected="any")
                absent = answer.answer.succeeded or answer.answer.status in (404, 410)
            if absent:
                deleted += 1
            else:
                left[operation] = left.get(operation, 0) + 1
        self._created.clear()
        return Leftover(deleted, left)

    async def _create(self, place: str) -> str | None:
        """Create what a place names; None where the contract cannot, or the target does not."""
        start = job_start(self.contract, place)
        if start is not None:
            return await self._job(place, start)
        source = creator_of(self.contract, place)
        if source is None:
            return None
        cases = self._right_cases(source.operation.id)
        begin = self._used.get(place, 0)
        for number in range(begin, begin + min(ATTEMPTS, max(1, len(cases)))):
            self._used[place] = number + 1
            request = self._creating(source.operation, cases, number)
            if request is None:
                return None
            answer = await self.wire.send(source.operation.id, request, purpose="create a fixture", expected="any")
            value = self._remember(place, source, answer)
            if value is not None:
                return value
        return None

    async def _job(self, place: str, start: Operation) -> str | None:
        """A job with a result; where jobs take too long, the first as it is and then none."""
        if place in self._slow:
            return None
        found = await finished_job(self, start)
        if found is None:
            return None
        job, finished = found
        if not finished:
            self._slow.add(place)
        path = self.wire.request(life_cycle(self.contract, start)["poll"], path={places_of(place)[-1][1]: job}).path
        self._created.append((place, path, start.id))
        return job

    def _creating(self, creator: Operation, cases: list[CorpusCase], number: int) -> Request | None:
        if not cases:
            return None
        try:
            return cases[number % len(cases)].request.filled(slot_values(self.target, creator))
        except CorpusError:
            return None

    async def _first_listed(self, place: str) -> str | None:
        source = list_of(self.contract, place)
        if source is None:
            return None
        values = self.target.path_values(source.operation.path)
        query = plain_query(self.target, source.operation, self.cases)
        answer = await self.wire.ask(source.operation, query, path=values, purpose="look for a fixture", expected="any")
        return identity_in(answer.answer.json, source, None) if answer.answer.succeeded else None

    def _know(self, parameters: dict[str, Any]) -> None:
        self.target = dataclasses.replace(self.target, fixtures={**self.target.fixtures, "parameters": parameters})
        self.wire.use(self.target)


def unsettled(contract: Contract, target: Target) -> Iterable[str]:
    """The parameters of paths that still have no value, each with the operations that need it."""
    for place in dict.fromkeys(place for item in contract.operations for place, _ in places_of(item.path)):
        name = places_of(place)[-1][1]
        if name not in target.path_values(place):
            using = [item.id for item in contract.operations if (place, name) in places_of(item.path)]
            yield f"no value of {{{name}}} for {', '.join(using)}"


def _printed(command: str) -> dict[str, Any]:
    """The values that the command of the manifest prints, one JSON object."""
    advice = "expected one JSON object from parameter names to values on standard output"
    try:
        done = subprocess.run(  # noqa: S603 - the command is the user's own
            shlex.split(command), capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise TargetError(f"[fixtures] command {command!r}: {error}; {advice}") from None
    if done.returncode:
        errors = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it printed no error"]
        raise TargetError(f"[fixtures] command {command!r} ended with {done.returncode}: {errors[-1]}")
    try:
        data: Any = json.loads(done.stdout)
    except ValueError as error:
        raise TargetError(f"[fixtures] command {command!r} printed no JSON: {error}; {advice}") from None
    if not is_mapping(data):
        raise TargetError(f"[fixtures] command {command!r} printed {type(data).__name__}; {advice}")
    return {str(name): value for name, value in data.items()}
