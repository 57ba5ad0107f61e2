"""A job from the request that starts it to its end."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("job-run")
@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun(Record):
    """One job: how it was started, each time that its state was read, and what became of it.

    `cancels` are requests to cancel it, `cancelled_at` is how many polls came before the first of them. `located` reads what
    `Location` names, `result` is the operation that returns the result, `named` the address that the job itself names; each None where
    there is none.
    `ended` is whether a final state was seen; `waited` is how long it was waited for, in seconds.
    """

    start: Exchange
    polls: tuple[Exchange, ...]
    cancels: tuple[Exchange, ...] = ()
    cancelled_at: int = 0
    located: Exchange | None = None
    result: Exchange | None = None
    named: Exchange | None = None
    ended: bool = False
    waited: float = 0.0


@record("foreign-job")
@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignJob(Record):
    """A job that belongs to somebody else, and one that does not exist, asked for with the same credential.

    The foreign one is asked for twice, since some parts of a refusal differ from response to response; `own` is the job read by its owner
    afterwards. `job` and `unknown_job` are the identifiers that were asked for.
    """

    foreign: Exchange
    again: Exchange
    unknown: Exchange
    own: Exchange
    job: str
    unknown_job: str
