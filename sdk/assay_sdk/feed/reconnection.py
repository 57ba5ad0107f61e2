"""When a feed connects again, and how it passes the time without a session.

a session is lost -> pauses that grow, for so many attempts in a row -> polling, with probes of the stream that get rarer
"""

from __future__ import annotations

from assay_sdk.clocks import Clock
from assay_sdk.retry import jittered
from assay_sdk.settings import FeedPolicy


class Reconnection:
    """The attempts to connect so far, and the moments of the next probe and the next poll."""

    __slots__ = ("_clock", "_failures", "_opened_at", "_policy", "_poll_due", "_probe_due", "_probe_pause", "_renewed")

    def __init__(self, policy: FeedPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._failures = 0
        self._renewed = False
        self._opened_at = 0.0
        self._probe_due = 0.0
        self._probe_pause = 0.0
        self._poll_due = 0.0

    @property
    def exhausted(self) -> bool:
        """Whether so many attempts in a row failed that the feed polls."""
        return self._failures > self._policy.attempts

    async def pause(self) -> None:
        """Wait before the next attempt; not before the first."""
        if self._failures:
            await self._clock.sleep(jittered(self._failures, self._policy.first_pause, self._policy.longest_pause))

    def opened(self) -> None:
        """Note that a session opened."""
        self._opened_at = self._clock.monotonic()

    def ended(self) -> None:
        """Note that a session ended; one that lived for long enough clears the count."""
        if self._clock.monotonic() - self._opened_at >= self._policy.settled:
            self._failures = 0
            self._renewed = False

    def failed(self) -> None:
        """Count an attempt that failed, or a session that was lost."""
        self._failures += 1

    def renew(self) -> bool:
        """Whether another token is worth an attempt; true once in a row."""
        renewed, self._renewed = self._renewed, True
        return not renewed

    def start_probes(self) -> None:
        """Set the first probe, unless one is still to come."""
        if self._clock.monotonic() >= self._probe_due:
            self._probe_pause = min(self._policy.probe_first, self._policy.probe_every)
            self._probe_due = self._clock.monotonic() + self._probe_pause

    def take_probe(self) -> bool:
        """Whether a probe of the stream is due; the next one comes after twice the pause."""
        if self._clock.monotonic() < self._probe_due:
            return False
        self._probe_pause = min(self._policy.probe_every, 2 * self._probe_pause)
        self._probe_due = self._clock.monotonic() + self._probe_pause
        return True

    async def take_poll(self) -> bool:
        """Wait for the next poll or probe, and say whether a poll is due."""
        if (wait := min(self._poll_due, self._probe_due) - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        if self._clock.monotonic() < self._poll_due:
            return False
        self._poll_due = self._clock.monotonic() + self._policy.poll_every
        return True

    def poll_now(self) -> None:
        """Let a poll be due at once."""
        self._poll_due = self._clock.monotonic()
