"""The second implementation by hand.

`python -m tests.implementations.independent_server serve --write-target FILE [--wrong NAME]` serves it until it is stopped;
`python -m tests.implementations.independent_server sweep [WORD…]` makes it wrong in every way whose name holds a word, and prints
the clauses that detect it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from pathlib import Path

from assay_contracts import load_contract

from .serving import serving
from .trying import beholders, failed, tried
from .wrongs import OVER_HTTP, OVER_THE_FEED


async def serve(given: argparse.Namespace) -> None:
    """Serve, and write the manifest once the server is ready."""
    async with serving(given.wrong, seed=given.seed, hook=not given.no_hook, slowness=given.slowness) as server:
        server.write(given.write_target)
        print(server.http, server.ws, flush=True)
        over = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, over.set)
        await over.wait()


async def sweep(words: list[str]) -> None:
    """Try one wrong server after the other."""
    contract = load_contract("reliability@1.0.0")
    for name, clauses in {**OVER_HTTP, **OVER_THE_FEED}.items():
        if words and not any(word in name for word in words):
            continue
        began = time.monotonic()
        chosen = () if name in OVER_THE_FEED else beholders(clauses)
        with tempfile.TemporaryDirectory() as folder:
            result = await tried(contract, Path(folder), name, *chosen)
        rows = [row for row in failed(result) if row.level == "MUST"]
        found = sorted({row.clause for row in rows})
        word = "refused" if set(found) & set(clauses) else "elsewhere" if found else "UNSEEN" if clauses else "not promised"
        print(
            f"{time.monotonic() - began:5.1f} s  {word:12} {name}: {', '.join(found) or '-'} (expected {', '.join(clauses) or '-'})",
            flush=True,
        )
        if word == "elsewhere":
            for row in rows[:3]:
                print(f"         {row.clause} {row.subject}: expected {row.expected}, saw {row.actual}"[:300], flush=True)


def main() -> None:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    server = commands.add_parser("serve")
    server.add_argument("--write-target", type=Path, required=True)
    server.add_argument("--wrong", default="")
    server.add_argument("--seed", type=int, default=1)
    server.add_argument("--slowness", type=float, default=0.02)
    server.add_argument("--no-hook", action="store_true")
    sweeper = commands.add_parser("sweep")
    sweeper.add_argument("words", nargs="*")
    given = parser.parse_args()
    asyncio.run(sweep(given.words) if "words" in given else serve(given))


if __name__ == "__main__":
    main()
