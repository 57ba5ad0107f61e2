"""What a caller of a store must be ready for.

StoreError
├── StoreBusy        every connection is in use; try again soon
├── StoreTimeout     a statement ran longer than it may
├── StoreDown        the database cannot be reached
├── StoreReadOnly    the database takes no writes, or not from this role
└── SchemaMismatch   the tables are not those that this version works with
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


class StoreReadOnly(StoreError):
    """The database is read-only, or the role lacks a right."""


class SchemaMismatch(StoreError):
    """A table or column is missing, or a newer version of the server migrated the database."""
