"""The store of the contract: its events, rollups and jobs in Postgres."""

from .folding import REMEMBERED
from .store import EventStore
from .values import Answered, EntryPage, Ingested, Page, Place, Question, Summary

__all__ = ["REMEMBERED", "Answered", "EntryPage", "EventStore", "Ingested", "Page", "Place", "Question", "Summary"]
