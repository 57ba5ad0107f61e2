"""Channels that send something other than one declared message in one text frame."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from assay_conformance.evidence import Frame
from assay_contracts import Contract

from assay_mutants.frames import edited_frame, stream_of_frame, with_text
from assay_mutants.model import State, feed_mutant


@feed_mutant(breaks={"CHA-001"})
def every_message_is_of_a_type_that_nobody_declared(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The member that names the message names one that the contract does not know."""
    stream = stream_of_frame(frame, contract)
    return (frame if stream is None else edited_frame(frame, f"/{stream.type}", lambda _: "assay-undeclared"),)


@feed_mutant(breaks={"CHA-001"})
def every_message_stands_in_a_list(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Messages come as a batch of one."""
    return (with_text(frame, f"[{frame.text}]"),)


@feed_mutant(breaks={"CHA-001"})
def a_message_of_a_type_that_nobody_declared_comes_besides(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """A greeting follows the first message."""
    if state.setdefault("greeted", False):
        return (frame,)
    state["greeted"] = True
    return (frame, with_text(frame, '{"type":"assay-welcome"}'))


@feed_mutant(breaks={"CHA-003"})
def every_frame_is_binary(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The same bytes, in binary frames."""
    return (with_text(frame, frame.text, binary=True),)


@feed_mutant(breaks={"CHA-003"})
def every_frame_holds_its_document_twice(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Two documents, one under the other."""
    return (with_text(frame, f"{frame.text}\n{frame.text}"),)


@feed_mutant(breaks={"CHA-003"})
def every_frame_has_something_after_its_document(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """A semicolon is left over."""
    return (with_text(frame, f"{frame.text};"),)


@feed_mutant(breaks={"CHA-003"})
def every_frame_is_cut_short(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The last character of the document is missing."""
    return (with_text(frame, frame.text[:-1]),)


@feed_mutant(breaks={"CHA-003"})
def an_empty_frame_comes_after_the_first(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """A frame without anything in it."""
    if state.setdefault("sent", False):
        return (frame,)
    state["sent"] = True
    return (frame, with_text(frame, ""))


@feed_mutant(breaks={"CHA-003"})
def every_frame_holds_text_that_holds_the_document(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """The document is encoded twice, and then stands between angle brackets."""
    return (with_text(frame, f"<{orjson.dumps(frame.text).decode()}>"),)
