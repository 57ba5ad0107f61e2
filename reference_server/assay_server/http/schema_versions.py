"""Which version of a payload answers a request that names one."""

from __future__ import annotations

from collections.abc import Iterable


def version_for(requested: str | None, served: Iterable[str]) -> str | None:
    """The served version `major.minor.patch` that answers a request; None when none does.

    A major is answered with its newest minor, a minor with its newest patch, and a request that names none with the newest version of all.

    >>> [version_for(requested, ["1.0.0", "1.1.0"]) for requested in (None, "1", "1.0", "1.1.0", "1.2")]
    ['1.1.0', '1.1.0', '1.0.0', '1.1.0', None]
    """
    parts = [] if requested is None else requested.split(".")
    if not all(part.isascii() and part.isdecimal() for part in parts) or len(parts) > 3:
        return None
    fitting = [version for version in served if version.split(".")[: len(parts)] == parts]
    return max(fitting, key=lambda version: [int(part) for part in version.split(".")], default=None)
