"""The windowing contract: what its numbers mean, without any storage or transport."""

from .bolt11 import InvoiceUnreadable, satoshi_of
from .cards import Cards, count, timeline
from .drilldowns import Entry, Metric, drill_down, in_order
from .events import EventRejected, NostrEvent, event_hash, parse_event
from .facts import Fact, FactKind, fact_of
from .freshness import Freshness, source_of, staleness_ms
from .rejections import reject
from .spans import SPANS, InvalidWindow, Window, resolve_window, step_of, whole_hours

__all__ = [
    "SPANS",
    "Cards",
    "Entry",
    "EventRejected",
    "Fact",
    "FactKind",
    "Freshness",
    "InvalidWindow",
    "InvoiceUnreadable",
    "Metric",
    "NostrEvent",
    "Window",
    "count",
    "drill_down",
    "event_hash",
    "fact_of",
    "in_order",
    "parse_event",
    "reject",
    "resolve_window",
    "satoshi_of",
    "source_of",
    "staleness_ms",
    "step_of",
    "timeline",
    "whole_hours",
]
