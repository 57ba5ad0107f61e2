"""How the one asynchronous implementation serves blocking callers.

Calls, pages and feeds are written once, as coroutines. A blocking client gives them parts (transport, clock, session) whose
coroutines do their work in place and never suspend, so the whole coroutine ends at its first step and needs no event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError(
        "a part of a blocking client suspends, such as an asynchronous token or transport; use the asynchronous client with it"
    )
