"""Faults: what an operation and its siblings answer before, while and after one is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import at, shown
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.evidence import Evidence, Exchange, FaultRun
from assay_conformance.exchange_views import answered_in_time, failed, has_code, known_code, operation_of, summarize, taxonomy_of
from assay_conformance.media_types import declared_schema
from assay_conformance.validation import body_complaint


@check("FLT-001", kills={"a-slow-store-is-not-said", "every-fault-is-unhandled"}, hooked=True)
def a_fault_is_answered_as_the_contract_says(run: FaultRun, contract: Contract) -> None:
    """While the fault is on, the operation answers with its codes, is marked stale, or is broken in the way that the fault says."""
    spec = _switched(run, contract)
    if not run.during:
        raise NotReached(f"the fault {run.fault} was never tried")
    for exchange in run.during:
        _judge(run, spec, exchange, contract)


@check("FLT-001", kills=(), hooked=True)
def every_fault_is_tried(evidence: Evidence, contract: Contract) -> None:
    """Each fault that concerns operations was switched on for at least one of them."""
    wanted = {name for name, spec in taxonomy_of(contract).faults.items() if spec["scope"] == "operation"}
    tried = {run.fault for run in evidence.of(FaultRun) if run.switched}
    missing = sorted(wanted - tried)
    if missing:
        raise NeedsHook(f"never switched on: {', '.join(missing)}")


@check("FLT-002", kills={"a-fault-takes-its-siblings-with-it"}, hooked=True)
def a_fault_leaves_the_other_operations_alone(run: FaultRun, contract: Contract) -> None:
    """The other operations answer with the status that they had before, and none is marked stale."""
    spec = _switched(run, contract)
    if not run.siblings:
        raise NotReached(f"no other operation was called while {run.fault} was on")
    for before, meanwhile in zip(run.siblings_before, run.siblings, strict=True):
        expect(meanwhile.answer.status, equals=before.answer.status, about=f"{meanwhile.subject} while {run.fault} is on for {run.subject}")
        _expect_sound(meanwhile, contract)
        if "stale" in spec:
            expect(
                shown(at(meanwhile.answer.json, spec["stale"])),
                equals=shown(at(before.answer.json, spec["stale"])),
                about=f"the stale mark of {meanwhile.subject}",
            )


@check("FLT-003", kills={"a-fault-lasts-for-ever"}, hooked=True)
def a_fault_that_is_off_is_over(run: FaultRun, contract: Contract) -> None:
    """After the fault the operation answers as it did before."""
    spec = _switched(run, contract)
    if not run.after:
        raise NotReached(f"the operation was not called after {run.fault}")
    for exchange in run.after:
        expect(exchange.answer.status, equals=run.before.answer.status, about=f"{run.subject} after {run.fault}")
        _expect_sound(exchange, contract)
        if "stale" in spec:
            expect(
                shown(at(exchange.answer.json, spec["stale"])),
                equals=shown(at(run.before.answer.json, spec["stale"])),
                about=f"the stale mark of {run.subject} after {run.fault}",
            )


@check("FLT-004", kills={"retry-after-is-zero", "retry-after-is-a-date"}, hooked=True)
def a_passing_error_says_when_to_come_back(exchange: Exchange, contract: Contract) -> None:
    """An error whose category is retried carries `Retry-After` in whole seconds, one or more."""
    answer = failed(exchange)
    known = known_code(answer, contract)
    if taxonomy_of(contract).categories.get(known.category, {}).get("retry") not in ("bounded", "backoff"):
        raise NotConcerned
    value = answer.header("retry-after")
    if value is None or not value.isdecimal() or int(value) < 1:
        raise Violation("Retry-After in whole seconds, one or more", brief(value), known.code)


def _switched(run: FaultRun, contract: Contract) -> Mapping[str, Any]:
    if not run.switched:
        raise NeedsHook(f"the fault {run.fault} could not be switched on")
    if not run.before.answer.succeeded:
        raise Violation("a success before the fault", summarize(run.before), run.subject)
    found: Mapping[str, Any] = taxonomy_of(contract).faults[run.fault]
    return found


def _judge(run: FaultRun, spec: Mapping[str, Any], exchange: Exchange, contract: Contract) -> None:
    about = f"{run.subject} while {run.fault} is on"
    if "answers" in spec:
        codes = list(spec["answers"])
        if not has_code(answered_in_time(exchange), contract, codes):
            raise Violation(" or ".join(codes), summarize(exchange), about)
        expect(exchange.answer.status, among={taxonomy_of(contract).codes[code].status for code in codes}, about=about)
        return
    if not exchange.answer.succeeded:
        raise Violation("a success", summarize(exchange), about)
    if spec.get("breaks") == "schema":
        expect(_breaks_schema(exchange, contract), equals=True, about=f"whether the payload breaks its schema, {about}")
    elif spec.get("breaks") == "schemaVersion":
        pointer = taxonomy_of(contract).schema_version["at"]
        version = str(shown(at(exchange.answer.json, pointer)))
        expect(
            version.split(".")[0] != contract.id.version.split(".")[0], equals=True, about=f"whether {version} is of another major, {about}"
        )
    elif "stale" in spec and at(run.before.answer.json, spec["stale"]) in (True, False):
        expect(at(exchange.answer.json, spec["stale"]), equals=True, about=f"the stale mark of {about}")


def _breaks_schema(exchange: Exchange, contract: Contract) -> bool:
    declared = operation_of(contract, exchange.subject).response(exchange.answer.status)
    if declared is None:
        return True
    schema = declared_schema(declared.content, exchange.answer.media_type)
    return schema is None or body_complaint(schema, exchange.answer) is not None


def _expect_sound(exchange: Exchange, contract: Contract) -> None:
    if exchange.answer.succeeded and _breaks_schema(exchange, contract):
        raise Violation("a body that fits its schema", brief(exchange.answer.body, 200), exchange.purpose)
