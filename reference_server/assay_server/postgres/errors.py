"""What can go wrong before there is a Postgres to talk to.

PostgresError
├── PostgresNotFound    no usable programs on this machine
├── PostgresRefused     the machine does not let the server run as it is
└── PostgresFailed      the server was started and did not become ready
"""

from __future__ import annotations


class PostgresError(Exception):
    """The embedded Postgres cannot be used; the message says what to do next."""


class PostgresNotFound(PostgresError):
    """No Postgres of a supported version was found."""


class PostgresRefused(PostgresError):
    """Postgres does not run as root, and this machine blocks the namespace that would hide it."""


class PostgresFailed(PostgresError):
    """Postgres was started and ended, or was not ready in time."""
