"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Give signals their usual meaning: `nohup` and a shell's `&` ignore two, and every process that a test starts would inherit that."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
