"""What a mutant is, and the registry of those written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from assay_conformance.evidence import Exchange, Frame, Request, Response
from assay_contracts import Contract

State: TypeAlias = dict[Any, Any]
"""A mutant's memory over one run; fresh for each."""

HttpChange: TypeAlias = Callable[[Exchange, Contract, State], Response]
"""Gives the wrong answer in place of the right one; the very same object where the mutant does not fire."""

RequestChange: TypeAlias = Callable[[Request, Contract, State], Request]
"""Gives what a wrong server would have read in place of the request; live only."""

FrameChange: TypeAlias = Callable[[Frame, Contract, State], Iterable[Frame]]
"""Gives what is sent in place of one frame of the server: none, it, or several."""

CloseChange: TypeAlias = Callable[[int, Contract, State], int | None]
"""Gives the close code sent in place of the server's; None leaves the session open."""


@dataclass(frozen=True, slots=True)
class HttpMutant:
    """A wrong HTTP implementation.

    `id` is a kebab sentence; `subject` the operation that it is wrong in, `*` for any; `breaks` the clauses of which one must fail;
    `origin` is `derived` or `written`; `live_only` when recorded answers cannot show it (it changes what is read or when).
    """

    id: str
    subject: str
    breaks: frozenset[str]
    change: HttpChange
    request: RequestChange | None = None
    origin: str = "written"
    live_only: bool = False


@dataclass(frozen=True, slots=True)
class FeedMutant:
    """A wrong WebSocket implementation; `change` is called for each frame of the server, with a memory of its own for each session."""

    id: str
    subject: str
    breaks: frozenset[str]
    change: FrameChange
    close: CloseChange | None = None
    origin: str = "written"
    live_only: bool = False


Mutant: TypeAlias = HttpMutant | FeedMutant

WRITTEN: list[Mutant] = []


def http_mutant(
    *,
    breaks: Iterable[str],
    subject: str = "*",
    request: RequestChange | None = None,
    live_only: bool = False,
) -> Callable[[HttpChange], HttpChange]:
    """Register an HTTP mutant written by hand; its id is the function's name in kebab case."""

    def register(change: HttpChange) -> HttpChange:
        name = change.__name__.replace("_", "-")
        WRITTEN.append(HttpMutant(name, subject, frozenset(breaks), change, request, "written", live_only))
        return change

    return register


def feed_mutant(
    *, breaks: Iterable[str], subject: str = "*", close: CloseChange | None = None, live_only: bool = False
) -> Callable[[FrameChange], FrameChange]:
    """Register a feed mutant written by hand; its id is the function's name in kebab case."""

    def register(change: FrameChange) -> FrameChange:
        name = change.__name__.replace("_", "-")
        WRITTEN.append(FeedMutant(name, subject, frozenset(breaks), change, close, "written", live_only))
        return change

    return register
