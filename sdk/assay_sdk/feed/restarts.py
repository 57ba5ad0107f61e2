"""Telling a server that lags from one whose numbering began anew: the one catches up, the other stays below what is known."""

from __future__ import annotations

from assay_sdk.feed.tracking import Place

# So many statements in a row, over the time of the policy.
_PROOFS = 3


class RestartWatch:
    """Counts statements below what is known; any other one shows that the numbering goes on."""

    __slots__ = ("_after", "_count", "_since")

    def __init__(self, after: float) -> None:
        self._after = after
        self.clear()

    def clear(self) -> None:
        """Begin to count."""
        self._since: float | None = None
        self._count = 0

    def note(self, place: Place, now: float) -> None:
        """Note where a statement stood."""
        if place != "behind":
            self.clear()
            return
        self._count += 1
        if self._since is None:
            self._since = now

    def confirmed(self, now: float) -> bool:
        """Whether everything has been below for long enough."""
        return self._since is not None and self._count >= _PROOFS and now - self._since >= self._after
