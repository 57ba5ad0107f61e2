"""What generation may refuse."""

# Named for what is wrong, as the tree of assay_contracts is.

from __future__ import annotations

from assay_contracts import AssayError


class NotGeneratable(AssayError):
    """A contract uses something that no code is generated for."""


class OutputUnusable(AssayError):
    """The folder that was asked for cannot be written to."""
