"""Signatures of Nostr events (BIP-340), by the library of Bitcoin itself."""

from __future__ import annotations

from coincurve import PublicKeyXOnly

from assay_server.windowing.events import NostrEvent


def verify(event: NostrEvent) -> bool:
    """Whether the signature over the id is that of the author; a key that is no point of the curve signs nothing."""
    try:
        return PublicKeyXOnly(bytes.fromhex(event.pubkey)).verify(bytes.fromhex(event.sig), bytes.fromhex(event.id))
    except ValueError:
        return False
