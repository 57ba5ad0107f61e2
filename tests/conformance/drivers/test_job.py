"""The driver of jobs: each is read to its end, cancelled, and asked for by somebody else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from assay_conformance.drivers.job import another_job, drive_changing
from assay_conformance.evidence import Evidence, ForeignJob, JobRun

from .harbour import Call, Reply, contract_of, evidence_of, operation

SPEC: dict[str, Any] = {
    "identity": "/berth",
    "parameter": "berth",
    "state": "/state",
    "initial": "asked",
    "states": {"asked": ["moored", "sent-away"], "moored": [], "sent-away": []},
    "succeeded": ["moored"],
    "failed": ["sent-away"],
    "result": "/bill",
    "location": "Location",
    "operations": {"start": "ask", "poll": "look", "cancel": "leave", "result": "bill"},
}
BERTH = {"name": "berth", "in": "path", "required": True, "schema": {"type": "string"}}
CONTRACT = contract_of(
    {
        "/berths": {"post": operation("ask", x_job=SPEC | {"role": "start"})},
        "/berths/{berth}": {
            "get": operation("look", (BERTH,), x_job=SPEC | {"role": "poll"}),
            "delete": operation("leave", (BERTH,), x_job=SPEC | {"role": "cancel"}),
        },
        "/berths/{berth}/bill": {"get": operation("bill", (BERTH,), x_job=SPEC | {"role": "result"})},
    }
)


class Berths:
    """Berths that are moored when they were looked at three times."""

    def __init__(self) -> None:
        self.started = 0
        self.looks: Counter[str] = Counter()
        self.left: set[str] = set()

    def __call__(self, call: Call) -> Reply:
        if call.path == "/berths":
            self.started += 1
            return Reply({"berth": f"b{self.started}", "state": "asked"}, headers={"Location": f"/berths/b{self.started}"})
        berth = call.path.split("/")[2]
        known = {f"b{number}" for number in range(1, self.started + 1)}
        if call.role != "primary" or berth not in known:
            return Reply({}, 404)
        if call.method == "DELETE":
            self.left.add(berth)
            return Reply({})
        if call.path.endswith("bill"):
            return Reply({}, 200 if self.looks[berth] > 2 and berth not in self.left else 404)
        self.looks[berth] += 1
        state = "sent-away" if berth in self.left else "moored" if self.looks[berth] > 2 else "asked"
        return Reply({"berth": berth, "state": state, **({"bill": f"/berths/{berth}/bill"} if state == "moored" else {})})


def driven() -> Evidence:
    """What the driver records."""
    return evidence_of(drive_changing, CONTRACT, Berths())


def test_a_job_is_read_to_its_end_and_so_is_what_it_names() -> None:
    """The state, the address in the header, the result by operation and by name."""
    run = next(run for run in driven().of(JobRun) if not run.cancels)

    assert run.ended
    assert [poll.answer.json["state"] for poll in run.polls][-1] == "moored"
    assert [found is not None and found.answer.status for found in (run.located, run.result, run.named)] == [200, 200, 200]


def test_a_job_is_cancelled_twice() -> None:
    """It was under way before, and its state is read after."""
    (run,) = [run for run in driven().of(JobRun) if run.cancels]

    assert (len(run.cancels), run.cancelled_at) == (2, 1)
    assert [poll.answer.json["state"] for poll in run.polls] == ["asked", "sent-away", "sent-away"]
    assert run.result is not None
    assert run.result.answer.status == 404


def test_somebody_else_asks_for_the_job_and_for_one_that_does_not_exist() -> None:
    """By each operation that names a job; the owner reads it afterwards."""
    found = driven().of(ForeignJob)

    assert [item.subject for item in found] == ["look", "bill", "leave"]
    assert all(item.job != item.unknown_job and len(item.job) == len(item.unknown_job) for item in found)
    assert {exchange.request.credential for item in found for exchange in (item.foreign, item.again, item.unknown)} == {"other"}
    assert {item.own.answer.status for item in found} == {200}


def test_without_a_job_nothing_is_kept() -> None:
    """A start that is refused has no life."""
    assert evidence_of(drive_changing, CONTRACT, lambda call: Reply({}, 400)).of(JobRun) == ()


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("7", "0"),
        ("120", "101"),
        ("job_4f0", "jaa_0a1"),
        ("job_4f0b", "job_0a1a"),
        ("0190163d-8694-739b-aea5-966c26f8ad91", "0190163d-8694-739b-aea5-000a00a0ba00"),
    ],
)
def test_an_unknown_identifier_has_the_form_of_a_known_one(job: str, expected: str) -> None:
    """What says which kind or version it is stays."""
    assert another_job(job) == expected
