"""The driver of faults: one at a time, for one operation at a time, and off again."""

from __future__ import annotations

import functools

from aiohttp import web
from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.faults import drive_changing
from assay_conformance.evidence import Evidence, Exchange, FaultRun

from tests.conformance.driving import CONTRACT, evidence_of
from tests.conformance.honest import Honest

from .harbour import Reply, contract_of, operation
from .harbour import evidence_of as harbour_evidence


@functools.cache
def honest_runs() -> tuple[FaultRun, ...]:
    """What the driver saw of the honest server."""
    return evidence_of(drive_changing).of(FaultRun)


def concerned() -> set[tuple[str, str]]:
    """Each fault of operations with each operation that declares its codes."""
    assert CONTRACT.taxonomy is not None
    return {
        (name, operation.id)
        for name, spec in CONTRACT.taxonomy.faults.items()
        if spec["scope"] == "operation"
        for operation in CONTRACT.operations
        if set(spec.get("answers", ())) <= set(operation.error_codes)
    }


def test_every_fault_is_switched_on_for_every_operation_that_it_concerns() -> None:
    """Once each; a fault of feeds is not among them."""
    runs = honest_runs()

    assert sorted((run.fault, run.subject) for run in runs) == sorted(concerned())
    assert all(run.switched for run in runs)


def test_a_run_asks_before_while_and_after_and_the_siblings_twice() -> None:
    """The same sibling stands at the same place of both tuples."""
    runs = honest_runs()
    others = len(CONTRACT.operations) - 1

    assert {(len(run.during), len(run.siblings_before), len(run.siblings), len(run.after)) for run in runs} == {(2, others, others, 1)}
    for run in runs:
        assert [item.subject for item in run.siblings] == [item.subject for item in run.siblings_before]
        assert run.subject not in {item.subject for item in run.siblings}


def test_a_fault_is_off_before_the_next_one_is_on() -> None:
    """Whatever one run leaves behind would be blamed on the next."""
    assert {run.before.answer.status for run in honest_runs()} == {200}
    assert {run.after[0].answer.status for run in honest_runs()} == {200}


def test_a_request_whose_payload_is_broken_on_purpose_is_marked_so() -> None:
    """Checks of schemas must pass it over; an error that the fault promises carries the codes that are right."""
    marks = {(run.fault, item.expected, item.codes) for run in honest_runs() for item in run.during}

    assert {("corrupt-payload", "broken", ()), ("store-busy", "any", ("STORE_BUSY",)), ("store-slow", "accepted", ())} <= marks


class TakesNoFault(Honest):
    """Its hook does not know the faults."""

    async def hook(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=404)


def test_a_fault_that_the_target_does_not_take_is_a_run_without_answers() -> None:
    """The check says that it was never tried; nothing is asked as though it were on."""
    for evidence in (evidence_of(drive_changing, TakesNoFault()), evidence_of(drive_changing, hook=None)):
        runs = evidence.of(FaultRun)

        assert {(run.switched, run.during, run.siblings, run.after) for run in runs} == {(False, (), (), ())}
        assert len(runs) == len(concerned())


def test_a_target_that_waives_faults_is_left_in_peace() -> None:
    """No request at all."""
    evidence: Evidence = evidence_of(drive_changing, waivers={"faults": "production"})

    assert evidence.records == ()


def test_an_operation_that_writes_is_tried_with_the_codes_of_its_faults() -> None:
    """A broken or late response of one that changes something is nobody's business: each request leaves something behind."""
    post = operation(
        "addShip", requestBody={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}, x_error_codes=["FULL"]
    )
    contract = contract_of(
        {"/ships": {"get": operation("listShips"), "post": post}},
        codes={"FULL": "never"},
        faults={"full": {"scope": "operation", "answers": ["FULL"]}, "torn": {"scope": "operation", "breaks": "schema"}},
    )
    added = CorpusRequest("POST", "/ships", (), (), (("content-type", "application/json"),), "{}")
    case = CorpusCase("addShip", added, "positive", "examples", "accepted", (), "a ship")
    runs = harbour_evidence(drive_changing, contract, lambda _: Reply({}), cases=(case,)).of(FaultRun)

    assert {(run.fault, run.subject, run.before.request.body) for run in runs} == {("full", "addShip", "{}"), ("torn", "listShips", None)}


def test_a_request_that_writes_has_a_key_of_its_own() -> None:
    """One that was used before with another body would be a conflict, fault or not."""
    post = operation("addShip", x_error_codes=["FULL"], x_idempotency={"header": "Ticket", "conflict": "FULL"})
    codes, faults = {"FULL": "never"}, {"full": {"scope": "operation", "answers": ["FULL"]}}
    contract = contract_of({"/ships": {"post": post}}, codes=codes, faults=faults)
    case = CorpusCase(
        "addShip", CorpusRequest("POST", "/ships", headers=(("ticket", "12345678"),)), "positive", "examples", "accepted", (), ""
    )
    (run,) = harbour_evidence(drive_changing, contract, lambda _: Reply({}), cases=(case,), act=0).of(FaultRun)
    keys = [item.request.header("ticket") for item in (run.before, *run.during, *run.after)]

    assert len(keys) == len({"12345678", *keys}) - 1


def test_an_operation_that_deletes_is_asked_once_for_each_fault_with_a_code() -> None:
    """It deletes nothing then; a fault that breaks the payload is not tried on it."""
    remove = operation("removeShips", x_error_codes=["FULL"])
    faults = {"full": {"scope": "operation", "answers": ["FULL"]}, "torn": {"scope": "operation", "breaks": "schema"}}
    contract = contract_of({"/ships": {"get": operation("listShips"), "delete": remove}}, codes={"FULL": "never"}, faults=faults)
    evidence = harbour_evidence(drive_changing, contract, lambda _: Reply({}), act=0)
    sent = [(item.purpose, item.codes) for item in evidence.of(Exchange) if item.subject == "removeShips"]

    assert sent == [("while the fault full is on", ("FULL",))]
