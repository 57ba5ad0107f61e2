"""Feed mutants that follow from the contract: each member of each message made wrong, each close code exchanged or withheld."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream, streams
from assay_contracts import Contract

from assay_mutants.edits import Change, kebab
from assay_mutants.frames import edited_frame, listed, turned
from assay_mutants.members import corruptions, members
from assay_mutants.model import CloseChange, FeedMutant, FrameChange, State

_CLAUSES = {
    "unauthenticated": "STR-009",
    "tenant-not-allowed": "STR-010",
    "version-not-served": "STR-011",
    "bad-message": "STR-012",
    "going-away": "STR-013",
    "restart": "STR-013",
    "slow-consumer": "STR-014",
}


def derive_feed(contract: Contract) -> tuple[FeedMutant, ...]:
    """Every feed mutant that the contract's streams give rise to, in a fixed order, without two of one id."""
    found: dict[str, FeedMutant] = {}
    for stream in streams(contract):
        for mutant in (*_members(stream), *_values(stream), *_repeats(stream), *_closes(stream)):
            found.setdefault(mutant.id, mutant)
    return tuple(found.values())


def _members(stream: Stream) -> Iterator[FeedMutant]:
    for name in stream.channel.sent:
        for member in members(stream.channel.messages[name].payload):
            for ending, change in corruptions(member):
                yield _mutant(stream, (name, member.pointer, ending), {"CHA-001"}, _editing(stream, name, member.pointer, change))


def _values(stream: Stream) -> Iterator[FeedMutant]:
    """Values that the schema allows, and that are wrong."""
    for member in listed(stream):
        yield _mutant(stream, (stream.delta, member, "is-another"), {"STR-005", "STR-007"}, _turning(stream, member))


def _repeats(stream: Stream) -> Iterator[FeedMutant]:
    for name, clauses in ((stream.snapshot, {"STR-001"}), (stream.delta, {"STR-002"})):
        yield _mutant(stream, ("every", name, "comes-twice"), clauses, _times(stream, name, 2))


def _closes(stream: Stream) -> Iterator[FeedMutant]:
    """Another declared code, a code that nobody declared, or none at all."""
    declared = [code for codes in stream.codes.values() for code in codes]
    for when, codes in stream.codes.items():
        allowed = {code for other in stream.codes if _CLAUSES[other] == _CLAUSES[when] for code in stream.codes[other]}
        wrong = next((code for code in sorted(declared, reverse=True) if code not in allowed), 1002)
        for code in codes:
            for other in (wrong, 1000):
                yield _mutant(stream, ("closes-with", str(other), "instead-of", str(code)), {_CLAUSES[when]}, _same, _exchange(code, other))


def _mutant(stream: Stream, words: Iterable[str], breaks: set[str], change: FrameChange, close: CloseChange | None = None) -> FeedMutant:
    return FeedMutant(kebab(stream.channel.id, *words), stream.channel.id, frozenset(breaks), change, close, "derived")


def _editing(stream: Stream, name: str, pointer: str, change: Change) -> FrameChange:
    def fire(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
        return (edited_frame(frame, pointer, change) if stream.kind(frame) == name else frame,)

    return fire


def _turning(stream: Stream, member: str) -> FrameChange:
    def fire(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
        return (turned(frame, stream, member) if stream.kind(frame) == stream.delta else frame,)

    return fire


def _times(stream: Stream, name: str, times: int) -> FrameChange:
    def fire(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
        return (frame,) * times if stream.kind(frame) == name else (frame,)

    return fire


def _exchange(code: int, other: int) -> CloseChange:
    def change(seen: int, contract: Contract, state: State) -> int | None:
        return other if seen == code else seen

    return change


def _same(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    return (frame,)
