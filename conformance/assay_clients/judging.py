"""The judge of clients: what was expected, what the server saw and what the client said, in; a verdict out. It does no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay_clients.events import Played
from assay_clients.scenarios import Expectation, Scenario

EARLY = 0.05
"""By so many seconds clocks of two processes may differ."""


@dataclass(frozen=True, slots=True)
class ClientRow:
    """The verdict on one scenario: PASS, FAIL or NOT_APPLICABLE. `expected` and `actual` explain a failure; `operation` was called."""

    scenario: str
    level: str
    sentence: str
    operation: str
    verdict: str
    expected: str = ""
    actual: str = ""
    requests: int = 0
    seconds: float = 0.0


def judge_client(scenario: Scenario, operation: str, played: Played, declared: Sequence[str]) -> ClientRow:
    """Judge one scenario. `declared` names the places where the contract puts a credential, such as `header:authorization`."""
    expected, actual = next(_problems(scenario.expect, played, declared), ("", ""))
    return ClientRow(
        scenario.name, scenario.level, scenario.sentence, operation, "FAIL" if expected else "PASS", expected, actual,
        len(played.events), played.seconds,
    )  # fmt: skip


def not_applicable(scenario: Scenario) -> ClientRow:
    """The row of a scenario for which the contract has no operation."""
    lacking = ", ".join(sorted(scenario.needs))
    return ClientRow(
        scenario.name, scenario.level, scenario.sentence, "", "NOT_APPLICABLE", actual=f"no operation of the contract is: {lacking}"
    )


def client_certified(rows: Sequence[ClientRow]) -> bool:
    """Whether no MUST fails and at least one passes."""
    musts = [row.verdict for row in rows if row.level == "MUST"]
    return "FAIL" not in musts and "PASS" in musts


def _problems(expect: Expectation, played: Played, declared: Sequence[str]) -> Iterator[tuple[str, str]]:
    report, events = played.report, played.events
    calls = [event for event in events if event.origin == "first"]
    if not calls:
        yield "a request", f"none came; {report.about or 'the client reported ' + report.outcome}"
        return
    strange = next((event for event in calls if not event.operation), None)
    if strange is not None:
        yield "requests that the contract has", f"{strange.method} {strange.path}"
    bare = next((event for event in calls if event.lacking), None)
    if bare is not None:
        yield f"what the contract requires: {', '.join(bare.lacking)}", f"{bare.method} {bare.path} without it"
    if report.outcome == "none":
        yield "a line of JSON with the outcome", report.about
        return
    if expect.outcome in ("value", "error") and report.outcome != expect.outcome:
        yield (
            f"the outcome {expect.outcome!r}",
            f"{report.outcome!r}"
            + (f" with status {report.status}" if report.status else "")
            + (f" ({report.about})" if report.about else ""),
        )
    if expect.requests and len(calls) > expect.requests:
        yield f"at most {expect.requests} request{'s' if expect.requests > 1 else ''}", f"{len(calls)} in {played.seconds:.1f} s"
    if expect.gap and len(calls) > 1 and calls[1].at - calls[0].at < expect.gap - EARLY:
        yield f"at least {expect.gap:g} s before the second request", f"{calls[1].at - calls[0].at:.2f} s"
    if expect.once and len(calls) > 1 and not (calls[0].key and all(event.key == calls[0].key for event in calls)):
        yield "one request, or the same idempotency key with each", f"{len(calls)} requests"
    if expect.status and report.outcome == "error" and report.status != expect.status:
        yield f"the status {expect.status} with the error", str(report.status or "none")
    if expect.code and report.outcome == "error" and report.code != played.code:
        yield f"the code {played.code} with the error", report.code or "none"
    if expect.items and report.items != played.items:
        yield f"the items {list(played.items)}", "none" if report.items is None else str(list(report.items))
    yield from _credential_problems(expect.credential, played, declared)


def _credential_problems(expected: str, played: Played, declared: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not expected:
        return
    abroad = next((event for event in played.events if event.origin == "second" and event.credential), None)
    if abroad is not None:
        yield "no credential at another origin", f"it stood in {', '.join(abroad.credential)}"
    for event in played.events:
        if event.origin != "first":
            continue
        if not event.credential:
            yield "the credential that the contract asks for", f"{event.method} {event.path} without it"
        elsewhere = [place for place in event.credential if place not in declared]
        if elsewhere:
            yield f"the credential in {' or '.join(declared)}", f"it stood in {', '.join(elsewhere)}"
