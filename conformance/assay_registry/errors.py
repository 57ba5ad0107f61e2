"""What can be wrong with a registry.

RegistryUnusable   exit 2   a folder is no registry, or a file of it cannot be read
EntryRefused       exit 1   an entry is not added, since it would not hold
"""

from __future__ import annotations

from assay_contracts import AssayError


class RegistryUnusable(AssayError):
    """A folder is no registry, or a file of it cannot be read."""


class EntryRefused(AssayError):
    """An entry is not added: its certificate is not accepted, or it says something else than its certificate."""

    exit_code = 1
