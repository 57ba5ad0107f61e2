"""What was seen on the wire: typed, frozen records between the drivers and the checks, and their NDJSON form."""

from assay_conformance.evidence.exchanges import Exchange, Request, Response
from assay_conformance.evidence.journal import Evidence, Journal, Provenance, read_evidence, write_evidence
from assay_conformance.evidence.records import Record, record
from assay_conformance.evidence.sessions import FeedSession, Frame

__all__ = [
    "Evidence",
    "Exchange",
    "FeedSession",
    "Frame",
    "Journal",
    "Provenance",
    "Record",
    "Request",
    "Response",
    "read_evidence",
    "record",
    "write_evidence",
]
