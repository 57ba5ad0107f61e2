"""The store of the contract: its facts, rollups and incidents in Postgres."""

from assay_server.postgres.connections import Limits
from assay_server.postgres.store_errors import SchemaMismatch, StoreBusy, StoreDown, StoreError, StoreReadOnly, StoreTimeout
from assay_server.rollups import Incident, Metrics

from .facts import (
    FAILURES,
    Channel,
    Component,
    ErrorClass,
    EventType,
    Fact,
    RetryOutcome,
)
from .incidents import RETAINED
from .store import Store
from .upkeep import Compacted, Difference, Verified
from .values import (
    ChangeSet,
    Failure,
    FailurePage,
    FailurePosition,
    FailureQuery,
    FailureSort,
    FunnelAnswer,
    FunnelBucket,
    FunnelPlan,
    FunnelQuery,
    IncidentChanges,
    IncidentState,
    Ingested,
    Step,
)

__all__ = [
    "FAILURES",
    "RETAINED",
    "ChangeSet",
    "Channel",
    "Compacted",
    "Component",
    "Difference",
    "ErrorClass",
    "EventType",
    "Fact",
    "Failure",
    "FailurePage",
    "FailurePosition",
    "FailureQuery",
    "FailureSort",
    "FunnelAnswer",
    "FunnelBucket",
    "FunnelPlan",
    "FunnelQuery",
    "Incident",
    "IncidentChanges",
    "IncidentState",
    "Ingested",
    "Limits",
    "Metrics",
    "RetryOutcome",
    "SchemaMismatch",
    "Step",
    "Store",
    "StoreBusy",
    "StoreDown",
    "StoreError",
    "StoreReadOnly",
    "StoreTimeout",
    "Verified",
]
