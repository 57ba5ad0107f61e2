"""The driver of slow consumers, over attempts that a pretended server answers."""

from __future__ import annotations

from typing import cast

import pytest
from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers import slow_consumer
from assay_conformance.evidence import FeedSession, Journal, Request, Stall
from assay_conformance.stream_terms import Stream


class FeedTerms:
    """A stream that has a close code for slow consumers."""

    def code(self, when: str) -> str:
        """The code."""
        return "4408"


class Run:
    """What the driver needs of a run."""

    def __init__(self) -> None:
        self.journal = Journal()


async def unread(
    monkeypatch: pytest.MonkeyPatch, *, closes_at: int, waits_until: int, delays: tuple[float | None, ...] = ()
) -> tuple[list[int], Stall]:
    """How much each attempt left unread of a server that closes at so many bytes and waits for so many more, and what was kept."""
    attempts: list[int] = []

    async def attempt(context: DriverContext, stream: Stream, code: str, enough: int, seconds: float) -> Stall:
        attempts.append(enough)
        closed, is_seen = enough >= closes_at, enough < waits_until
        ended_by = "client" if not closed else "server" if is_seen else "failure"
        session = FeedSession(
            id=context.journal.name("s"),
            subject="feed",
            purpose="read nothing",
            request=Request("GET", "/feed"),
            handshake=101,
            close_code=4408 if ended_by == "server" else None,
            ended_by=ended_by,
        )
        return Stall(
            id=context.journal.name("stall-"),
            subject="feed",
            purpose="read nothing while changes come",
            slow=session,
            beside=session,
            unread=enough,
            delay=delays[len(attempts) - 1] if delays else 0.0,
            hooked=True,
            enough=enough,
        )

    monkeypatch.setattr(slow_consumer, "_attempt", attempt)
    run = Run()
    kept: list[Stall] = []
    monkeypatch.setattr(run.journal, "add", kept.append)
    await slow_consumer.stall(cast("DriverContext", run), cast("Stream", FeedTerms()))
    [stall] = kept
    return attempts, stall


async def test_one_attempt_suffices_where_the_code_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest one."""
    attempts, stall = await unread(monkeypatch, closes_at=1_000_000, waits_until=10_000_000)

    assert (attempts, stall.slow.close_code) == ([1_200_000], 4408)


async def test_a_server_that_gave_up_waiting_is_read_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its close frame was lost behind what was left unread: between what it bore and that lies where it can be seen."""
    attempts, stall = await unread(monkeypatch, closes_at=1_500_000, waits_until=2_000_000)

    assert (attempts, stall.slow.close_code) == ([1_200_000, 4_000_000, 2_600_000, 1_900_000], 4408)


async def test_a_server_that_never_tells_the_code_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is concluded from one lost close frame, and not for ever."""
    attempts, stall = await unread(monkeypatch, closes_at=100_000, waits_until=0)

    assert (len(attempts), stall.slow.ended_by) == (5, "failure")


async def test_a_server_that_closes_nobody_is_left_with_megabytes_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """More would only tell the same."""
    attempts, stall = await unread(monkeypatch, closes_at=10**9, waits_until=10**9)

    assert (attempts, stall.slow.ended_by, stall.unread) == ([1_200_000, 4_000_000], "client", 4_000_000)


@pytest.mark.parametrize(("delays", "attempts", "kept"), [((None, 3.5, 0.1), 3, 0.1), ((None, None, 9.0, None, None), 5, None)])
async def test_an_attempt_in_which_changes_came_late_is_repeated(
    monkeypatch: pytest.MonkeyPatch, delays: tuple[float | None, ...], attempts: int, kept: float | None
) -> None:
    """A machine may be busy for once; a server that always holds the others up is found."""
    tried, stall = await unread(monkeypatch, closes_at=1_000_000, waits_until=10**9, delays=delays)

    assert (tried, stall.delay) == ([1_200_000] * attempts, kept)
