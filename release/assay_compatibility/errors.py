"""What goes wrong while two documents are compared.

DocumentRefused              exit 2   a document cannot be compared: not there, not readable, or not of a known kind
"""

from __future__ import annotations

from assay_conformance.errors import KitError


class DocumentRefused(KitError):
    """A document cannot be compared: not there, not readable, or not of a known kind."""

    exit_code = 2
