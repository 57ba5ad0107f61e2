"""Every module of checks, by name. One that is not listed here certifies nothing; a test proves that all are."""

from __future__ import annotations

from types import ModuleType

from assay_conformance.checks import (
    cache,
    channel,
    credentials,
    deprecation,
    derived,
    error_codes,
    error_taxonomy,
    faults,
    filter,
    freshness,
    idempotency,
    job,
    operation,
    order,
    own_clauses,
    pagination,
    percentile,
    progress,
    rate_limit,
    snapshot,
    stream,
    stream_joins,
    tenancy,
    window,
)

MODULES: tuple[ModuleType, ...] = (
    cache,
    channel,
    credentials,
    deprecation,
    derived,
    error_codes,
    error_taxonomy,
    faults,
    filter,
    freshness,
    idempotency,
    job,
    operation,
    order,
    own_clauses,
    pagination,
    percentile,
    progress,
    rate_limit,
    snapshot,
    stream,
    stream_joins,
    tenancy,
    window,
)
