"""What was seen on the wire: typed, frozen records between the drivers and the checks, and their NDJSON form."""

from assay_conformance.evidence.cache import Revalidation
from assay_conformance.evidence.deletion import Deletion
from assay_conformance.evidence.derived import Derivation, SourcePages
from assay_conformance.evidence.error_codes import Refusal
from assay_conformance.evidence.error_taxonomy import VersionAsk
from assay_conformance.evidence.exchanges import Exchange, Request, Response
from assay_conformance.evidence.faults import FaultRun
from assay_conformance.evidence.filter import ListPair, ListPartition, NumberPair, NumberPartition
from assay_conformance.evidence.freshness import FreshFacts
from assay_conformance.evidence.idempotency import KeyedPair, KeyedRace, ReadingRound, ReplayReadings
from assay_conformance.evidence.job import ForeignJob, JobRun
from assay_conformance.evidence.journal import Evidence, Journal, Provenance, read_evidence, write_evidence
from assay_conformance.evidence.own_clauses import ClauseResponses
from assay_conformance.evidence.pagination import SamePage, Walk
from assay_conformance.evidence.percentile import SentValues
from assay_conformance.evidence.persistence import Write
from assay_conformance.evidence.progress import ProgressKnock, ProgressRun
from assay_conformance.evidence.rate_limit import LimitedRequest, QuotaPair
from assay_conformance.evidence.records import Record, record
from assay_conformance.evidence.sessions import FeedSession, Frame
from assay_conformance.evidence.snapshot import Resync
from assay_conformance.evidence.stream import Act, Rejoin, Resumption, Stall, Watch
from assay_conformance.evidence.tenancy import Alike, Neighbours
from assay_conformance.evidence.window import Hunt, LateFacts, Series, Split, Twice

__all__ = [
    "Act",
    "Alike",
    "ClauseResponses",
    "Deletion",
    "Derivation",
    "Evidence",
    "Exchange",
    "FaultRun",
    "FeedSession",
    "ForeignJob",
    "Frame",
    "FreshFacts",
    "Hunt",
    "JobRun",
    "Journal",
    "KeyedPair",
    "KeyedRace",
    "LateFacts",
    "LimitedRequest",
    "ListPair",
    "ListPartition",
    "Neighbours",
    "NumberPair",
    "NumberPartition",
    "ProgressKnock",
    "ProgressRun",
    "Provenance",
    "QuotaPair",
    "ReadingRound",
    "Record",
    "Refusal",
    "Rejoin",
    "ReplayReadings",
    "Request",
    "Response",
    "Resumption",
    "Resync",
    "Revalidation",
    "SamePage",
    "SentValues",
    "Series",
    "SourcePages",
    "Split",
    "Stall",
    "Twice",
    "VersionAsk",
    "Walk",
    "Watch",
    "Write",
    "read_evidence",
    "record",
    "write_evidence",
]
