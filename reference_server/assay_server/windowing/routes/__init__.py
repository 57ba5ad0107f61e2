"""The operations of the contract."""

from .drilldown import DrilldownRoute
from .events import EventsRoute
from .jobs import JobRoutes, SummaryJobs
from .legacy import LegacyRoute
from .summary import SummaryRoute

__all__ = ["DrilldownRoute", "EventsRoute", "JobRoutes", "LegacyRoute", "SummaryJobs", "SummaryRoute"]
