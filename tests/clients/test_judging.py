"""The judge of clients, on requests and reports written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from assay_clients.events import Event, Played, Report
from assay_clients.judging import client_certified, judge_client, not_applicable
from assay_clients.scenarios import Expectation, Scenario, Step

HEADER = ("header:authorization",)


def event(
    at: float = 0.0,
    *,
    origin: str = "first",
    operation: str = "get",
    credential: tuple[str, ...] = HEADER,
    key: str | None = None,
    lacking: tuple[str, ...] = (),
) -> Event:
    """One request."""
    return Event(at, origin, "GET", "/lamp", operation, credential, key, lacking)


def verdict(expect: Expectation, played: Played) -> str:
    """The verdict on a scenario."""
    scenario = Scenario("one", "It holds.", frozenset(), (Step("success"),), expect)
    return judge_client(scenario, "get", played, HEADER).verdict


def played(*events: Event, outcome: str = "value", **more: Any) -> Played:
    """What was seen of a client."""
    report = Report(outcome, **{name: more.pop(name) for name in ("status", "code", "items") if name in more})
    return Played(
        events, report, **{"items" if name == "served" else "code" if name == "answered" else name: value for name, value in more.items()}
    )


@pytest.mark.parametrize(
    ("expect", "seen", "expected"),
    [
        (Expectation("value"), played(event()), "PASS"),
        (Expectation("value"), played(event(), outcome="error"), "FAIL"),
        (Expectation("either"), played(event(), outcome="none"), "FAIL"),
        (Expectation("value"), played(), "FAIL"),
        (Expectation("value"), played(event(operation="")), "FAIL"),
        (Expectation("value"), played(event(lacking=("query:tag",))), "FAIL"),
        (Expectation(requests=2), played(event(), event(1)), "PASS"),
        (Expectation(requests=1), played(event(), event(1)), "FAIL"),
        (Expectation(gap=1.0), played(event(), event(0.99)), "PASS"),
        (Expectation(gap=1.0), played(event(), event(0.5)), "FAIL"),
        (Expectation(gap=1.0), played(event()), "PASS"),
        (Expectation(once=True), played(event(), event(1)), "FAIL"),
        (Expectation(once=True), played(event(key="a"), event(1, key="a")), "PASS"),
        (Expectation(once=True), played(event(key="a"), event(1, key="b")), "FAIL"),
        (Expectation(status=500), played(event(), outcome="error", status=500), "PASS"),
        (Expectation(status=500), played(event(), outcome="error"), "FAIL"),
        (Expectation(code=True), played(event(), outcome="error", code="GONE", answered="GONE"), "PASS"),
        (Expectation(code=True), played(event(), outcome="error", code=None, answered="GONE"), "FAIL"),
        (Expectation(items="all"), played(event(), items=(1, 2), served=(1, 2)), "PASS"),
        (Expectation(items="all"), played(event(), items=(2, 1), served=(1, 2)), "FAIL"),
        (Expectation(items="all"), played(event(), served=(1, 2)), "FAIL"),
        (Expectation(credential="first-origin"), played(event(), event(1, origin="second", credential=())), "PASS"),
        (Expectation(credential="first-origin"), played(event(), event(1, origin="second")), "FAIL"),
        (Expectation(credential="declared"), played(event(credential=())), "FAIL"),
        (Expectation(credential="declared"), played(event(credential=(*HEADER, "url"))), "FAIL"),
    ],
)
def test_each_expectation_can_hold_and_can_fail(expect: Expectation, seen: Played, expected: str) -> None:
    """And says nothing of what it does not name."""
    assert verdict(expect, seen) == expected


def test_a_certificate_needs_something_that_passed() -> None:
    """A SHOULD does not refuse; where nothing could be played nothing is certified."""
    must = Scenario("one", "It holds.", frozenset({"list"}), (Step("success"),), Expectation("value"))
    should = Scenario("two", "It holds.", frozenset(), (Step("success"),), Expectation("value"), "SHOULD")
    passed, failed = judge_client(must, "get", played(event()), HEADER), judge_client(should, "get", played(), HEADER)

    assert client_certified((passed, failed))
    assert not client_certified((judge_client(must, "get", played(), HEADER), passed))
    assert not client_certified((not_applicable(must),))
    assert "list" in not_applicable(must).actual
