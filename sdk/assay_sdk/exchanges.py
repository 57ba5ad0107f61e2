"""What is known of one finished exchange, apart from its response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RowDefect:
    """A row of a list that breaks the contract and was left out.

    `pointer` is its JSON Pointer (RFC 6901) in the body as received.
    """

    pointer: str
    problem: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it went.

    `revalidated` when the server confirmed the response that the client had; `defects` are the rows that were left out of it.
    """

    operation: str
    status: int
    correlation_id: str
    attempts: int
    revalidated: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    defects: tuple[RowDefect, ...] = ()
