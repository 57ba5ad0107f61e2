"""The operations of the contract, one module each."""

from .failures import FailureList
from .funnel import FunnelNumbersRoute
from .snapshot import SnapshotRoute

__all__ = ["FailureList", "FunnelNumbersRoute", "SnapshotRoute"]
