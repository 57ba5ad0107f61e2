"""The feeds of a contract: which messages came, what stood in them, and how sessions were closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assay_conformance.evidence import FeedSession, Frame
from assay_conformance.evidence.exchanges import NO_JSON
from assay_conformance.stream_terms import stream_of
from assay_conformance.validation import accepts
from assay_contracts import Channel, Contract, Message
from assay_contracts.json_types import is_mapping
from assay_contracts.path_templates import matchable, path_pattern

from assay_drift.bodies import Bodies
from assay_drift.findings import Finding, Kind, Side
from assay_drift.redacting import shown_code, type_of

ORDINARY = frozenset({1000, 1001, 1005, 1006})
"""Close codes of the protocol itself, which say nothing about a contract."""


@dataclass(slots=True)
class _Heard:
    """Everything that was seen of one channel."""

    channel: Channel
    sessions: int = 0
    count: int = 0
    messages: dict[str, Bodies] = field(default_factory=dict[str, Bodies])
    strange: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    closes: Counter[int] = field(default_factory=Counter[int])


class FeedLedger:
    """Takes sessions in and says what drifted. `requests` is whether what the client sent is that of a real one."""

    def __init__(self, contract: Contract, *, requests: bool) -> None:
        self._requests = requests
        self._heard = {channel.id: _Heard(channel) for channel in contract.channels}

    @property
    def sessions(self) -> int:
        """How many sessions opened."""
        return sum(channel.sessions for channel in self._heard.values())

    @property
    def messages(self) -> int:
        """How many messages came."""
        return sum(channel.count for channel in self._heard.values())

    def add(self, session: FeedSession) -> None:
        """One more session; one that did not open says nothing."""
        heard = self._heard.get(session.subject) or self._at(session.request.path)
        if heard is None or session.handshake != 101:
            return
        heard.sessions += 1
        if session.ended_by == "server" and session.close_code is not None:
            heard.closes[session.close_code] += 1
        for frame in session.frames:
            if not frame.sent or self._requests:
                heard.count += 1
                _take(heard, frame)

    def findings(self) -> Iterator[Finding]:
        """What stands alone on either side."""
        for id, heard in self._heard.items():
            channel = heard.channel
            if not heard.sessions:
                yield Finding(Side.NEVER_SEEN, Kind.OPERATION, id, f"channel {channel.address}")
                continue
            for (name, example), count in heard.strange.items():
                yield Finding(Side.UNDOCUMENTED, Kind.MESSAGE, id, name, "", count, example)
            for name in dict.fromkeys((*channel.sent, *(channel.received if self._requests else ()))):
                if name not in heard.messages:
                    yield Finding(Side.NEVER_SEEN, Kind.MESSAGE, id, name)
            for name, bodies in heard.messages.items():
                yield from bodies.findings(id, name)
            yield from _closes(heard)

    def _at(self, path: str) -> _Heard | None:
        for heard in self._heard.values():
            if path_pattern(heard.channel.address).fullmatch(matchable(path)):
                return heard
        return None


def _take(heard: _Heard, frame: Frame) -> None:
    channel = heard.channel
    names = channel.received if frame.sent else channel.sent
    value = frame.json
    if value is NO_JSON:
        heard.strange["(no JSON)", "binary" if frame.binary else "text"] += 1
        return
    message = message_of(channel, [channel.messages[name] for name in names if name in channel.messages], value)
    if message is None:
        kind = kind_of_message(channel, value)
        heard.strange[f"(unnamed {type_of(value)})" if kind is None else shown_code(kind), "from the client" if frame.sent else ""] += 1
        return
    if message.name not in heard.messages:
        heard.messages[message.name] = Bodies(message.payload, sent=frame.sent)
    heard.messages[message.name].add(frame.text, value)


def message_of(channel: Channel, messages: list[Message], value: Any) -> Message | None:
    """The message that a frame is: the one that it names itself, else the one whose schema or whose constants it has."""
    kind = kind_of_message(channel, value)
    named = next((message for message in messages if message.name == kind), None)
    return (
        named
        or next((message for message in messages if _fits(message, value)), None)
        or next((message for message in messages if _constants(message.payload, value)), None)
    )


def _fits(message: Message, value: Any) -> bool:
    try:
        return accepts(message.payload, value)
    except ValueError:
        return False


def kind_of_message(channel: Channel, value: Any) -> Any:
    """What a frame says that it is: the value of the property that names its type."""
    stream = stream_of(channel)
    member = "type" if stream is None else stream.type
    return value.get(member) if is_mapping(value) else None


def _constants(payload: Any, value: Any) -> bool:
    """Whether a value has every constant of the schema's members, and there is one."""
    definitions = payload.get("$defs", {})
    reference = payload.get("$ref", "")
    schema = definitions.get(reference.removeprefix("#/$defs/"), payload) if reference else payload
    fixed = {name: child["const"] for name, child in schema.get("properties", {}).items() if is_mapping(child) and "const" in child}
    return bool(fixed) and is_mapping(value) and all(value.get(name) == constant for name, constant in fixed.items())


def _closes(heard: _Heard) -> Iterator[Finding]:
    stream = stream_of(heard.channel)
    if stream is None:
        return
    declared = {code for codes in stream.codes.values() for code in codes}
    for code, count in heard.closes.items():
        if code not in declared and code not in ORDINARY:
            yield Finding(Side.UNDOCUMENTED, Kind.CLOSE, heard.channel.id, str(code), "", count)
    for code in sorted(declared - set(heard.closes)):
        yield Finding(Side.NEVER_SEEN, Kind.CLOSE, heard.channel.id, str(code))
