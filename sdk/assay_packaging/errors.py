"""What is rejected before a package is written."""

# Named for what is wrong, as the tree of assay_contracts is.

from __future__ import annotations

from assay_contracts import AssayError


class ConfigurationInvalid(AssayError):
    """The configuration of a client does not say what it must, or says what nothing reads."""


class RuntimeIncomplete(AssayError):
    """The runtime cannot be copied, since its sources are not installed."""

    exit_code = 3
