"""End tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_SECONDS = 2.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and return when each has ended; what they raised is dropped.

    One request may be lost: on Python 3.11 `asyncio.wait_for`, which the connection pool waits with, swallows a cancellation that comes
    together with its result. A task that goes on is therefore asked again.
    """
    pending = {task for task in tasks if not task.done()}
    ending = set(pending)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*ending, return_exceptions=True)
