"""Sessions of a channel that follows one job."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record
from assay_conformance.evidence.sessions import FeedSession


@record("progress-run")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRun(Record):
    """A job followed by a session to its end, and read over HTTP meanwhile.

    `reads` are the states over HTTP, `seen` how many messages the session had received before each of them was asked for. `delayed` is
    whether the hook held the job up.
    """

    session: FeedSession
    reads: tuple[Exchange, ...]
    seen: tuple[int, ...]
    delayed: bool = False


@record("progress-knock")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressKnock(Record):
    """A session that must be refused.

    `when` says why, in the words of the close codes; `foreign` is whether the job is somebody else's.
    """

    session: FeedSession
    when: str
    foreign: bool = False
