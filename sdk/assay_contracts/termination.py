"""SIGTERM and Ctrl-C end a command alike: what it started is cleaned up, one line is printed, and no traceback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


@dataclass(slots=True)
class Termination:
    """Whether SIGTERM was received."""

    received: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of a command that was stopped: 143 by SIGTERM, else 130."""
        return TERMINATED if self.received else INTERRUPTED

    @property
    def word(self) -> str:
        """What happened to the command."""
        return "terminated" if self.received else "interrupted"


@contextmanager
def termination() -> Generator[Termination, None, None]:
    """Turn SIGTERM into an interrupt while the block runs, unless somebody else handles it already."""
    state = Termination()
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield state
        return

    def interrupt(_: int, __: FrameType | None) -> None:
        state.received = True
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL):
            raise KeyboardInterrupt
        # An event loop has its own handler of SIGINT, which cancels its main task instead of stopping in any line.
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield state
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
