"""What is known of one finished exchange, apart from its answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it went; `revalidated` when the server confirmed the answer that the client had."""

    operation: str
    status: int
    correlation_id: str
    attempts: int
    revalidated: bool = False
