"""The only door to Postgres."""

from assay_server.rollups import Incident, Metrics

from .connections import Limits
from .errors import StoreBusy, StoreDown, StoreError, StoreTimeout
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
from .values import (
    ChangeSet,
    Failure,
    FailurePage,
    FailurePosition,
    FailureQuery,
    FailureSort,
    FunnelAnswer,
    FunnelBucket,
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
    "Component",
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
    "FunnelQuery",
    "Incident",
    "IncidentChanges",
    "IncidentState",
    "Ingested",
    "Limits",
    "Metrics",
    "RetryOutcome",
    "Step",
    "Store",
    "StoreBusy",
    "StoreDown",
    "StoreError",
    "StoreTimeout",
]
