"""The state of a panel, and how each attempt to load it changes what it shows. Pure: no time passes here and nothing is sent.

loaded, stale, partial     the new data are shown
slow, transient,           data that were there stay, marked as old
availability, validation
authz, contract, corrupt,  nothing is shown but the reason
unknown
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from assay_sdk.panels.results import Failed, Fresh, Incompatible, PanelResult, Partial, Stale

T = TypeVar("T")

Outcome: TypeAlias = Literal[
    "loaded", "stale", "partial", "slow", "transient", "availability", "validation", "authz", "contract", "corrupt", "unknown"
]

_KEEPING: Final = frozenset({"slow", "transient", "availability", "validation"})
_RETRIED: Final = frozenset({"slow", "transient", "availability", "corrupt", "unknown"})
# What a person sees where the contract says nothing of it.
SHOWS: Final[Mapping[Outcome, str]] = {
    "stale": "Data is delayed.",
    "partial": "Some data is missing.",
    "slow": "Data is delayed.",
    "transient": "This part is busy. Try again.",
    "availability": "The service is unavailable. The data on screen stays.",
    "validation": "The request is not valid. Change it and try again.",
    "authz": "Your role does not allow this view.",
    "contract": "Incompatible data version. Reload the page.",
    "corrupt": "No data to show.",
    "unknown": "Something went wrong.",
}


@dataclass(frozen=True, slots=True)
class PanelState(Generic[T]):
    """What a panel holds: `data` is a value in a tuple, empty for none; `corrupt` counts payloads in a row that could not be read."""

    data: tuple[T, ...] = ()
    updated: datetime | None = None
    outcome: Outcome = "unknown"
    corrupt: int = 0
    off: bool = False
    shows: str = ""
    error: BaseException | None = None

    def result(self) -> PanelResult[T]:
        """What to show."""
        shows = self.shows or SHOWS.get(self.outcome, "")
        retry, narrower = self.outcome in _RETRIED and not self.off, self.outcome == "slow"
        if self.outcome == "contract":
            return Incompatible(shows, self.error)
        if not self.data:
            return Failed(shows, retry, self.error, narrower, self.off)
        value = self.data[0]
        if self.outcome == "loaded":
            return Fresh(value, self.updated)
        if self.outcome == "partial":
            return Partial(value, self.updated, shows)
        return Stale(value, self.updated, shows, retry or self.outcome == "stale", narrower, self.error)


def advance(
    state: PanelState[T],
    outcome: Outcome,
    *,
    data: tuple[T, ...] = (),
    now: datetime | None = None,
    error: BaseException | None = None,
    shows: str = "",
    corrupt_limit: int = 3,
) -> PanelState[T]:
    """The state after an attempt; `data` are those of one that loaded something. A panel that is switched off stays as it is."""
    if state.off:
        return state
    if outcome in ("loaded", "stale", "partial"):
        return PanelState(data, now, outcome, shows=shows)
    if outcome in _KEEPING:
        return replace(state, outcome=outcome, corrupt=0, shows=shows, error=error)
    corrupt = state.corrupt + 1 if outcome == "corrupt" else 0
    return PanelState((), None, outcome, corrupt, off=corrupt >= corrupt_limit, shows=shows, error=error)
