"""Long work that a request starts and does not wait for: queued, taken by one worker, followed, cancelled, kept for a while."""

from .store import JobStore
from .values import Job, JobFailure, JobTaken, NewJob
from .worker import JobCancelled, JobFailed, Perform, Report, Worker

__all__ = ["Job", "JobCancelled", "JobFailed", "JobFailure", "JobStore", "JobTaken", "NewJob", "Perform", "Report", "Worker"]
