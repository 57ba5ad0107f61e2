"""Jobs that requests may name: started by the contract's own operation, and waited for until they have a result."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_plans import renewed, starting_requests
from assay_conformance.body_values import at
from assay_conformance.job_terms import is_final, job_in, life_cycle
from assay_conformance.request_plans import Known

JOB_SECONDS = 15.0
"""A job that takes longer is not waited for."""
PAUSE_SECONDS = 0.1
ATTEMPTS = 6


async def finished_job(known: Known, start: Operation, *, path: Mapping[str, str] | None = None) -> tuple[str, bool] | None:
    """A job by its identifier, and whether it has a result; None where no request starts one. One that does not end is the last.

    `path` has other values for the path of the request that starts it.
    """
    spec, poll = start.annotations["x-job"], life_cycle(known.contract, start)["poll"]
    found: tuple[str, bool] | None = None
    address = known.wire.request(start, path=path).path if path else None
    for request in starting_requests(known, start)[:ATTEMPTS]:
        if address is not None:
            request = dataclasses.replace(request, path=address)
        begun = await known.wire.send(start.id, renewed(known, start, request), purpose="create a fixture", expected="any")
        job = job_in(spec, begun.answer) if begun.answer.succeeded else None
        if job is None:
            continue
        state = await _last_state(known, start, poll, job)
        found = (job, state in spec.get("succeeded", ()))
        if found[1] or not is_final(spec, state):
            break
    return found


async def _last_state(known: Known, start: Operation, poll: Operation, job: str) -> Any:
    """The state of a job when it ended, or when it was waited for long enough."""
    spec, state = start.annotations["x-job"], None
    path = {item.name: job for item in poll.parameters if item.location == "path" and item.name == _parameter(start, poll)}
    for _ in range(int(JOB_SECONDS / PAUSE_SECONDS)):
        answer = await known.wire.send(poll.id, known.wire.request(poll, path=path), purpose="wait for a fixture", expected="any")
        state = at(answer.answer.json, spec["state"])
        if not answer.answer.succeeded or is_final(spec, state):
            break
        await asyncio.sleep(PAUSE_SECONDS)
    return state


def _parameter(start: Operation, poll: Operation) -> str:
    return str(poll.annotations.get("x-job", {}).get("parameter") or start.annotations["x-job"].get("parameter", ""))
