"""The `assay` command from its first instruction: nothing that it imports can be interrupted with a traceback.

`assay_contracts` takes a tenth of a second to import; Ctrl-C and SIGTERM in that time end the process at once, since there is nothing to
clean up yet. It is a package of its own, so that the handlers stand before the first import of any other.
"""

import os
import signal
import sys
from types import FrameType

_WORDS = {signal.SIGINT: b"interrupted", signal.SIGTERM: b"terminated"}

__all__ = ["main"]


def main() -> None:
    """Run the `assay` command line and leave with its exit code."""
    before = {number: signal.getsignal(number) for number in _WORDS}
    for number, handler in before.items():
        # A shell that starts a command in the background makes it ignore SIGINT; that stays.
        if handler is not signal.SIG_IGN:
            signal.signal(number, _leave)
    from assay_contracts.cli import main as run_command

    run_command(earlier=before)


def _leave(number: int, _: FrameType | None) -> None:
    os.write(sys.stderr.fileno(), b"assay: error: " + _WORDS[signal.Signals(number)] + b"\n")
    os._exit(128 + number)
