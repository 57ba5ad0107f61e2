"""The checks of jobs, on lives of jobs written by hand."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, ForeignJob, JobRun, Request, Response
from assay_contracts import Contract, parse_bundle

from .by_hand import verdict

START, POLL, CANCEL, RESULT = "order", "look", "stop", "fetch"
_IDS = itertools.count(1)
SPEC: dict[str, Any] = {
    "identity": "/slip",
    "parameter": "slip",
    "state": "/at",
    "initial": "shelf",
    "states": {"shelf": ["cart", "lost"], "cart": ["desk", "lost"], "desk": [], "lost": []},
    "succeeded": ["desk"],
    "failed": ["lost"],
    "progress": "/way",
    "phase": {"at": "/phase", "order": ["up", "down"]},
    "error": "/why",
    "result": "/book",
    "location": "Location",
    "operations": {"start": START, "poll": POLL, "cancel": CANCEL, "result": RESULT},
}


def library(**changed: Any) -> Contract:
    """A contract whose books are fetched by jobs; parts of the life cycle may be others."""
    fine = {"200": {"description": "Fine.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    slip = [{"name": "slip", "in": "path", "required": True, "schema": {"type": "string"}}]

    def operation(id: str, role: str) -> dict[str, Any]:
        return {"operationId": id, "responses": fine, "x-job": {**SPEC, **changed, "role": role}}

    return parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Library", "version": "1.0.0"},
            "security": [{"card": []}],
            "components": {"securitySchemes": {"card": {"type": "http", "scheme": "bearer"}}},
            "paths": {
                "/orders": {"post": operation(START, "start")},
                "/orders/{slip}": {"parameters": slip, "get": operation(POLL, "poll"), "delete": operation(CANCEL, "cancel")},
                "/orders/{slip}/book": {"parameters": slip, "get": operation(RESULT, "result")},
            },
        }
    )


LIBRARY = library()


def answer(subject: str, status: int = 200, body: Any = None, *, location: str | None = None) -> Exchange:
    """A request with its answer."""
    headers = (("content-type", "application/json"), *((("location", location),) if location else ()))
    response = Response(status, headers, orjson.dumps(body).decode())
    return Exchange(id=f"j{next(_IDS)}", subject=subject, purpose="by hand", request=Request("GET", "/orders/7"), response=response)


def job(at: Any, way: Any, *, phase: str | None = "up", subject: str = POLL, location: str | None = None, **more: Any) -> Exchange:
    """A job as it was read."""
    return answer(subject, 200, {"slip": "7", "at": at, "way": way, "phase": phase, **more}, location=location)


def run(*polls: Exchange, cancels: int = 0, cancelled: int = 204, start: Exchange | None = None, ended: bool = True, **more: Any) -> JobRun:
    """A life of a job, cancelled so many times after its first poll, and answered with this status."""
    begun = start or job("shelf", 0, subject=START, location="/orders/7")
    stopped = tuple(answer(CANCEL, cancelled) for _ in range(cancels))
    return JobRun(
        id=f"j{next(_IDS)}",
        subject=START,
        purpose="by hand",
        start=begun,
        polls=polls,
        cancels=stopped,
        cancelled_at=1 if cancels else 0,
        ended=ended,
        **more,
    )


DONE = job("desk", 100, phase="down", book="/orders/7/book")
LOST = job("lost", 30, why={"code": "MISSING"})
CART = job("cart", 40)
NEW = job("shelf", 0, phase=None, subject=START)


@pytest.mark.parametrize(
    ("clause", "life", "expected"),
    [
        ("JOB-001", run(CART, DONE), "PASS"),
        ("JOB-001", run(DONE), "PASS"),
        ("JOB-001", run(DONE, CART), "FAIL"),
        ("JOB-001", run(job("desks", 100)), "FAIL"),
        ("JOB-001", run(job({"desk": 1}, 100)), "FAIL"),
        ("JOB-002", run(CART, DONE), "PASS"),
        ("JOB-002", run(CART, CART, ended=False, waited=45.0), "FAIL"),
        ("JOB-002", run(job({"desk": 1}, 40), ended=False, waited=45.0), "FAIL"),
        ("JOB-002", run(CART, job("cart", 50), job("cart", 60), ended=False, waited=45.0), "INCONCLUSIVE"),
        ("JOB-003", run(CART, DONE), "PASS"),
        ("JOB-003", run(CART, job("cart", 39), DONE), "FAIL"),
        ("JOB-003", run(job("cart", 100), DONE), "FAIL"),
        ("JOB-003", run(job("desk", 99)), "FAIL"),
        ("JOB-003", run(job("desk", None)), "FAIL"),
        ("JOB-003", run(job("cart", "40"), DONE), "FAIL"),
        ("JOB-003", run(job("cart", None), DONE, start=job("shelf", None, subject=START)), "PASS"),
        ("JOB-003", run(CART, job("lost", None)), "PASS"),
        ("JOB-004", run(CART, DONE), "PASS"),
        ("JOB-004", run(job("cart", 40, phase="down"), job("desk", 100, phase="up")), "FAIL"),
        ("JOB-004", run(job("cart", 40, phase="sideways"), DONE), "PASS"),
        ("JOB-004", run(job("cart", 40, phase=None), job("desk", 100, phase=None), start=NEW), "FAIL"),
        ("JOB-004", run(job("desk", 100, phase=None), start=NEW), "INCONCLUSIVE"),
        ("JOB-004", run(job("lost", 0, phase=None), start=NEW), "INCONCLUSIVE"),
        ("JOB-005", run(DONE, result=answer(RESULT), named=answer(RESULT)), "PASS"),
        ("JOB-005", run(DONE, result=answer(RESULT, 404)), "FAIL"),
        ("JOB-005", run(DONE, named=answer(RESULT, 404)), "FAIL"),
        ("JOB-005", run(job("desk", 100)), "FAIL"),
        ("JOB-005", run(LOST), "INCONCLUSIVE"),
        ("JOB-006", run(LOST), "PASS"),
        ("JOB-006", run(job("lost", 30)), "FAIL"),
        ("JOB-006", run(job("lost", 30, why={})), "FAIL"),
        ("JOB-006", run(DONE), "INCONCLUSIVE"),
        ("JOB-007", run(CART, LOST, LOST, cancels=2, result=answer(RESULT, 404)), "PASS"),
        ("JOB-007", run(CART, LOST, LOST, cancels=2, result=answer(RESULT)), "FAIL"),
        ("JOB-007", run(CART, CART, DONE, cancels=2), "FAIL"),
        ("JOB-007", run(CART, DONE, DONE, cancels=2), "INCONCLUSIVE"),
        ("JOB-007", run(CART, DONE, DONE, cancels=2, cancelled=409), "INCONCLUSIVE"),
        ("JOB-007", run(LOST, LOST, LOST, cancels=2, cancelled=409), "INCONCLUSIVE"),
        ("JOB-007", run(CART, LOST, LOST, cancels=2, cancelled=409), "FAIL"),
        ("JOB-007", run(DONE), "INCONCLUSIVE"),
        ("JOB-008", run(DONE, located=DONE), "PASS"),
        ("JOB-008", run(DONE, located=answer(POLL, 404)), "FAIL"),
        ("JOB-008", run(DONE, located=job("desk", 100, slip="8")), "FAIL"),
        ("JOB-008", run(DONE, located=DONE, start=answer(START, 202, {}, location="/orders/7")), "PASS"),
        ("JOB-008", run(DONE, start=job("shelf", 0, subject=START)), "FAIL"),
    ],
)
def test_a_life_of_a_job(clause: str, life: JobRun, expected: str) -> None:
    """The same for every operation of the life cycle."""
    found = {subject: verdict(clause, subject, life, contract=LIBRARY) for subject in (START, POLL, CANCEL, RESULT)}

    assert found == dict.fromkeys(found, expected)


def foreign(mine: Exchange, unknown: Exchange, own: Exchange = CART) -> ForeignJob:
    """A job that somebody else asked for, and one that does not exist."""
    fields: dict[str, Any] = {"foreign": mine, "again": mine, "unknown": unknown, "own": own, "job": "seven", "unknown_job": "eight"}
    return ForeignJob(id=f"j{next(_IDS)}", subject=POLL, purpose="by hand", **fields)


@pytest.mark.parametrize(
    ("clause", "item", "expected"),
    [
        ("JOB-009", foreign(answer(POLL, 404), answer(POLL, 404)), "PASS"),
        ("JOB-009", foreign(answer(POLL, 200, {}), answer(POLL, 404)), "FAIL"),
        ("JOB-009", foreign(answer(POLL, 500), answer(POLL, 500)), "FAIL"),
        ("JOB-009", foreign(answer(POLL, 404), answer(POLL, 404), LOST), "FAIL"),
        ("JOB-010", foreign(answer(POLL, 404, {"no": "seven"}), answer(POLL, 404, {"no": "eight"})), "PASS"),
        ("JOB-010", foreign(answer(POLL, 403), answer(POLL, 404)), "FAIL"),
        ("JOB-010", foreign(answer(POLL, 404, {"no": "seven is not yours"}), answer(POLL, 404, {"no": "eight"})), "FAIL"),
    ],
)
def test_a_job_of_somebody_else(clause: str, item: ForeignJob, expected: str) -> None:
    """It is as one that does not exist."""
    assert verdict(clause, POLL, item, contract=LIBRARY) == expected


@pytest.mark.parametrize(("failed", "expected"), [(["lost"], "FAIL"), (["lost", "stopped"], "INCONCLUSIVE")])
def test_a_cancelled_job_with_a_state_of_its_own_has_not_failed(failed: list[str], expected: str) -> None:
    """Where all jobs without a result end in one state, it says why."""
    spec = {"states": {"shelf": [*failed], **{state: [] for state in failed}}, "failed": failed}
    life = run(CART, job(failed[-1], 30), cancels=2)

    assert verdict("JOB-006", POLL, life, contract=library(**spec)) == expected


@pytest.mark.parametrize("clause", ["JOB-001", "JOB-009"])
def test_without_a_job_nothing_is_shown(clause: str) -> None:
    """No request started one."""
    assert verdict(clause, POLL, contract=LIBRARY) == "INCONCLUSIVE"
