"""The operations of the contract, one module each."""

from .events import EventsRoute
from .exports import ExportRoutes
from .failures import FailureList
from .funnel import FunnelNumbersRoute
from .snapshot import SnapshotRoute
from .tenants import TenantRanking

__all__ = ["EventsRoute", "ExportRoutes", "FailureList", "FunnelNumbersRoute", "SnapshotRoute", "TenantRanking"]
