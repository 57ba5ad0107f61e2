"""What goes wrong while drift is looked for.

TrafficRefused               exit 2   recorded traffic cannot be read, or none of it is of the contract
ThresholdRefused             exit 2   a threshold or its file is not as it should be
NothingObserved              exit 3   no server answered in a way that anything can be said of
RoleMissing                  exit 3   a conversation needs a tenant or a credential that was not given
"""

from __future__ import annotations

from assay_conformance.errors import KitError


class TrafficRefused(KitError):
    """Recorded traffic cannot be read, or none of it is of the contract."""

    exit_code = 2


class ThresholdRefused(KitError):
    """A threshold or its file is not as it should be."""

    exit_code = 2


class NothingObserved(KitError):
    """No server answered in a way that anything can be said of."""


class RoleMissing(KitError):
    """A conversation needs a tenant or a credential that was not given."""
