"""Nostr events that the kit signs itself: their id (NIP-01) and signature (BIP-340)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson
from assay_contracts import pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.errors import TargetError
from assay_conformance.target import NostrSigner

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The number of points of secp256k1: a private key is below it, and not 0."""


def is_private_key(hexadecimal: str) -> bool:
    """Whether a number in hexadecimal is a private key of secp256k1."""
    return 0 < int(hexadecimal, 16) < ORDER


def signed_body(body: str, operation: str, signer: NostrSigner) -> str:
    """A request body whose events are signed, where the signer knows of events in that operation; any other body as it is.

    Raises `TargetError` where the package that signs is not installed.
    """
    pointer = signer.at.get(operation)
    try:
        parsed: Any = orjson.loads(body) if pointer is not None else None
    except orjson.JSONDecodeError:
        return body
    for _, event in pointers.matches(parsed, pointer) if pointer is not None else ():
        if is_mapping(event) and _can_be_signed(event):
            event.update(sign_event(event, signer.secret.reveal()))
    return body if parsed is None else orjson.dumps(parsed).decode()


def sign_event(event: dict[str, Any], secret: str) -> dict[str, str]:
    """The `pubkey`, `id` and `sig` of an event that this private key signs."""
    try:
        from coincurve import PrivateKey, PublicKeyXOnly
    except ImportError:
        raise TargetError("[signer] nostr needs a package that is not installed: pip install 'assay[nostr]'") from None
    key = PrivateKey.from_hex(secret)
    pubkey = PublicKeyXOnly.from_secret(bytes.fromhex(secret)).format().hex()
    written = json.dumps([0, pubkey, *(event[name] for name in _SIGNED)], ensure_ascii=False, separators=(",", ":"))
    id = hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()
    return {"pubkey": pubkey, "id": id.hex(), "sig": key.sign_schnorr(id, bytes(32)).hex()}


_SIGNED = ("created_at", "kind", "tags", "content")


def _can_be_signed(event: dict[str, Any]) -> bool:
    return all(name in event for name in _SIGNED)
