"""A channel's `x-stream` as terms to read frames by, and the state that a session's frames add up to.

Reading never fails: what is malformed is left out here and found by the clauses about shape, so that one wrong frame is one finding.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from assay_contracts import Channel, Contract, Operation, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.entities import comparable, named_properties
from assay_conformance.evidence import Exchange, FeedSession, Frame

Entity = Mapping[str, Any]
State = dict[str, Entity]


@dataclass(frozen=True, slots=True)
class Stream:
    """The terms of one channel. Pointers lead to their place in a message; `codes` maps what brings a close about to its codes."""

    channel: Channel
    type: str
    snapshot: str
    state: str
    identity: str
    delta: str
    changes: str
    updated: str | None
    sequence: str
    step: int
    epoch: str | None
    heartbeat: str | None
    every: float
    beat: str | None
    tenant: str | None
    echo: tuple[str, ...]
    version_header: str | None
    version: str | None
    resync: str | None
    resume: str | None
    codes: Mapping[str, tuple[int, ...]]
    within: float = 0.0
    """How many seconds a snapshot may be held back for a client that resumes."""
    properties: frozenset[str] | None = None
    """The properties of an entity that the contract names; None where it names none."""

    def kind(self, frame: Frame) -> str | None:
        """The name that a frame's message gives itself."""
        message = frame.json
        found = message.get(self.type) if isinstance(message, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return found if isinstance(found, str) else None

    def number(self, frame: Frame) -> int | None:
        """The sequence number of a message."""
        return whole(at(frame.json, self.sequence))

    def epoch_of(self, message: Any) -> str | None:
        """The epoch that a message states, of which only equality counts; None where the contract or the message has none."""
        found = None if self.epoch is None else at(message, self.epoch)
        return None if found is None or found is pointers.MISSING else repr(found)

    def entities(self, items: Any) -> State:
        """A list of entities by their identity; the last of two with one identity counts."""
        found: State = {}
        for item in items if is_list(items) else ():
            if is_mapping(item) and isinstance(item.get(self.identity), str | int):
                found[str(item[self.identity])] = comparable(item, self.properties)
        return found

    def code(self, when: str) -> str:
        """The declared close code for one reason, as a driver expects it; `any` when none is declared."""
        codes = self.codes.get(when, ())
        return str(codes[0]) if codes else "any"


@dataclass(frozen=True, slots=True)
class Step:
    """One delta of a session: its number, the entities that it changes, when it arrived."""

    number: int
    changes: State
    at: float


@dataclass(frozen=True, slots=True)
class History:
    """What a session told: where it began, and each step after it, all of one epoch."""

    start: int
    state: State
    steps: tuple[Step, ...] = field(default=())
    epoch: str | None = None

    def joins(self, other: History) -> bool:
        """Whether the numbers of another session can be compared with those of this one."""
        return self.epoch == other.epoch

    @property
    def last(self) -> int:
        """The sequence number that the session has come to."""
        return self.steps[-1].number if self.steps else self.start

    def at(self, number: int) -> State | None:
        """The state as of a sequence number; None where the session does not know it."""
        if not self.start <= number <= self.last:
            return None
        state = dict(self.state)
        for step in self.steps:
            if step.number > number:
                break
            state.update(step.changes)
        return state

    def after(self, number: int) -> tuple[Step, ...]:
        """The steps that follow a sequence number."""
        return tuple(step for step in self.steps if step.number > number)


def stream_of(channel: Channel) -> Stream | None:
    """The terms of a channel, or None when it is no stream."""
    terms = channel.annotations.get("x-stream")
    if not is_mapping(terms):
        return None
    heartbeat, tenancy = terms.get("heartbeat", {}), terms.get("tenancy", {})
    version = terms.get("schemaVersion", {})
    codes: dict[str, tuple[int, ...]] = {}
    for code, declared in sorted(terms.get("close", {}).items()):
        codes[declared["when"]] = (*codes.get(declared["when"], ()), int(code))
    return Stream(
        channel=channel,
        type=terms["type"],
        snapshot=terms["snapshot"]["message"],
        state=terms["snapshot"]["state"],
        identity=terms["snapshot"]["identity"],
        delta=terms["delta"]["message"],
        changes=terms["delta"]["changes"],
        updated=terms["delta"].get("updated"),
        sequence=terms["sequence"]["at"],
        step=terms["sequence"]["step"],
        epoch=terms["sequence"].get("epoch"),
        heartbeat=heartbeat.get("message"),
        every=_seconds(heartbeat.get("every", "PT0S")),
        beat=heartbeat.get("at"),
        tenant=tenancy.get("parameter"),
        echo=tuple(tenancy.get("echo", ())),
        version_header=version.get("header"),
        version=version.get("at"),
        resync=terms.get("resync", {}).get("operation"),
        resume=terms.get("resume", {}).get("message"),
        codes=codes,
        within=_seconds(terms.get("resume", {}).get("within", "PT0S")),
        properties=_properties(channel, terms),
    )


def _properties(channel: Channel, terms: Mapping[str, Any]) -> frozenset[str] | None:
    """The properties of the entities of a stream, in its snapshots and in its deltas."""
    places = ((terms["snapshot"]["message"], terms["snapshot"]["state"]), (terms["delta"]["message"], terms["delta"]["changes"]))
    found = [named_properties(channel.messages[name].payload, f"{pointer}/*") for name, pointer in places if name in channel.messages]
    return frozenset(name for names in found for name in names or ()) or None


def streams(contract: Contract) -> tuple[Stream, ...]:
    """The terms of every stream of a contract."""
    return tuple(found for channel in contract.channels if (found := stream_of(channel)) is not None)


def stream_named(contract: Contract, subject: str) -> Stream:
    """The terms of the channel that a clause is promised for."""
    found = stream_of(contract.channel(subject))
    if found is None:
        raise ValueError(f"{subject} carries no x-stream")
    return found


def resync_of(contract: Contract, stream: Stream) -> Operation | None:
    """The operation that answers the same state over HTTP, when it is declared and says where."""
    found = next((item for item in contract.operations if item.id == stream.resync), None)
    return found if found is not None and "x-snapshot" in found.annotations else None


def epoch_of_state(exchange: Exchange, operation: Operation) -> str | None:
    """The epoch that the state over HTTP states; None where the contract or the response has none."""
    pointer = operation.annotations["x-snapshot"].get("epoch")
    found = None if pointer is None else at(exchange.answer.json, pointer)
    return None if found is None or found is pointers.MISSING else repr(found)


def history(session: FeedSession, stream: Stream) -> History | None:
    """What a session told, from its first snapshot on; None when it has none. A later snapshot replaces the state."""
    return session.once(stream, _history)


def _history(session: FeedSession, stream: Stream) -> History | None:
    read: History | None = None
    steps: list[Step] = []
    for frame in session.received:
        kind, number = stream.kind(frame), stream.number(frame)
        if number is None:
            continue
        if kind == stream.snapshot and read is None:
            read = History(number, stream.entities(at(frame.json, stream.state)), epoch=stream.epoch_of(frame.json))
        elif kind == stream.delta and read is not None:
            steps.append(Step(number, stream.entities(at(frame.json, stream.changes)), frame.at))
    return None if read is None else replace(read, steps=tuple(steps))


def of_kind(session: FeedSession, stream: Stream, kind: str | None) -> Iterator[Frame]:
    """The frames of the server that are messages of one kind."""
    return (frame for frame in session.received if kind is not None and stream.kind(frame) == kind)


def last_number(frames: Sequence[Frame], stream: Stream) -> int | None:
    """The sequence number of the last message that has one."""
    return next((number for frame in reversed(frames) if (number := stream.number(frame)) is not None), None)


def difference(left: Mapping[str, Entity], right: Mapping[str, Entity]) -> str:
    """The first difference between two states in a few words, empty when they agree. Members that only one side has do not count."""
    for name in sorted({*left, *right}):
        if name not in left or name not in right:
            return f"{name} is {'missing' if name not in right else 'there besides'}"
        one, two = left[name], right[name]
        for member in one:
            if member in two and one[member] != two[member]:
                return f"{name} has {member} {two[member]!r} instead of {one[member]!r}"
    return ""


def at(value: Any, pointer: str) -> Any:
    """What a pointer leads to, or `pointers.MISSING`."""
    for token in _tokens(pointer):
        value = pointers.step(value, token)
        if value is pointers.MISSING:
            break
    return value


_tokens = lru_cache(maxsize=256)(pointers.split)


def whole(value: Any) -> int | None:
    """A whole number, or None; a boolean is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: Any) -> dt.datetime | None:
    """A time with its offset, or None."""
    try:
        found = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"PT([0-9]+)S", duration)
    return float(found[1]) if found else 0.0
