"""What the gate cannot work with.

GateInputRefused             exit 2   what the gate was given is not there, not readable, or does not go together
"""

from __future__ import annotations

from assay_conformance.errors import KitError


class GateInputRefused(KitError):
    """What the gate was given is not there, not readable, or does not go together."""

    exit_code = 2
