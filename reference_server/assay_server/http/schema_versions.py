"""Which version of a payload answers a request that names one."""

from __future__ import annotations

from collections.abc import Iterable


def version_for(asked: str | None, served: Iterable[str]) -> str | None:
    """The served version `major.minor.patch` that answers a request; None when none does.

    A major is answered with its newest minor, a minor with its newest patch; without a wish the newest version of all answers.

    >>> [version_for(asked, ["1.0.0", "1.1.0"]) for asked in (None, "1", "1.0", "1.1.0", "1.2")]
    ['1.1.0', '1.1.0', '1.0.0', '1.1.0', None]
    """
    wanted = [] if asked is None else asked.split(".")
    if not all(part.isascii() and part.isdecimal() for part in wanted) or len(wanted) > 3:
        return None
    fitting = [version for version in served if version.split(".")[: len(wanted)] == wanted]
    return max(fitting, key=lambda version: [int(part) for part in version.split(".")], default=None)
