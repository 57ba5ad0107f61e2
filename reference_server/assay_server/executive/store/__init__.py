"""The store of the contract: what a company recorded, and the events of the dashboard's users, in Postgres."""

from .events import Percentile, UserEvent
from .reading import Overview
from .records import (
    Alert,
    AtRisk,
    Backlog,
    Customer,
    Entry,
    Order,
    Pipeline,
    Record,
    Retention,
    Risk,
    Spend,
    Subscription,
    Uptime,
    WinRate,
)
from .store import KEPT_DAYS, Store

__all__ = [
    "KEPT_DAYS",
    "Alert",
    "AtRisk",
    "Backlog",
    "Customer",
    "Entry",
    "Order",
    "Overview",
    "Percentile",
    "Pipeline",
    "Record",
    "Retention",
    "Risk",
    "Spend",
    "Store",
    "Subscription",
    "Uptime",
    "UserEvent",
    "WinRate",
]
