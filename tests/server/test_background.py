"""Work beside the requests goes on whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import structlog
from assay_server import background
from assay_server.background import Background, Work
from assay_server.metrics import ServerMetrics

LOG = structlog.get_logger("test")


async def until(holds: Callable[[], bool]) -> None:
    """Let the work go on until something holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - the work has no event for it
            await asyncio.sleep(0.001)


async def test_work_that_fails_is_tried_again_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any error, not only those of the store; while it lasts the work is named as failing."""
    monkeypatch.setattr(background, "_FIRST_WAIT", 0.001)
    monkeypatch.setattr(background, "_LONGEST_WAIT", 0.001)
    rounds, broken, whole = 0, True, asyncio.Event()

    async def perform() -> None:
        nonlocal rounds
        rounds += 1
        if broken:
            raise ZeroDivisionError
        whole.set()

    metrics = ServerMetrics()
    works = Background((Work("closing", perform, 0.001),), metrics, LOG)
    works.start()
    await until(lambda: rounds >= 6)
    failing = works.failing
    broken = False
    await asyncio.wait_for(whole.wait(), 60)
    await until(lambda: not works.failing)
    await works.stop()

    assert failing == ("closing",)
    assert b'assay_background_failures_total{work="closing"}' in metrics.text()


async def test_stopped_work_does_nothing_more() -> None:
    """No round begins after the stop."""
    rounds = 0

    async def perform() -> None:
        nonlocal rounds
        rounds += 1

    works = Background((Work("closing", perform, 0.001),), ServerMetrics(), LOG)
    works.start()
    await until(lambda: rounds > 0)
    await works.stop()
    before = rounds
    await asyncio.sleep(0.02)

    assert before == rounds
