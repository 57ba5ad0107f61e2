"""Envelopes: what is signed is what is read, and not one byte of an envelope can change."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from assay_signing import Envelope, SignatureInvalid, countersigned, envelope_bytes, new_key, read_envelope, signed, signers

PAYLOAD = b'{"said":"so"}\n'


def test_an_envelope_comes_back_as_it_was_written() -> None:
    """With its payload and its signer."""
    key = new_key()
    envelope = read_envelope(envelope_bytes(signed(PAYLOAD, key)))

    assert envelope.payload == PAYLOAD
    assert signers(envelope) == (key.id,)


def test_what_is_signed_is_the_encoding_of_dsse() -> None:
    """The example of the DSSE protocol: `DSSEv1`, the lengths, the type and the body."""
    key = new_key()
    envelope = signed(b"hello world", key, "http://example.com/HelloWorld")

    assert envelope.signatures[0].value == key.sign(b"DSSEv1 29 http://example.com/HelloWorld 11 hello world")


def test_a_second_signer_is_added() -> None:
    """Both must hold, in order; a key signs once."""
    first, second = new_key(), new_key()
    envelope = countersigned(signed(PAYLOAD, first), second)

    assert signers(read_envelope(envelope_bytes(envelope))) == (first.id, second.id)
    with pytest.raises(SignatureInvalid, match="already"):
        countersigned(envelope, first)


def test_a_payload_is_never_taken_for_one_of_another_type() -> None:
    """The type is part of what is signed."""
    envelope = signed(PAYLOAD, new_key())

    with pytest.raises(SignatureInvalid):
        signers(Envelope(envelope.payload, "application/json", envelope.signatures))


def test_nobody_signed_is_invalid() -> None:
    """An empty list of signatures is not a list of valid ones."""
    with pytest.raises(SignatureInvalid, match="none"):
        signers(Envelope(PAYLOAD, "application/json", ()))
    envelope = signed(PAYLOAD, new_key())
    with pytest.raises(SignatureInvalid, match="each key"):
        signers(Envelope(PAYLOAD, envelope.payload_type, envelope.signatures * 2))


def changed_members() -> list[Any]:
    """Envelopes that say the same in another form, or nothing."""
    good: dict[str, Any] = json.loads(envelope_bytes(signed(PAYLOAD, new_key())))
    return [
        json.dumps(good).encode(),
        json.dumps(good | {"more": 1}, sort_keys=True, separators=(",", ":")).encode() + b"\n",
        json.dumps(good | {"payload": good["payload"] + "!"}).encode(),
        json.dumps(good | {"signatures": None}).encode(),
        json.dumps(good | {"signatures": [1]}).encode(),
        json.dumps(
            good | {"signatures": [{"keyid": "\ud800", "sig": base64.b64encode(b"x").decode()}]}, sort_keys=True, separators=(",", ":")
        ).encode()
        + b"\n",
        b"[]",
        b"",
        b"\xff",
        b"[" * 100_000,
    ]


@pytest.mark.parametrize("data", changed_members())
def test_another_form_is_refused(data: bytes) -> None:
    """Whatever the bytes are, the answer is one error."""
    with pytest.raises(SignatureInvalid):
        read_envelope(data)


def test_no_changed_byte_is_accepted() -> None:
    """Neither of the first signer's part nor of the second's, whoever is trusted."""
    data = envelope_bytes(countersigned(signed(PAYLOAD, new_key()), new_key()))
    chance = random.Random(7)
    accepted: list[bytes] = []
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= chance.randrange(1, 256)
        try:
            signers(read_envelope(bytes(changed)))
        except SignatureInvalid:
            continue
        accepted.append(bytes(changed))

    assert accepted == []
