"""SIGTERM and Ctrl-C end a command alike: what it started is cleaned up, one line is printed, and no traceback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM

Handler = Callable[[int, FrameType | None], object] | int | None
"""What `signal.getsignal` gives."""


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
def termination(state: Termination, earlier: Handler = None) -> Generator[None, None, None]:
    """Turn SIGTERM into an interrupt while the block runs, unless somebody else handles it already.

    `earlier` is what handled it before the handler that stands now, which goes only here: a signal between the two would find none.
    """
    before = signal.getsignal(signal.SIGTERM) if earlier is None else earlier
    if threading.current_thread() is not threading.main_thread() or before is not signal.SIG_DFL:
        yield
        return

    def interrupt(_: int, __: FrameType | None) -> None:
        state.received = True
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL):
            raise KeyboardInterrupt
        # An event loop has its own handler of SIGINT, which cancels its main task instead of stopping in any line.
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
