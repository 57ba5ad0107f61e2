"""An embedded Postgres: found, started, watched and removed by us."""

from .binaries import Binaries, find_binaries
from .cluster import EmbeddedPostgres
from .errors import PostgresError, PostgresFailed, PostgresNotFound, PostgresRefused

__all__ = [
    "Binaries",
    "EmbeddedPostgres",
    "PostgresError",
    "PostgresFailed",
    "PostgresNotFound",
    "PostgresRefused",
    "find_binaries",
]
