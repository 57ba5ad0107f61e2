"""Every module of mutants written by hand. One that is not listed here breaks nothing; a test proves that all are."""

from __future__ import annotations

from types import ModuleType

from assay_mutants import (
    cache,
    channel,
    credentials,
    deletion,
    deprecation,
    derived_values,
    error_codes,
    error_taxonomy,
    faults,
    filter,
    freshness,
    generation_time,
    heartbeat,
    idempotency,
    job,
    operation,
    order,
    pagination,
    percentile,
    persistence,
    progress,
    rate_limit,
    snapshot,
    stream,
    stream_epochs,
    stream_resumption,
    tenancy,
    window,
)
from assay_mutants.model import WRITTEN, Mutant

MODULES: tuple[ModuleType, ...] = (
    cache,
    channel,
    credentials,
    deletion,
    deprecation,
    derived_values,
    error_codes,
    error_taxonomy,
    faults,
    filter,
    freshness,
    generation_time,
    heartbeat,
    idempotency,
    job,
    operation,
    order,
    pagination,
    percentile,
    persistence,
    progress,
    rate_limit,
    snapshot,
    stream,
    stream_epochs,
    stream_resumption,
    tenancy,
    window,
)


def written_mutants() -> tuple[Mutant, ...]:
    """Every mutant written by hand, in the order of their ids."""
    names = {module.__name__ for module in MODULES}
    return tuple(sorted((item for item in WRITTEN if item.change.__module__ in names), key=lambda item: item.id))
