"""The operations of the contract, one module each, and the routes beside it."""

from .failures import FailureList
from .funnel import FunnelNumbersRoute
from .operations import OPERATIONAL, OperationalRoutes
from .snapshot import SnapshotRoute

__all__ = ["OPERATIONAL", "FailureList", "FunnelNumbersRoute", "OperationalRoutes", "SnapshotRoute"]
