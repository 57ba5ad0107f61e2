"""Panels: what each fault shows, and that one which fails leaves the others alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_sdk.errors import ApiError, AuthorizationError, DeadlineExceeded, InvalidAnswerError, TransientError, TransportError
from assay_sdk.panels import (
    Failed,
    Fresh,
    Incompatible,
    Outcome,
    Panel,
    PanelPolicy,
    PanelResult,
    Panels,
    PanelState,
    Partial,
    Stale,
    advance,
    outcome_of,
)
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.sdk.plain import FakeClock
from tests.sdk.scripted import Reply, Seen, error, funnel, http_server

CASCADES: dict[Outcome, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "panel_cascades.yaml").read_text(encoding="utf-8"))
NOW = FakeClock().now()
KINDS: dict[type, str] = {Fresh: "fresh", Stale: "stale", Partial: "partial", Failed: "failed", Incompatible: "incompatible"}


def offers(result: PanelResult[Any]) -> list[str]:
    """The controls beside a panel."""
    return [name for name in ("retry", "narrower") if getattr(result, name, False)]


class Cascades(RuleBasedStateMachine):
    """A panel through any faults, against the table."""

    def __init__(self) -> None:
        super().__init__()
        self.state: PanelState[int] = PanelState()
        self.value: int | None = None
        self.corrupt = 0
        self.count = 0
        self.expected = ("failed", ["retry"])

    @rule(outcome=st.sampled_from(sorted(CASCADES)))
    def attempt(self, outcome: Outcome) -> None:
        """An attempt to load."""
        self.count += 1
        loads = outcome in ("loaded", "stale", "partial")
        self.state = advance(self.state, outcome, data=(self.count,) if loads else (), now=NOW)
        if self.corrupt == 3:
            return
        row = CASCADES[outcome]
        kind = row["without" if self.value is None else "with"]
        self.value = self.count if loads else self.value if kind == "stale" else None
        self.corrupt = self.corrupt + 1 if outcome == "corrupt" else 0
        self.expected = (kind, [] if self.corrupt == 3 else row.get("offers", []))

    @invariant()
    def shows_what_the_table_says(self) -> None:
        """With the last data, and words wherever something is wrong."""
        result = self.state.result()
        assert (KINDS[type(result)], offers(result)) == self.expected
        assert getattr(result, "value", None) == self.value
        assert isinstance(result, Fresh) or result.shows


TestCascades = Cascades.TestCase


class Source:
    """Gives values or raises errors in turn, the last one again and again."""

    def __init__(self, *found: Any) -> None:
        self.found = list(found)
        self.calls: list[dict[str, Any]] = []

    async def __call__(self, **arguments: Any) -> Any:
        """The next one."""
        self.calls.append(arguments)
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        await asyncio.sleep(0)
        if isinstance(found, asyncio.Event):
            await found.wait()
            return "late"
        if isinstance(found, Exception):
            raise found
        return found


def transport_error() -> TransportError:
    """The network is away."""
    return TransportError("refused", operation="getFunnel", correlation_id="one", attempts=1)


def api_error(kind: type[ApiError], status: int) -> ApiError:
    """An error of a category."""
    return kind("busy", code="BUSY", status=status, operation="getFunnel", correlation_id="one")


async def test_one_panel_that_fails_leaves_the_others_alone() -> None:
    """Whatever it fails with."""
    panels = {"funnel": Panel(Source(1)), "broken": Panel(Source(KeyError("x"))), "away": Panel(Source(transport_error()))}

    found = await Panels(FakeClock(), shows={"availability": "We are away."}).gather(panels)

    assert found["funnel"] == Fresh(1, NOW)
    assert found["broken"] == Failed("Something went wrong.", retry=True)
    assert found["away"] == Failed("We are away.", retry=True)


async def test_panels_that_want_the_same_share_one_request() -> None:
    """While it is on its way."""
    source = Source(1)
    board = Panels(FakeClock())

    found = await board.gather(
        {name: Panel(source, {"tenant": "a"}) for name in ("one", "two")} | {"three": Panel(source, {"tenant": "b"})}
    )

    assert set(found.values()) == {Fresh(1, NOW)}
    assert source.calls == [{"tenant": "a"}, {"tenant": "b"}]


async def test_old_data_are_shown_while_new_ones_come() -> None:
    """And these to the next reader, without another request."""
    event = asyncio.Event()
    source = Source("early", event)
    board, panel = Panels(FakeClock(), policy=PanelPolicy(patience=0.01)), Panel(source)

    first, second = await board.load(panel), await board.load(panel)
    event.set()
    third = await board.load(panel)

    assert (first, second) == (Fresh("early", NOW), Stale("early", NOW, "Data is delayed.", narrower=True))
    assert third == Fresh("late", NOW)
    assert len(source.calls) == 2


async def test_attempts_are_bounded_until_a_person_asks() -> None:
    """And a panel whose payloads cannot be read stays off until it is switched on."""
    busy = Source(api_error(TransientError, 429))
    corrupt = Source(InvalidAnswerError("no JSON", operation="getFunnel", correlation_id="one"))
    board, panel, garbled = Panels(FakeClock()), Panel(busy), Panel(corrupt)

    for _ in range(5):
        await board.gather({"busy": panel, "garbled": garbled})
    await board.retry(panel)
    off = await board.retry(garbled)

    assert (len(busy.calls), len(corrupt.calls)) == (4, 3)
    assert isinstance(off, Failed)
    assert off.off
    board.switch_on(garbled)
    await board.load(garbled)
    assert len(corrupt.calls) == 4


async def test_a_feed_changes_data_in_place() -> None:
    """No request is needed for it."""
    source = Source({"open": 1})
    board, panel = Panels(FakeClock()), Panel(source)
    board.patch(panel, lambda value: {**value, "open": 9})
    await board.load(panel)

    board.patch(panel, lambda value: {**value, "open": 2})

    assert board._entry(panel).state.result() == Fresh({"open": 2}, NOW)
    assert len(source.calls) == 1


def test_a_narrower_window_keeps_the_filters() -> None:
    """The later half."""
    panel = Panel(Source(1), {"start": NOW, "end": NOW + timedelta(days=8), "channel": "web"}, window=("start", "end"))

    assert panel.narrower().arguments == {"start": NOW + timedelta(days=4), "end": NOW + timedelta(days=8), "channel": "web"}
    assert Panel(Source(1)).narrower().arguments == {}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (transport_error(), "availability"),
        (DeadlineExceeded("late", operation="getFunnel", correlation_id="one", attempts=1), "slow"),
        (api_error(TransientError, 429), "transient"),
        (api_error(TransientError, 503), "slow"),
        (api_error(AuthorizationError, 403), "authz"),
        (api_error(ApiError, 500), "unknown"),
        (KeyError(), "unknown"),
    ],
)
def test_an_error_stands_for_an_outcome(error: Exception, outcome: Outcome) -> None:
    """By its class and its category."""
    assert outcome_of(error) == outcome


def test_the_example_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """One panel is loaded, the other one fails."""
    page = (Path(__file__).parents[2] / "docs" / "guide" / "build-a-front-end.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]

    def respond(seen: Seen) -> Reply:
        return Reply(200, funnel()) if "funnel" in seen.path else Reply(403, error("FORBIDDEN_SCOPE", "authz", 403))

    with http_server(respond) as server:
        exec(compile(code.replace("http://localhost:8000", server.url), "build-a-front-end.md", "exec"), {})

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("funnel ")
    assert lines[1].strip() == "failures Your role does not allow this view."
