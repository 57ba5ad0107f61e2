"""What a job is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["queued", "running", "complete", "failed"]


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why a job failed: a code, a sentence, what to do, and whether starting it again makes sense."""

    code: str
    message: str
    action: str
    retryable: bool


CANCELLED = JobFailure("CANCELLED", "the job was cancelled", "start it again if its result is needed", retryable=True)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to start. `same_as` identifies the question: an equal one of the same owner gets the same job while it is under way."""

    kind: str
    owner: str
    question: Any
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `phase` is the number of the step of the work, from 0; `progress` is in percent."""

    id: str
    kind: str
    status: Status
    progress: int
    phase: int
    created_at: datetime
    expires_at: datetime
    owner: str
    question: Any
    failure: JobFailure | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ("complete", "failed")


@dataclass(frozen=True, slots=True)
class JobTaken:
    """A job in the hands of a worker; `attempt` counts from 1."""

    id: str
    kind: str
    owner: str
    question: Any
    attempt: int
