"""A quick look sends little and only reads; a gate runs what finds most in its time; only the whole certifies."""

from __future__ import annotations

from collections import Counter

import pytest
from assay_conformance.corpus import Corpus, CorpusCase, CorpusRequest, Outcome
from assay_conformance.driver_context import DriverContext
from assay_conformance.profiles import (
    FULL,
    GATE,
    GATE_SECONDS,
    PROFILES,
    QUICK_STEPS,
    SMOKE,
    estimated_seconds,
    measured_seconds,
    plan_within,
)
from assay_conformance.run_plan import FULL_PLAN, RunPlan, Step
from assay_contracts.cli import main


def case(number: int, operation: str = "get", outcome: Outcome = "accepted", codes: tuple[str, ...] = ()) -> CorpusCase:
    """One request."""
    return CorpusCase(operation, CorpusRequest("GET", f"/{operation}/{number}"), "positive", "hand", outcome, codes, "by hand")


WHOLE = Corpus(
    "lamps@1.0.0", "sha256:0", "hand", 1,
    (*(case(n) for n in range(10)), *(case(n, outcome="refused", codes=("BAD",)) for n in range(10, 12)), case(20, "list")), {},
)  # fmt: skip


def test_a_quick_look_sends_some_of_each_kind() -> None:
    """In the order of the corpus, spread over those of a kind; the same ones every time."""
    kept = SMOKE.corpus(WHOLE)

    assert Counter((item.operation, item.outcome) for item in kept.cases) == {
        ("get", "accepted"): 3,
        ("get", "refused"): 2,
        ("list", "accepted"): 1,
    }
    assert [item.request.path for item in kept.cases][:3] == ["/get/0", "/get/3", "/get/6"]
    assert SMOKE.corpus(WHOLE) == kept
    assert FULL.corpus(WHOLE) is WHOLE


def test_a_quick_look_changes_nothing_and_certifies_nothing() -> None:
    """Only the full profile does."""
    assert not any(step.changing for step in SMOKE.plan.steps)
    assert {step.name for step in SMOKE.plan.steps} == QUICK_STEPS
    assert FULL.plan is FULL_PLAN
    assert [profile.name for profile in PROFILES.values() if profile.certifies] == ["full"]


async def nothing(context: DriverContext) -> None:
    """A driver without work."""


PLAN = RunPlan(
    beside=(Step("read", nothing), Step("walk", nothing)),
    long=(Step("watch", nothing),),
    changing_before_stream=(Step("walk", nothing, changing=True),),
    changing_after_stream=(Step("break", nothing, changing=True),),
    throughout=(Step("listen", nothing),),
)


def test_what_waits_costs_nothing_beside_what_works() -> None:
    """Drivers that share the machine add up; a session beside them counts only where it is longer."""
    costs = {"read": 2.0, "walk": 3.0, "walk (changing)": 1.0, "watch": 4.0, "break (changing)": 5.0, "listen": 10.0}

    assert estimated_seconds(PLAN, costs) == 11.0
    assert estimated_seconds(PLAN, {**costs, "watch": 8.0}) == 13.0
    assert estimated_seconds(PLAN, {**costs, "listen": 30.0}) == 30.0


def test_what_is_worth_most_is_chosen_first() -> None:
    """A driver that does not fit leaves room for a cheaper one; a driver without figures is never chosen."""
    costs = {"break (changing)": 5.0, "watch": 4.0, "listen": 30.0, "walk": 3.0, "walk (changing)": 1.0}

    chosen = plan_within(PLAN, costs, 9.5)

    assert [step.name_of_figures for step in chosen.steps] == ["walk", "watch", "walk (changing)", "break (changing)"]
    assert [step.name_of_figures for step in plan_within(PLAN, costs, 5.0).steps] == ["break (changing)"]


def test_a_gate_is_chosen_by_figures() -> None:
    """What was measured names drivers of a certification, and no other; a driver without figures is no part of the gate, which fits."""
    costs = measured_seconds()

    assert set(costs) <= {step.name_of_figures for step in FULL_PLAN.steps}
    assert {step.name_of_figures for step in GATE.plan.steps} <= set(costs)
    assert estimated_seconds(GATE.plan, costs) <= GATE_SECONDS == GATE.seconds
    assert {step.name for step in GATE.plan.steps} > {"error_codes", "cache", "faults"}


def test_there_is_nothing_to_sign(capsys: pytest.CaptureFixture[str]) -> None:
    """A key with a profile that gives no certificate is bad usage."""
    with pytest.raises(SystemExit) as exit:
        main(["certify", "reference", "--contract", "reliability@1.0.0", "--profile", "smoke", "--key", "signing.pem"])

    assert exit.value.code == 2
    assert "gives no certificate to sign" in capsys.readouterr().err
