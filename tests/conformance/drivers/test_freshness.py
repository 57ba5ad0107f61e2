"""The driver of freshness: facts are accepted, and numbers that may rest on them are read before and after."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import Any

from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.freshness import drive_changing
from assay_conformance.evidence import Evidence, FreshFacts
from assay_conformance.judging import judge

from .harbour import Call, Reply, contract_of, evidence_of, operation

FRESH = {"snapshotAsOf": "/at", "deltaAsOf": "/at", "stalenessMs": "/late", "source": "/from", "deltaLag": "PT5S", "ingest": "report"}
SHIP = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^ship-[a-z]+$"}}
BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object", "properties": {"ship": {"type": "string"}}}}}}
CONTRACT = contract_of(
    {
        "/calls": {"post": operation("report", requestBody=BODY)},
        "/ships/{ship}/calls": {"get": operation("countCalls", (SHIP,), x_freshness=FRESH)},
    }
)
REQUEST = CorpusRequest("POST", "/calls", headers=(("content-type", "application/json"),), body='{"ship": "ship-aurora", "note": "ship 7"}')
CASES = (CorpusCase("report", REQUEST, "positive", "examples", "accepted", (), "by hand"),)


class Harbour:
    """Counts the calls of one ship; `behind` answers after a call still have the numbers of before, under a new delta."""

    def __init__(self, behind: int = 0) -> None:
        self.calls, self.behind = 0, behind

    def __call__(self, call: Call) -> Reply:
        if call.method == "POST":
            self.calls += 1
            return Reply({})
        counted = self.calls if call.path == "/ships/ship-aurora/calls" else 0
        if counted and self.behind:
            self.behind -= 1
            counted = 0
        now = dt.datetime.now(dt.UTC)
        body: dict[str, Any] = {"at": (now + dt.timedelta(seconds=3)).isoformat(), "late": 0, "from": "log", "calls": counted}
        return Reply(body, headers={"Date": format_datetime(now, usegmt=True)})


def driven(behind: int = 0) -> Evidence:
    """What the driver records of a harbour whose calls are counted so many answers late."""
    return evidence_of(drive_changing, CONTRACT, Harbour(behind), cases=CASES, parameters={"ship": "ship-borealis"})


def verdict(evidence: Evidence) -> str:
    """What the judge makes of it."""
    return next(row.verdict.value for row in judge(CONTRACT, evidence, only={"FRE-008"}).rows)


def test_the_questions_are_of_what_the_facts_name_and_of_what_the_target_states() -> None:
    """A string of the facts that fits the path is a value of it."""
    found = driven().of(FreshFacts)

    assert {item.before.request.path for item in found} == {"/ships/ship-aurora/calls", "/ships/ship-borealis/calls"}
    assert all(len(item.after) >= 2 and item.accepted for item in found)


def test_facts_that_are_counted_at_once_pass() -> None:
    """What rests on none of them shows nothing."""
    assert verdict(driven()) == "PASS"


def test_facts_that_are_counted_late_under_a_new_delta_fail() -> None:
    """The delta says that they are in."""
    assert verdict(driven(behind=1)) == "FAIL"


def test_facts_that_are_never_counted_show_nothing() -> None:
    """Nobody can know whether the question rests on them."""
    assert verdict(driven(behind=1000)) == "INCONCLUSIVE"
