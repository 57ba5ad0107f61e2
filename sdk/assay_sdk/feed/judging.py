"""Which messages of a feed are used: those of the contract, of its version and of the tenant that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError as SchemaError

from assay_sdk.declarations import Declared
from assay_sdk.feed.stream import Reading, Stream
from assay_sdk.payloads import parsed, read_body, text_at
from assay_sdk.telemetry import DropReason

M = TypeVar("M")
S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Judged(Generic[M, E]):
    """A message that is used, with what the stream sees in it."""

    message: M
    reading: Reading[E]


def judge_message(stream: Stream[M, S, E, Any], contract: Declared, tenant: str | None, body: bytes) -> Judged[M, E] | DropReason:
    """The message of a frame, or why it is dropped."""
    try:
        message = read_body(stream.decode, body)
    except SchemaError:
        return _fault(stream, contract, body)
    reading = stream.read(message)
    if tenant is not None and reading.tenant is not None and reading.tenant != tenant:
        return "foreign-tenant"
    if reading.version is not None and not contract.accepts(reading.version):
        return "incompatible-version"
    return Judged(message, reading)


def _fault(stream: Stream[M, S, E, Any], contract: Declared, body: bytes) -> DropReason:
    payload = parsed(body)
    version = text_at(payload, contract.version_at)
    if version is not None and not contract.accepts(version):
        return "incompatible-version"
    kind = text_at(payload, stream.type_at)
    # A later minor version may add kinds of messages; one that is not known breaks nothing.
    return "unknown-type" if kind is not None and kind not in stream.kinds else "broken-schema"
