"""DSSE envelopes (Dead Simple Signing Envelope, version 1.0.2) around a payload, with one signature or several.

An envelope has one form in bytes, and every signature in it must hold: a changed byte anywhere makes it invalid, whoever signed.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from assay_contracts import DocumentMalformed, canonical_bytes
from assay_contracts.json_types import is_list, is_mapping

from assay_signing.errors import SignatureInvalid
from assay_signing.keys import KeyId, SigningKey, holds

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of one key: its id, and 64 bytes."""

    key: KeyId
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload of bytes, its media type, and the signatures of it, the first by whoever issued it."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]


def signed(payload: bytes, key: SigningKey, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """An envelope with one signature."""
    return Envelope(payload, payload_type, (Signature(key.id, key.sign(_encoded(payload_type, payload))),))


def countersigned(envelope: Envelope, key: SigningKey) -> Envelope:
    """The same envelope with one more signature of the same payload.

    Raises `SignatureInvalid` where a signature does not hold already, or the key has signed before.
    """
    if key.id in signers(envelope):
        raise SignatureInvalid(f"the envelope is signed by {key.id} already", expected="the key of somebody else")
    return Envelope(
        envelope.payload,
        envelope.payload_type,
        (*envelope.signatures, Signature(key.id, key.sign(_encoded(envelope.payload_type, envelope.payload)))),
    )


def signers(envelope: Envelope) -> tuple[KeyId, ...]:
    """The keys that signed, in order.

    Raises `SignatureInvalid` where there is no signature, where a key signed twice, or where one signature of them does not hold.
    """
    data = _encoded(envelope.payload_type, envelope.payload)
    found: list[KeyId] = []
    for number, signature in enumerate(envelope.signatures, start=1):
        if not holds(signature.key, signature.value, data):
            raise SignatureInvalid(
                f"signature {number} of {len(envelope.signatures)}", expected=f"one that {signature.key} made of this payload"
            )
        if signature.key in found:
            raise SignatureInvalid(f"signature {number} of {len(envelope.signatures)}", expected="one signature of each key")
        found.append(signature.key)
    if not found:
        raise SignatureInvalid("the envelope", expected="a signature", actual="none")
    return tuple(found)


def envelope_bytes(envelope: Envelope) -> bytes:
    """The envelope as a JSON object with sorted keys and a newline at the end: the one form that `read_envelope` takes."""
    return canonical_bytes(
        {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [{"keyid": item.key, "sig": base64.b64encode(item.value).decode()} for item in envelope.signatures],
        }
    )


def is_envelope(value: object) -> bool:
    """Whether a JSON value is meant as an envelope, valid or not."""
    return is_mapping(value) and "payload" in value and "signatures" in value


def read_envelope(data: bytes) -> Envelope:
    """Read what `envelope_bytes` wrote, without checking the signatures: `signers` does.

    Raises `SignatureInvalid` for anything else, also where only spaces, the order of keys or unknown members differ.
    """
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SignatureInvalid("the envelope", expected="a JSON object", actual=f"{type(error).__name__}: {error}") from None
    if not is_envelope(value):
        raise SignatureInvalid("the envelope", expected="a JSON object with payload, payloadType and signatures")
    rows = value["signatures"]
    try:
        envelope = Envelope(
            _decoded(value["payload"]),
            str(value["payloadType"]),
            tuple(Signature(KeyId(str(row["keyid"])), _decoded(row["sig"])) for row in (rows if is_list(rows) else ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SignatureInvalid(
            "the envelope", expected="payload and signatures in base64", actual=f"{type(error).__name__}: {error}"
        ) from None
    if not _is_written_as(envelope, data):
        raise SignatureInvalid("the envelope", expected="the canonical form, without other members, spaces or padding")
    return envelope


def _is_written_as(envelope: Envelope, data: bytes) -> bool:
    try:
        return envelope_bytes(envelope) == data
    except DocumentMalformed:  # a lone surrogate, which no UTF-8 file can hold
        return False


def _encoded(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding, so that a payload of one type is never taken for one of another."""
    name = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
