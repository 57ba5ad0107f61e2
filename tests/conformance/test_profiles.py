"""A quick look sends little, only reads, and never certifies."""

from __future__ import annotations

from collections import Counter

import pytest
from assay_conformance.corpus import Corpus, CorpusCase, CorpusRequest, Outcome
from assay_conformance.profiles import FULL, PROFILES, QUICK_STEPS, SMOKE
from assay_conformance.run_plan import FULL_PLAN
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


def test_there_is_nothing_to_sign(capsys: pytest.CaptureFixture[str]) -> None:
    """A key with a profile that gives no certificate is bad usage."""
    with pytest.raises(SystemExit) as exit:
        main(["certify", "reference", "--contract", "reliability@1.0.0", "--profile", "smoke", "--key", "signing.pem"])

    assert exit.value.code == 2
    assert "gives no certificate to sign" in capsys.readouterr().err
