"""Signatures of statements: ed25519 keys, and DSSE envelopes around what is signed.

It knows nothing of contracts or certificates: bytes go in, an envelope comes out.
"""

from assay_signing.envelope import PAYLOAD_TYPE, Envelope, Signature, countersigned, envelope_bytes, read_envelope, signed, signers
from assay_signing.errors import KeyUnusable, SignatureInvalid
from assay_signing.keys import KeyId, SigningKey, new_key, read_key_id, read_signing_key, write_key

__all__ = [
    "PAYLOAD_TYPE",
    "Envelope",
    "KeyId",
    "KeyUnusable",
    "Signature",
    "SignatureInvalid",
    "SigningKey",
    "countersigned",
    "envelope_bytes",
    "new_key",
    "read_envelope",
    "read_key_id",
    "read_signing_key",
    "signed",
    "signers",
    "write_key",
]
