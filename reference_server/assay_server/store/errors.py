"""What a caller of the store must be ready for.

StoreError
├── StoreBusy       every connection is in use; try again soon
├── StoreTimeout    a statement ran longer than it may
└── StoreDown       the database cannot be reached
"""

from __future__ import annotations


class StoreError(Exception):
    """The store did not answer; nothing was half done."""


class StoreBusy(StoreError):
    """Every connection is in use and none came free in time."""


class StoreTimeout(StoreError):
    """A statement was cancelled because it ran longer than it may."""


class StoreDown(StoreError):
    """The database is not there, or went away during the statement."""
