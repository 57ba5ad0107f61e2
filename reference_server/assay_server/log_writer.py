"""Standard error, written by a thread of its own.

A pipe that nobody reads stops whoever writes into it. Here that is one thread: the server goes on, keeps what is
waiting up to a bound, and reports how many lines it left out once the pipe is read again.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterable, Iterator

_MOST_BYTES = 4 * 1024 * 1024
_GATHER_SECONDS = 0.005
"""How long the thread lets lines gather before it writes them in one go."""


class LogWriter:
    """A text stream that never blocks. Lines beyond `most` waiting bytes are dropped and counted.

    `shared` is whether other processes write to the descriptor: then lines go out in pieces that no other writer can cut.
    """

    def __init__(self, descriptor: int, most: int = _MOST_BYTES, *, shared: bool = False) -> None:
        self._shared = shared
        self._descriptor = descriptor
        self._most = most
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._waiting = 0
        self._dropped = 0
        self._ready = threading.Event()
        self._written = threading.Event()
        self._written.set()
        threading.Thread(target=self._run, name="log-writer", daemon=True).start()

    def write(self, text: str) -> int:
        """Take a line; returns its length as every stream does."""
        with self._lock:
            if self._waiting + len(text) > self._most:
                self._dropped += 1
            else:
                self._lines.append(text)
                self._waiting += len(text)
                self._written.clear()
        if not self._ready.is_set():
            self._ready.set()
        return len(text)

    def flush(self) -> None:
        """Nothing to do: the thread writes as soon as it may."""

    def drain(self, seconds: float) -> None:
        """Wait until everything is written, but not longer."""
        self._written.wait(seconds)

    def _run(self) -> None:
        while True:
            self._ready.wait()
            threading.Event().wait(_GATHER_SECONDS)
            self._ready.clear()
            with self._lock:
                lines, self._lines = self._lines, []
                dropped, self._dropped = self._dropped, 0
            size = sum(map(len, lines))
            if dropped:
                lines.append(f'{{"event":"log","level":"warning","dropped_lines":{dropped}}}\n')
            for piece in _pieces(lines) if self._shared else ("".join(lines),):
                self._put(piece.encode(errors="replace"))
            with self._lock:
                self._waiting -= size
                if not self._lines:
                    self._written.set()

    def _put(self, text: bytes) -> None:
        """Write all of it; a reader that has gone takes nothing more."""
        view = memoryview(text)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            return


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The lines in pieces that a pipe takes whole or not at all; a longer line is a piece of its own."""
    piece, size = list[str](), 0
    for line in lines:
        length = len(line.encode(errors="replace"))
        if piece and size + length > select.PIPE_BUF:
            yield "".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += length
    yield "".join(piece)
