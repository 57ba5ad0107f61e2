"""Servers that are wrong in one plausible way, a few lines away from the honest one: none is certified, and the right clause says why."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from assay_conformance import certifying
from assay_conformance.run_plan import FULL_PLAN, RunPlan
from assay_conformance.verdicts import Outcome, Verdict
from assay_contracts import load_contract, parse_bundle

from .honest import CHANNELS, ERRORS, SORTS, Honest, Refused, filters, metrics, running

pytestmark = pytest.mark.slow

WRONG: list[tuple[type[Honest], str, str]] = []
TICK = dt.timedelta(microseconds=1)


def breaks(clause: str, driver: str) -> Callable[[type[Honest]], type[Honest]]:
    """Say which clause a wrong server breaks, and which driver sees it."""

    def register(server: type[Honest]) -> type[Honest]:
        WRONG.append((server, clause, driver))
        return server

    return register


@breaks("FIL-001", "filter")
class FiltersTheFirstPageOnly(Honest):
    """A cursor carries on in the whole list."""

    def answer_list(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_list(query, tenant)
        if "cursor" in query and any(name.startswith("filter") for name in query) and body["items"]:
            body["items"][0] = self.failures[tenant][0]
        return body


@breaks("ORD-001", "order")
class BreaksTiesByChance(Honest):
    """Items of one rank stand in any order."""

    def answer_list(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_list(query, tenant)
        if query.get("sort") == "errorClass:asc":
            random.shuffle(body["items"])
            body["items"].sort(key=lambda item: item["errorClass"])
        return body


@breaks("PAG-008", "pagination")
class BindsNoOrderToItsCursors(Honest):
    """A cursor of one order opens another."""

    def opened(self, cursor: str, bound: list[Any]) -> list[str]:
        for sort in SORTS:
            try:
                return super().opened(cursor, [bound[0], sort, bound[2]])
            except Refused:
                continue
        raise Refused(400, "INVALID_CURSOR", "no such cursor", "cursor")


@breaks("WIN-002", "window")
class CountsTheEndInsteadOfTheStart(Honest):
    """Windows are `(from, to]`: they still add up."""

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        kept = self.funnel[tenant]
        self.funnel[tenant] = [(fact[0] - TICK, *fact[1:]) for fact in kept]
        try:
            return super().answer_funnel(query, tenant)
        finally:
            self.funnel[tenant] = kept


@breaks("WIN-001", "window")
class CountsTheEndToo(Honest):
    """Windows are `[from, to]`."""

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_funnel(query, tenant)
        start, end = self.window(query)
        chosen = filters(query, {"channel": CHANNELS, "errorClass": ERRORS})
        body["metrics"] = metrics(
            [
                fact
                for fact in self.funnel[tenant]
                if start <= fact[0] <= end and chosen.get("channel") in (None, fact[2]) and chosen.get("errorClass") in (None, fact[3])
            ]
        )
        return body


@breaks("FIL-005", "filter")
class IgnoresAFilterThatOnlyNarrows(Honest):
    """`errorClass` is checked and then forgotten."""

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        super().answer_funnel(query, tenant)
        return super().answer_funnel({name: value for name, value in query.items() if name != "filter[errorClass]"}, tenant)


@breaks("WIN-006", "window")
class GivesWholeBucketsAtTheEdges(Honest):
    """The first bucket of a series is not cut to the window."""

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_funnel(query, tenant)
        if body.get("series"):
            start = body["series"][0]["bucketStart"]
            plain = {name: value for name, value in query.items() if name != "groupBy"}
            end = body["series"][1]["bucketStart"] if len(body["series"]) > 1 else "2026-11-09T00:00:00Z"
            body["series"][0]["metrics"] = super().answer_funnel({**plain, "from": start, "to": end}, tenant)["metrics"]
        return body


@breaks("TEN-004", "tenancy")
class CachesWithoutTheTenant(Honest):
    """The numbers of whoever asked first."""

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        kept = self.__dict__.setdefault("kept", {})
        key = tuple(sorted((name, value) for name, value in query.items() if name != "tenantId"))
        body = super().answer_funnel(query, tenant)
        body["metrics"] = kept.setdefault(key, body["metrics"])
        return body


@breaks("TEN-004", "tenancy")
class TrustsTheFirstTenantAndAnswersTheSecond(Honest):
    """Of two tenants in one request, the first is checked and the second answered."""

    def answer(self, request: web.Request, name: str) -> web.StreamResponse:
        self.named = request.query.getall("tenantId", [])
        return super().answer(request, name)

    def answer_snapshot(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        return super().answer_snapshot(query, self.named[-1])


@breaks("SNP-003", "snapshot")
class ForgetsWhatIsResolved(Honest):
    """The state lacks entities that a change has resolved."""

    def answer_snapshot(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_snapshot(query, tenant)
        body["incidents"] = [item for item in body["incidents"] if item["status"] != "resolved"]
        return body


@breaks("FLT-001", "faults")
class CallsDelayedDataFresh(Honest):
    """A slow store is not told."""

    def answer(self, request: web.Request, name: str) -> web.StreamResponse:
        self.faults.pop("store-slow", None)
        return super().answer(request, name)


def certified(server: Honest, plan: RunPlan) -> Outcome:
    """How a run of those drivers against a server ends; none has an error of the kit."""
    contract = parse_bundle(load_contract("reliability@1.0.0").openapi)

    async def run() -> certifying.Certification:
        async with running(server) as address:
            return await certifying.certify(contract, server.target(address), plan=plan)

    outcome = asyncio.run(run()).outcome
    assert [row for row in outcome.rows if row.verdict is Verdict.ERROR] == []
    return outcome


@pytest.mark.parametrize(("server", "clause", "driver"), WRONG, ids=[server.__name__ for server, _, _ in WRONG])
def test_the_driver_of_a_clause_sees_a_wrong_server(server: type[Honest], clause: str, driver: str) -> None:
    """The clause that the server breaks fails by what its driver alone has recorded."""
    assert clause in certified(server(), FULL_PLAN.only([driver])).failed_clauses()


@pytest.mark.parametrize("server", [CachesWithoutTheTenant])
def test_a_wrong_server_is_not_certified(server: type[Honest]) -> None:
    """Beside the other drivers too; the corpus is left out, which finds shape and never meaning."""
    outcome = certified(server(), FULL_PLAN.only([step.name for step in FULL_PLAN.steps if step.name != "operation"]))

    assert not outcome.certified
    assert "TEN-004" in outcome.failed_clauses()
