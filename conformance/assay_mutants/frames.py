"""How a feed mutant changes a frame: its document, one place in it, its number. What needs no change comes back as the very same object."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream, streams
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_mapping

from assay_mutants.edits import Change, Which, edit
from assay_mutants.members import members

_STREAMS: dict[str, tuple[Stream, ...]] = {}


def stream_of_frame(frame: Frame, contract: Contract) -> Stream | None:
    """The stream that declares a frame's message, or None."""
    if contract.digest not in _STREAMS:
        _STREAMS[contract.digest] = streams(contract)
    return next((stream for stream in _STREAMS[contract.digest] if stream.kind(frame) in stream.channel.messages), None)


def with_text(frame: Frame, text: str, *, binary: bool = False) -> Frame:
    """The frame with another payload."""
    return dataclasses.replace(frame, text=text, binary=binary)


def with_document(frame: Frame, document: Any) -> Frame:
    """The frame with another JSON document."""
    return with_text(frame, orjson.dumps(document).decode())


def edited_frame(frame: Frame, pointer: str, change: Change, which: Which = "last") -> Frame:
    """The frame with what the pointer leads to changed in its first, its last or every place."""
    try:
        document = orjson.loads(frame.text)
    except orjson.JSONDecodeError:
        return frame
    return with_document(frame, document) if edit(document, pointer, change, which) else frame


def with_member(frame: Frame, pointer: str, value: Any) -> Frame:
    """The frame with one member set, whether it was there or not."""
    document = orjson.loads(frame.text)
    above, _, _ = pointer.rpartition("/")
    holder = pointers.follow(document, above)
    if not is_mapping(holder) or holder.get(pointers.split(pointer)[-1]) == value:
        return frame
    holder[pointers.split(pointer)[-1]] = value
    return with_document(frame, document)


def renumbered(frame: Frame, stream: Stream, change: Callable[[int], int]) -> Frame:
    """The frame with another sequence number."""
    return edited_frame(frame, stream.sequence, lambda number: change(number) if isinstance(number, int) else number)


def turned(frame: Frame, stream: Stream, name: str | None = None) -> Frame:
    """The delta with a member of its entities turned to the next value that the schema lists: the first such member, or the one named."""
    for member, values in listed(stream).items():
        if name in (None, member):
            return edited_frame(frame, f"{stream.changes}/*/{member}", partial(_next, values), "all")
    return frame


def listed(stream: Stream) -> dict[str, list[Any]]:
    """The members of a changed entity whose values the schema lists."""
    schema = stream.channel.messages[stream.delta].payload
    found: dict[str, list[Any]] = {}
    for member in members(schema):
        own = member.schema
        while "$ref" in own:
            own = pointers.follow({"$defs": member.schema["$defs"]}, own["$ref"])
        prefix = f"{stream.changes}/*/"
        if member.pointer.startswith(prefix) and len(own.get("enum", ())) > 1 and "/" not in member.pointer.removeprefix(prefix):
            found[member.pointer.removeprefix(prefix)] = list(own["enum"])
    return found


def _next(values: list[Any], value: Any) -> Any:
    return values[(values.index(value) + 1) % len(values)] if value in values else value
