"""What recorded sessions of feeds need of an AsyncAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assay_conformance.evidence import FeedSession, Frame
from assay_conformance.evidence.exchanges import NO_JSON
from assay_conformance.stream_terms import stream_of
from assay_contracts import Channel, Contract, pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.path_templates import matchable, path_pattern

from assay_drift.feed import ORDINARY, kind_of_message, message_of
from assay_drift.redacting import shown_code, shown_path, type_of
from assay_drift.repair.bodies import Schemas
from assay_drift.repair.needs import Need, Needs, Unexpressed, Witness
from assay_drift.repair.places import below, landed
from assay_drift.repair.rejections import shown_place


def payload_pointer(document: dict[str, Any], channel: str, message: str) -> str:
    """Where the schema of a message's payload is written, without the name of its format around it."""
    place = below(document, landed(document, below(document, "", "channels", channel, "messages", message)), "payload")
    wrapped = pointers.follow(document, landed(document, place))
    return f"{landed(document, place)}/schema" if is_mapping(wrapped) and "schemaFormat" in wrapped else place


class SessionReader:
    """Reads sessions against one state of a contract; `requests` is whether what clients sent is that of real ones."""

    def __init__(self, contract: Contract, needs: Needs, *, requests: bool) -> None:
        self._contract, self._needs, self._requests = contract, needs, requests
        self._schemas = Schemas(contract.asyncapi or {})
        self.unexpressed: list[Unexpressed] = []
        self.count = 0

    def read(self, sessions: Iterable[FeedSession]) -> list[FeedSession]:
        """Read sessions that opened; returns those that need anything."""
        wanting: list[FeedSession] = []
        for session in sessions:
            channel = self._channel(session)
            if channel is None or session.handshake != 101:
                continue
            self.count += 1
            before = self._needs.total, len(self.unexpressed)
            for frame in session.frames:
                if not frame.sent or self._requests:
                    self._read(session, channel, frame)
            self._close(session, channel)
            if before != (self._needs.total, len(self.unexpressed)):
                wanting.append(session)
        return wanting

    def _channel(self, session: FeedSession) -> Channel | None:
        by_id = {channel.id: channel for channel in self._contract.channels}
        path = matchable(session.request.path)
        found = (channel for channel in self._contract.channels if path_pattern(channel.address).fullmatch(path))
        return by_id.get(session.subject) or next(found, None)

    def _read(self, session: FeedSession, channel: Channel, frame: Frame) -> None:
        names, value = channel.received if frame.sent else channel.sent, frame.json
        if value is NO_JSON:
            self._leave(session, channel, "a frame is no JSON")
            return
        message = message_of(channel, [channel.messages[name] for name in names if name in channel.messages], value)
        if message is None:
            kind = kind_of_message(channel, value)
            name = f"an unnamed {type_of(value)}" if kind is None else shown_code(kind)
            self._leave(session, channel, f"the channel has no message {name}: describe it by hand")
            return
        pointer = payload_pointer(self._schemas.document, channel.id, message.name)
        if pointers.follow(self._schemas.document, pointer) is pointers.MISSING:
            return
        for rejection in self._schemas.at(pointer, sent=frame.sent).rejections(value):
            place, seen = shown_place(rejection.path), type_of(rejection.value)
            witness = _witness(session, channel, f"message {message.name}", place, seen)
            if rejection.change is None:
                self.unexpressed.append(Unexpressed(channel.id, f"{rejection.name} at {rejection.pointer} rejects it", witness))
            else:
                need = Need("asyncapi", rejection.change, rejection.pointer, rejection.name)
                self._needs.add(need, rejection.value, channel.id, witness)

    def _close(self, session: FeedSession, channel: Channel) -> None:
        stream = stream_of(channel)
        if stream is None or session.ended_by != "server" or session.close_code is None:
            return
        declared = {code for codes in stream.codes.values() for code in codes}
        if session.close_code not in declared | ORDINARY:
            self._leave(session, channel, f"the stream declares no close code {session.close_code}")

    def _leave(self, session: FeedSession, channel: Channel, reason: str) -> None:
        self.unexpressed.append(Unexpressed(channel.id, reason, _witness(session, channel, "frames", "", "")))


def _witness(session: FeedSession, channel: Channel, response: str, place: str, seen: str) -> Witness:
    return Witness(session.id, f"{session.request.method} {shown_path(session.request.path)} (channel {channel.id})", response, place, seen)
