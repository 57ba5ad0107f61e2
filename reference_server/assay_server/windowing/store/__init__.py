"""The store of the contract: its events, rollups and jobs in Postgres."""

from .folding import REMEMBERED
from .store import EventStore
from .upkeep import BucketPlace, HoursCompacted, RollupsVerified
from .values import Answered, EntryPage, Ingested, Page, Place, Question, Summary

__all__ = [
    "REMEMBERED",
    "Answered",
    "BucketPlace",
    "EntryPage",
    "EventStore",
    "HoursCompacted",
    "Ingested",
    "Page",
    "Place",
    "Question",
    "RollupsVerified",
    "Summary",
]
