"""Many panels at once: a shared cache, one request for panels that ask for the same, and results that never raise."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from assay_sdk.clocks import Clock, LoopClock
from assay_sdk.errors import ApiError
from assay_sdk.model import Model, exchange_of
from assay_sdk.panels.outcomes import outcome_of
from assay_sdk.panels.results import PanelResult
from assay_sdk.panels.states import Outcome, PanelState, advance

T = TypeVar("T")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])", re.ASCII)


@dataclass(frozen=True, slots=True)
class PanelPolicy:
    """How panels load: after `patience` seconds data that are there are shown as old, and the new ones come to the next reader.

    After `attempts` failures in a row a panel loads by `retry` alone, and after `corrupt` payloads in a row that cannot be read by
    `switch_on` alone.
    """

    patience: float = 2.0
    attempts: int = 3
    corrupt: int = 3


@dataclass(frozen=True, slots=True)
class Panel(Generic[T]):
    """One panel: a method of a client and its arguments. Panels with the same ones share their data.

    `window` names the arguments with the start and the end of a time window. `stale` and `partial` say of a response whether the server
    calls it so.
    """

    call: Callable[..., Awaitable[T]]
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    window: tuple[str, str] | None = None
    stale: Callable[[T], bool] | None = None
    partial: Callable[[T], bool] | None = None

    @property
    def key(self) -> Hashable:
        """What panels with the same data have in common."""
        return self.call, tuple(sorted((name, repr(value)) for name, value in self.arguments.items()))

    def narrower(self) -> Panel[T]:
        """The same panel over the later half of its window, with every other argument as it is."""
        if self.window is None:
            return self
        start, end = (self.arguments.get(name) for name in self.window)
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            return self
        arguments = {**self.arguments, self.window[0]: start + (end - start) / 2}
        return Panel(self.call, arguments, self.window, self.stale, self.partial)


def _without_data() -> PanelState[Any]:
    return PanelState()


@dataclass(slots=True)
class _Entry:
    state: PanelState[Any] = field(default_factory=_without_data)
    fresh_until: float = 0.0
    failures: int = 0
    loading: asyncio.Task[None] | None = None


class Panels:
    """The panels of one page for tasks; `shows` has what the contract's taxonomy says that a person should see, by category."""

    def __init__(self, clock: Clock | None = None, *, shows: Mapping[str, str] | None = None, policy: PanelPolicy | None = None) -> None:
        self._clock = clock or LoopClock()
        self._shows = shows or {}
        self._policy = policy or PanelPolicy()
        self._entries: dict[Hashable, _Entry] = {}

    async def gather(self, panels: Mapping[str, Panel[Any]]) -> dict[str, PanelResult[Any]]:
        """The result of each panel by its name. One that fails leaves the others alone."""
        results = await asyncio.gather(*(self.load(panel) for panel in panels.values()))
        return dict(zip(panels, results, strict=True))

    async def load(self, panel: Panel[T]) -> PanelResult[T]:
        """The result of one panel: from the cache while the server lets it be kept, else loaded."""
        entry = self._entry(panel)
        spent = entry.failures >= self._policy.attempts
        if not entry.state.off and not spent and self._clock.monotonic() >= entry.fresh_until:
            await self._load(panel, entry)
        return entry.state.result()

    async def retry(self, panel: Panel[T]) -> PanelResult[T]:
        """Load a panel because a person asked for it, whatever failed before."""
        entry = self._entry(panel)
        entry.failures, entry.fresh_until = 0, 0.0
        return await self.load(panel)

    def switch_on(self, panel: Panel[Any]) -> None:
        """Let a panel load again that was switched off after payloads that cannot be read."""
        self._entries.pop(panel.key, None)

    def invalidate(self, panel: Panel[Any]) -> None:
        """Let the next reader load a panel, as after a message of a feed; data that are there stay until then."""
        self._entry(panel).fresh_until = 0.0

    def patch(self, panel: Panel[T], change: Callable[[T], T]) -> None:
        """Change the data of a panel, as a message of a feed says; one without data stays without."""
        entry = self._entry(panel)
        if entry.state.data:
            entry.state = advance(entry.state, "loaded", data=(change(entry.state.data[0]),), now=self._clock.now())

    def _entry(self, panel: Panel[Any]) -> _Entry:
        return self._entries.setdefault(panel.key, _Entry())

    async def _load(self, panel: Panel[Any], entry: _Entry) -> None:
        if entry.loading is None or entry.loading.done():
            entry.loading = asyncio.create_task(self._refresh(panel, entry))
        # The load goes on for the next reader when this one has data to show meanwhile.
        waiting = asyncio.shield(entry.loading)
        if not entry.state.data:
            await waiting
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._policy.patience):
                await waiting
                return
        entry.state = advance(entry.state, "slow", shows=self._shows.get("slow", ""))

    async def _refresh(self, panel: Panel[Any], entry: _Entry) -> None:
        try:
            found = await panel.call(**panel.arguments)
        except Exception as error:
            # Whatever a panel fails with, the page stays; the result carries the error.
            self._failed(entry, error)
            return
        outcome = _outcome(panel, found)
        entry.failures = 0
        entry.fresh_until = self._clock.monotonic() + (_max_age(found) if outcome == "loaded" else 0.0)
        entry.state = advance(entry.state, outcome, data=(found,), now=self._clock.now())

    def _failed(self, entry: _Entry, error: Exception) -> None:
        outcome = outcome_of(error)
        entry.failures += 1
        category = error.category if isinstance(error, ApiError) else outcome
        shows, limit = self._shows.get(category, ""), self._policy.corrupt
        entry.state = advance(entry.state, outcome, error=error, shows=shows, corrupt_limit=limit)


def _outcome(panel: Panel[T], value: T) -> Outcome:
    """What the server, or the reader that left rows out, says of a response."""
    if panel.partial is not None and panel.partial(value):
        return "partial"
    if isinstance(value, Model):
        with suppress(LookupError):
            if exchange_of(value).defects:
                return "partial"
    return "stale" if panel.stale is not None and panel.stale(value) else "loaded"


def _max_age(value: object) -> float:
    """For how many seconds the server lets a response be kept; 0 where it says nothing."""
    if not isinstance(value, Model):
        return 0.0
    with suppress(LookupError):
        stated = next((text for name, text in exchange_of(value).headers.items() if name.lower() == "cache-control"), "")
        found = _MAX_AGE.search(stated)
        return float(found[1]) if found is not None and "no-store" not in stated else 0.0
    return 0.0
