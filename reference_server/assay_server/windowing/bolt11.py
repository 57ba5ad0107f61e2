"""The amount of a Lightning invoice, read from its human-readable part (BOLT 11). The data part is not read."""

from __future__ import annotations

import re

PICO_BITCOIN_PER_SATOSHI = 10_000
_MULTIPLIERS = {"": 10**12, "m": 10**9, "u": 10**6, "n": 10**3, "p": 1}
# All bitcoin that there can be is a number of 20 digits in pico-bitcoin.
_HUMAN_READABLE = re.compile(r"lnbc(?:([0-9]{1,20})([munp]?))?")


class InvoiceUnreadable(ValueError):
    """The invoice is not one of the Bitcoin main network, or its amount is malformed."""


def satoshi_of(invoice: str) -> int:
    """Return the amount in whole satoshi, rounded down; an invoice without amount is one of 0.

    The human-readable part ends before the last `1`, since no data part has that character.

    >>> satoshi_of("lnbc19990p1pvjluez"), satoshi_of("lnbc1pvjluez")
    (1, 0)
    """
    # Bech32 is written in one case; a QR code holds it in capitals.
    written = invoice.lower() if invoice.isupper() else invoice
    human_readable, separator, _ = written.rpartition("1")
    match = _HUMAN_READABLE.fullmatch(human_readable)
    if not separator or match is None:
        raise InvoiceUnreadable(f"expected an invoice that starts with lnbc and an amount, got {invoice[:20]!r}")
    digits, multiplier = match.groups()
    return 0 if digits is None else int(digits) * _MULTIPLIERS[multiplier] // PICO_BITCOIN_PER_SATOSHI
