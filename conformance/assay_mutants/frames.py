"""How a feed mutant changes a frame: its document, one place in it, its number. What needs no change comes back as the very same object."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import orjson
from assay_conformance.evidence import Frame
from assay_conformance.stream_terms import Stream, streams
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_mapping

from assay_mutants.edits import Change, Which, edit

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
