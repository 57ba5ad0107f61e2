"""A channel's `x-progress` as terms to read frames by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Channel
from assay_contracts.json_types import is_mapping

from assay_conformance.body_values import at, duration, number_at
from assay_conformance.evidence import FeedSession, Frame

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """The terms of one channel."""

    spec: Mapping[str, Any]

    def states(self, session: FeedSession) -> list[Frame]:
        """The messages of a session that have the state of the job."""
        return [frame for frame in session.received if at(frame.json, f"/{self.spec['type']}") == self.spec["message"]]

    def state(self, frame: Frame) -> Any:
        """The state of the job by a message."""
        return at(frame.json, self.spec["state"])

    def progress(self, frame: Frame) -> int | float | None:
        """The progress of the job by a message."""
        return number_at(frame.json, self.spec["progress"])

    def is_final(self, frame: Frame) -> bool:
        """Whether no message follows."""
        return self.state(frame) in self.spec["final"]

    def codes(self, when: str) -> list[int]:
        """The close codes of a reason."""
        return [int(code) for code, entry in self.spec.get("close", {}).items() if entry["when"] == when]

    @property
    def beat(self) -> float | None:
        """The longest time between two heartbeats in seconds; None where none are promised."""
        heartbeat = self.spec.get("heartbeat")
        return duration(heartbeat["every"]) / MICROSECONDS if is_mapping(heartbeat) else None


def progress_of(channel: Channel) -> Progress | None:
    """The terms of a channel; None for one that follows no job."""
    spec = channel.annotations.get("x-progress")
    return Progress(spec) if is_mapping(spec) else None
