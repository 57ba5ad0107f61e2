"""What was recorded of a server, whoever recorded it."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence import Evidence, Exchange, FeedSession


@dataclass(frozen=True, slots=True)
class Recording:
    """Exchanges and sessions of one server, and where they come from.

    `requests` is whether the requests are those of real clients. `evidence` is that of the kit's own conversations, None where clauses
    cannot be judged.
    """

    exchanges: tuple[Exchange, ...]
    sessions: tuple[FeedSession, ...] = ()
    requests: bool = False
    evidence: Evidence | None = None
    source: str = ""
