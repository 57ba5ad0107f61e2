"""Frames of a WebSocket: each message is framed once, however many sessions get it."""

from __future__ import annotations


def framed(text: bytes) -> bytes:
    """One unmasked text frame (RFC 6455, 5.2)."""
    length = len(text)
    if length < 126:
        return b"\x81" + length.to_bytes(1, "big") + text
    if length < 65536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + text
    return b"\x81\x7f" + length.to_bytes(8, "big") + text
